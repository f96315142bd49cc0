"""Invented services and what they log. In a template, `{kind}` is where a value is printed; all else never changes.

Held-out services log other things about others in other formats of date and line, on purpose: no template, name or
phrase is in both splits, so that a rule that lists the words of the search logs is worth nothing there.
"""

import random

SEARCH = {
    "gate": (
        "{iso} INFO [gate.net] ",
        "connection from {ip}:{port} accepted",
        "connection from {ip}:{port} closed after {float}s, {int} bytes read",
        "session {uuid} opened for user {user}",
        "session {uuid} ended",
        "user {user} signed in from {ip}",
        "user {user} failed to sign in from {ip}: wrong password",
        "user {user} failed to sign in from {ip}: account locked",
        "request {hex} GET {path} took {float} ms, status {int}",
        "request {hex} POST {path} took {float} ms, status {int}",
        "request {hex} rejected: body of {int} bytes is over the limit of {int}",
        "limit of {int} requests per minute reached by {ip}",
        "certificate of {host} expires in {int} days",
        "worker {int} started with pid {int}",
        "worker {int} stopped, {int} requests left in queue",
        "configuration reloaded from {path}",
        "no route to {host}",
        "terminal {title} registered for user {user}",
        "terminal {title} refused, known ones are [{list}]",
    ),
    "vault": (
        "{syslog} {host} vault[{int}]: ",
        "opened volume {name} at {path}",
        "volume {name} is {int}% full",
        "volume {name} is read only",
        "block {hex} written to {host} and {host}",
        "block {hex} lost, {int} copies left",
        "copying block {hex} from {host} to {host}",
        "snapshot {name} of volume {name} done in {float}s",
        "snapshot {name} of volume {name} failed: {phrase}",
        "removed file {path}, {int} KB freed",
        "checksum of {path} is {hash}, expected {hash}",
        "checked {int} of {int} blocks",
        "heartbeat from {host} is {int} ms late",
        "host {host} is down",
        "host {host} is up again",
        "quota of {user} set to {int} MB",
        "leader is now {host}, term {int}",
        "members of ring {name}: {list}",
        "label {title} written to volume {name}",
    ),
    "mill": (
        "ts={epoch} level=info svc=mill ",
        'job={name} state=queued owner={user} priority={int}',
        'job={name} state=running node={host} attempt={int}',
        'job={name} state=done took={float}s rows={int}',
        'job={name} state=failed code={int} reason="{phrase}"',
        'stage={int} tasks={int} done={int} failed={int}',
        'msg="table {name} has {int} rows in {int} parts"',
        'msg="spilled {int} MB to {path}"',
        'msg="fetched {int} parts from {ip}:{port}"',
        'msg="lost executor" id={int} host={host} cause="{phrase}"',
        'msg="new executor" id={int} host={host} cores={int}',
        'msg="retry in {int} ms" attempt={int}',
        'msg="plan cached" key={hash}',
        'msg="plan dropped" key={hash} age={int}s',
        'mail to={mail} subject="{phrase}" sent={bool}',
        'gc pause={float}ms heap={int}MB',
        'tags=[{list}] job={name}',
    ),
}  # fmt: skip

HOLDOUT = {
    "harbor": (
        "[{clf}] harbor-{int} NOTICE ",
        "ship {title} arrives at berth {int}",
        "ship {title} leaves berth {int} for {host}",
        "ship {title} waits, {int} ahead",
        "crane {int} lifts box {hash} ({int} kg)",
        "crane {int} idle for {int} min",
        "crane {int} fault <{phrase}> reported by {user}",
        "box {hash} cleared by {user}",
        "box {hash} held by {user}: {phrase}",
        "manifest {path} imported, {int} boxes, {int} errors",
        "manifest {path} refused",
        "tide table loaded from {host}:{port}",
        "tide {float} m at {clock}",
        "gate {int} opened for truck {name}",
        "gate {int} closed",
        "invoice {uuid} mailed to {mail}",
        "radio link to {host} lost for {int} s",
    ),
    "choir": (
        "[{uptime}] choir: ",
        "voice {int}: node {host} joins ring {hex}",
        "voice {int}: node {host} leaves ring {hex}",
        "voice {int}: vote for {host} in round {int}",
        "voice {int}: round {int} won by {host} with {int} votes",
        "voice {int}: round {int} has no winner",
        "tune {name} loaded ({int} parts, {float} KB)",
        "tune {name} not found in {path}",
        "packet {int} from {ip}/{int} dropped: {phrase}",
        "packet {int} from {ip}/{int} late by {float} ms",
        "buffer at {hex} grown to {int} pages",
        "buffer at {hex} freed",
        "clock skew {float} ms against {host}",
        "restarting part {int} of {int}, cause: {phrase}",
        "part {int} of {int} is silent",
        "mixer={name} gain={float} muted={bool}",
        "mixer={name} removed",
        "program: {title} by {title}, {int} min",
        "solo={title} listeners=[{list}]",
    ),
    "ledger": (
        "{compact} {int} W ledger/{hex} | ",
        "account {int} of {user} debited {float} EUR",
        "account {int} of {user} credited {float} EUR",
        "account {int} of {user} frozen by {user}",
        "transfer {uuid}: {int} -> {int}, {float} EUR",
        "transfer {uuid}: refused, {phrase}",
        "transfer {uuid}: settled at {clock}",
        "batch {name}: {int} transfers, {int} refused, {float} s",
        "batch {name}: empty",
        "rate {float} for {host} stale since {clock}",
        "index {path} rebuilt (checksum {hash})",
        "index {path} busy, {int} readers",
        "audit by {mail}: {int} findings",
        "audit by {mail}: clean",
        "peer {ip}:{port} speaks version {int}.{int}",
        "peer {ip}:{port} gone",
        "interest run for {int} accounts took {float} s",
        "books {list} closed by {user}",
        "payee {title} is new",
    ),
}  # fmt: skip

WORDS = {
    "search": {
        "users": (
            "ada", "bela", "cem", "dora", "emil", "fenna", "goran", "hana", "ivo", "jun",
            "kofi", "lena", "mei", "nils", "oya", "pia", "quin", "rosa", "sami", "tove",
        ),
        "names": (
            "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "iris", "jade",
            "kelp", "lotus", "maple", "north", "onyx", "pearl",
        ),
        "places": ("north", "south", "east", "west", "lake", "hill", "dune", "reef"),
        "phrases": (
            "disk full", "timed out", "no such key", "connection reset by peer", "out of memory", "wrong version",
            "not allowed", "weekly report", "checksum differs", "too many open files", "bad weight",
            "stopped by operator",
        ),
        "folders": ("var", "srv", "data"),
        "endings": ("log", "csv", "bin"),
    },
    "holdout": {
        "users": (
            "abel", "bruna", "chiara", "dag", "edda", "faro", "greta", "henk", "ines", "jorun",
            "kaya", "lior", "matteo", "noor", "olga", "petra", "rafe", "selma", "timo", "una",
        ),
        "names": (
            "aspen", "basalt", "comet", "dahlia", "eider", "falcon", "garnet", "hazel", "indigo", "juniper",
            "krill", "larch", "marble", "nectar", "opal", "plover",
        ),
        "places": ("upper", "lower", "inner", "outer", "cape", "moor", "fen", "quay"),
        "phrases": (
            "wind above limit", "seal broken", "paper missing", "answer came too late", "no free slot", "stale ticket",
            "denied", "monthly summary", "two copies disagree", "line noise", "unknown sender", "ended from outside",
        ),
        "folders": ("opt", "mnt", "spool"),
        "endings": ("txt", "dat", "xml"),
    },
}  # fmt: skip
"""What users, things, hosts and reasons are called; none of one split is called as one of the other."""

MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


def clock(draw):
    return f"{draw.randrange(24):02}:{draw.randrange(60):02}:{draw.randrange(60):02}"


def hexadecimal(draw, digits):
    return "".join(draw.choice("0123456789abcdef") for _ in range(digits))


def title(draw, words):
    """One to three words with capitals, as ships and pieces of music have."""
    return " ".join(draw.choice(words["names"]).capitalize() for _ in range(draw.randint(1, 3)))


def several(draw, words):
    """One to four names with commas between them: one value, however long."""
    return ", ".join(draw.choice(words["names"]) for _ in range(draw.randint(1, 4)))


def path(draw, words):
    names = words["names"]
    folders = "/".join(draw.choice(names) for _ in range(draw.randint(1, 3)))
    return f"/{draw.choice(words['folders'])}/{folders}/{draw.choice(names)}.{draw.choice(words['endings'])}"


def name(draw, words):
    names = words["names"]
    return draw.choice(names) + draw.choice(("", "", f"-{draw.randrange(100)}", f"_{draw.choice(names)}"))


def host(draw, words):
    return f"{draw.choice(words['places'])}-{draw.randrange(40)}" + draw.choice(("", ".example.net"))


KINDS = {
    "int": lambda draw: str(draw.randrange(10 ** draw.randint(1, 6))),
    "float": lambda draw: f"{draw.uniform(0, 10 ** draw.randint(0, 4)):.{draw.randint(1, 3)}f}",
    "port": lambda draw: str(draw.randrange(1024, 65536)),
    "ip": lambda draw: ".".join(str(draw.randrange(256)) for _ in range(4)),
    "hex": lambda draw: "0x" + hexadecimal(draw, draw.choice((6, 8))),
    "hash": lambda draw: hexadecimal(draw, 16),
    "uuid": lambda draw: "-".join(hexadecimal(draw, size) for size in (8, 4, 4, 4, 12)),
    "bool": lambda draw: draw.choice(("true", "false")),
    "clock": clock,
    "iso": lambda draw: (
        f"2031-{draw.randint(1, 12):02}-{draw.randint(1, 28):02} {clock(draw)},{draw.randrange(1000):03}"
    ),
    "syslog": lambda draw: f"{draw.choice(MONTHS)} {draw.randint(1, 28):2} {clock(draw)}",
    "epoch": lambda draw: f"19{draw.randrange(10**8):08}.{draw.randrange(1000):03}",
    "clf": lambda draw: f"{draw.randint(1, 28):02}/{draw.choice(MONTHS)}/2031:{clock(draw)} +0000",
    "uptime": lambda draw: f"{draw.uniform(0, 99999):12.6f}".strip(),
    "compact": lambda draw: f"31{draw.randint(1, 12):02}{draw.randint(1, 28):02} {clock(draw).replace(':', '')}",
}
"""How a value of each kind is drawn that has nothing to do with words."""

NAMED = {
    "user": lambda draw, words: draw.choice(words["users"]),
    "name": name,
    "host": host,
    "mail": lambda draw, words: f"{draw.choice(words['users'])}@{draw.choice(words['places'])}.example.org",
    "path": path,
    "phrase": lambda draw, words: draw.choice(words["phrases"]),
    "title": title,
    "list": several,
}
"""How a value of each kind is drawn from the words of a split."""


def write(templates, words, seed, lines):
    """Lines of a service as `(text, spans of its values, which template)`, its values called as `words` has it.

    A few templates make most of the lines.
    """
    draw = random.Random(seed)
    head, *bodies = templates
    order = draw.sample(range(len(bodies)), len(bodies))
    weights = [1.0 / (1 + place) for place in range(len(bodies))]
    chosen = order + draw.choices(order, weights, k=lines - len(order))  # each at least once
    draw.shuffle(chosen)
    return [(*fill(head + bodies[which], words, draw), which) for which in chosen]


def fill(template, words, draw):
    """The template with a value in every place, and where the values lie: `(text, [(start, end), ...])`."""
    text, spans = "", []
    for place, piece in enumerate(template.replace("}", "{").split("{")):
        value = piece
        if place % 2:
            value = NAMED[piece](draw, words) if piece in NAMED else KINDS[piece](draw)
            spans.append((len(text), len(text) + len(value)))
        text += value
    return text, spans
