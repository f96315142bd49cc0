"""Scores a cache policy: the cache runs here, on a table of the policy's values, over synthetic traces."""

import random

BLOCKS = 140
REQUESTS = 1000
DRAWN = 6
"""Items looked at for one eviction, as in Redis' sampled policies."""
SOON = 200
"""An eviction is regretted when the item is asked for again within so many requests."""

IDLES = [float(2**power) for power in range(12)]
USES = [float(count) for count in range(1, 9)]
SIZES = [1.0, 2.0, 3.0, 4.0]
MIXES = ((0.85, 0.1), (0.8, 0.15), (0.75, 0.05))
"""Shares of popular items and of scans in each trace; the rest are loops."""


def cases(split):
    """Three traces with other draws and mixes."""
    return [{"trace": trace(f"cache:{split}:{number}", *mix)} for number, mix in enumerate(MIXES)]


def trace(seed, popular, scans):
    """`[item, size]` of every request; Python's own generator gives the same numbers on every machine."""
    draw = random.Random(seed)
    requests, scanned, looped = [], 0, 0
    while len(requests) < REQUESTS:
        kind, shift = draw.random(), len(requests) // 60
        if kind < popular:
            requests += [("p", int(140 * draw.random() ** 4) + shift) for _ in range(6)]
        elif kind < popular + scans:
            requests += [("s", scanned + step) for step in range(12)]
            scanned += 12
        else:
            requests += [("l", (looped + step) % 40) for step in range(10)]
            looped += 10
    return [[f"{kind}{number}", size_of(kind, number)] for kind, number in requests[:REQUESTS]]


def size_of(kind, number):
    """Popular items are of any size, those of loops of 2 blocks, scans of 1 or 2: size alone says little."""
    if kind == "p":
        return 1 + (number * 7919 % 11) % 4
    return 2 if kind == "l" else 1 + number * 104729 % 2


def evaluate(program, case):
    """Percent of misses, the mean size of what was thrown out, and which evictions were regretted."""
    values = read_table(program)
    missed, thrown = run(case["trace"], values)
    regretted = [entry for entry in thrown if entry[3]]
    return {
        "misses": 100.0 * missed / len(case["trace"]),
        "thrown_size": mean([size for _, _, size, _ in thrown]) if thrown else 1.0,
        "feedback": feedback(thrown, regretted),
        "artifacts": {"evictions": report(thrown)},
    }


def read_table(program):
    """`values[idle][uses][size]`, checked."""
    values = program.call("table", IDLES, USES, SIZES)
    if not isinstance(values, list) or len(values) != len(IDLES):
        program.reject("table(idles, uses, sizes) must return nested lists")
    for idle, rows in zip(IDLES, values, strict=True):
        for uses, row in zip(USES, rows, strict=True):
            for size, value in zip(SIZES, row, strict=True):
                if isinstance(value, bool) or not isinstance(value, int | float):
                    program.reject(f"keep({idle:g}, {uses:g}, {size:g}) is {value!r}, not a number")
    return values


def run(requests, values):
    """How many requests missed, and `(idle, uses, size, regretted)` of everything thrown out."""
    draw = random.Random(1)
    held, keys, free, missed = {}, [], BLOCKS, 0
    out, thrown = {}, []
    for now, (item, size) in enumerate(requests):
        entry = held.get(item)
        if entry is not None:
            entry[0], entry[1] = now, min(entry[1] + 1, 7)
            continue
        missed += 1
        if item in out and now - out[item][1] <= SOON:
            thrown[out[item][0]][3] = True
        while free < size:
            key = weakest(held, keys, values, now, draw)
            last, uses, blocks, place = held.pop(key)
            keys[place] = keys[-1]
            if keys[place] != key:
                held[keys[place]][3] = place
            keys.pop()
            free += blocks
            out[key] = (len(thrown), now)
            thrown.append([now - last, uses + 1, blocks, False])
        held[item] = [now, 0, size, len(keys)]
        keys.append(item)
        free -= size
    return missed, thrown


def weakest(held, keys, values, now, draw):
    """Of the items drawn, the one the policy wants to keep least; the first drawn wins a tie."""
    best, least, count, random_ = "", float("inf"), len(keys), draw.random
    for _ in range(DRAWN):
        key = keys[int(random_() * count)]
        last, uses, size, _ = held[key]
        value = values[min((now - last).bit_length() - 1, 11)][uses][size - 1]
        if value < least or not best:
            best, least = key, value
    return best


def mean(values):
    """0 where there are none."""
    return sum(values) / len(values) if values else 0.0


def feedback(thrown, regretted):
    """How evictions that were regretted differ from the others."""
    others = [entry for entry in thrown if not entry[3]]
    share = 100.0 * len(regretted) / len(thrown) if thrown else 0.0
    lines = [f"{share:.0f} % of what was thrown out was asked for again within {SOON} requests."]
    for name, column in (("idle", 0), ("uses", 1), ("size", 2)):
        mine, theirs = mean([each[column] for each in regretted]), mean([each[column] for each in others])
        lines.append(f"Mean `{name}` of these: {mine:.2f}, of the rest: {theirs:.2f}.")
    return "\n".join(lines)


def report(thrown):
    """Share of regretted evictions by uses and size."""
    rows = []
    for uses in (1, 2, 4, 8):
        for size in (1, 2, 3, 4):
            group = [entry for entry in thrown if entry[2] == size and uses / 2 < entry[1] <= uses]
            if group:
                share = mean([float(entry[3]) for entry in group])
                rows.append(f"uses up to {uses}, size {size}: {len(group)} thrown out, {100 * share:.0f} % regretted")
    return "\n".join(rows)
