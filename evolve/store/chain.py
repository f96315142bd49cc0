"""Hash-chained logs: append-only entries, each of which names the one before it by its hash.

The hash of an entry covers the hash before it and every other column, so that a changed, missing, moved or added entry
shows in all that follow. What nothing inside a database can show is that its end was cut off: for that, compare the
last hash with one that was written down elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, Row, cast, func, insert, select

from evolve.errors import DatabaseError
from evolve.store import codec, lease
from evolve.store.models import ChainLink, table_of

CAMPAIGN = "campaign:"
"""What the chain of a campaign is called, before the number of its run."""

START = ""
"""The hash before the first entry."""

_entries = table_of(ChainLink)
_HASHED = ("chain", "seq", "at", "kind", "data")
_dump: Callable[[object], str] = json.JSONEncoder(allow_nan=False, separators=(",", ":"), sort_keys=True).encode


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to append. `data` is plain data of finite numbers; `after` the head of the chain its writer saw."""

    chain: str
    kind: str
    data: Mapping[str, Any]
    after: str


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """An entry as it is stored. `seq` counts from 1; `hash` covers `previous`, the hash of the entry before, and it."""

    chain: str
    seq: int
    at: datetime
    kind: str
    data: Mapping[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class ChainSummary:
    """A chain of the database: how many entries it has, and the hash of the last one, its head."""

    chain: str
    entries: int
    head: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a chain is as it was written.

    `entries` is how many are sound, from the first on, and `head` the hash of the last of those. When it is not `ok`,
    `broken_at` is the number of the first entry that is wrong or missing, and `reason` says what is wrong with it.
    """

    chain: str
    ok: bool
    entries: int
    head: str
    broken_at: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A row with text in place of whatever bytes are there."""

    seq: Any
    columns: Mapping[str, str]


def campaign_chain(run_id: int) -> str:
    """The name of the log of a campaign, by the number of its run."""
    return f"{CAMPAIGN}{run_id}"


# ---------------------------------------------------------------- writing


def append(
    connection: Connection, entries: Sequence[NewEntry], tokens: Mapping[int, str], *, unheld: bool = False
) -> list[ChainEntry]:
    """Add entries in order inside the caller's transaction; `tokens` are those of the leases held, by run.

    Raises DatabaseError when a chain's head is another than the writer saw, RunBusy when the chain is that of a
    campaign whose run is not held (with `unheld`: is held by another live process), and ValueError on data that is
    not plain or not finite.
    """
    for chain in sorted({entry.chain for entry in entries}):  # in this order everywhere, so that no two wait in a ring
        _lock(connection, chain, tokens, unheld)
    return [_append(connection, entry) for entry in entries]


def _append(connection: Connection, entry: NewEntry) -> ChainEntry:
    last = connection.execute(_tail(entry.chain)).one_or_none()
    seq, head = (0, START) if last is None else (int(last.seq), str(last.hash))
    if entry.after != head:
        raise DatabaseError(
            f"the log {entry.chain!r} has moved on: its last entry is {seq} ({_short(head)}) and this process saw "
            f"{_short(entry.after)}; another process wrote to it, so read it again and repeat the command"
        )
    what = f"entry {seq + 1} ({entry.kind!r}) of log {entry.chain!r}"
    text = _dump(_plain(entry.data, what))
    at = datetime.now(UTC)
    columns = {"chain": entry.chain, "seq": seq + 1, "at": _moment(at), "kind": entry.kind, "data": text}
    hashed = digest(head, columns)
    connection.execute(insert(_entries).values(**columns, previous=head, hash=hashed))
    return ChainEntry(entry.chain, seq + 1, at, entry.kind, _unescaped(codec.load_json(text)), head, hashed)


def _lock(connection: Connection, chain: str, tokens: Mapping[int, str], unheld: bool) -> None:
    """Keep other writers of the chain waiting, and see that a campaign's log is written by who holds its run."""
    if chain.startswith(CAMPAIGN):
        number = chain.removeprefix(CAMPAIGN)
        if not (number.isascii() and number.isdigit()):
            raise DatabaseError(f"log {chain!r} belongs to no campaign; it must be called {CAMPAIGN}RUN")
        lease.require(connection, int(number), tokens.get(int(number)), unheld=unheld)
    elif connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        key = int.from_bytes(hashlib.sha256(chain.encode()).digest()[:8], "big", signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(key)))


def digest(previous: str, columns: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the hash before and the canonical JSON of an entry's other columns.

    Canonical: ASCII, keys sorted, no spaces. `data` is put in as the text that is stored, byte for byte.
    """
    head = {name: _dump(columns[name]) for name in _HASHED if name != "data"}
    members = ",".join(f'"{name}":{text}' for name, text in sorted({**head, "data": columns["data"]}.items()))
    return hashlib.sha256(f"{previous}{{{members}}}".encode()).hexdigest()


def _plain(value: Any, what: str) -> Any:
    """A copy as JSON holds it, with text a database can hold. Raises ValueError on anything else."""
    match value:
        case str():
            return codec.escape(str(value))
        case None | bool() | int():
            return value
        case float():
            return codec.finite(value, f"a number in {what}")
        case Mapping():
            if odd := [key for key in value if not isinstance(key, str)]:
                raise ValueError(f"{what} has the key {odd[0]!r}, and only text names a value")
            return {codec.escape(str(key)): _plain(item, what) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item, what) for item in value]
    raise ValueError(f"{what} holds a {type(value).__name__}, and only plain data is stored")


def _unescaped(value: Any) -> Any:
    """The inverse of `_plain`."""
    if isinstance(value, str):
        return codec.unescape(value)
    if isinstance(value, dict):
        return {codec.unescape(key): _unescaped(item) for key, item in value.items()}
    return [_unescaped(item) for item in value] if isinstance(value, list) else value


# ---------------------------------------------------------------- reading


def entries(connection: Connection, chain: str, after: int) -> list[ChainEntry]:
    """The entries of a chain above number `after`, in order. Raises DatabaseError when one cannot be read."""
    query = select(_entries).where(_entries.c.chain == chain, _entries.c.seq > after).order_by(_entries.c.seq)
    return [_entry(row) for row in connection.execute(query)]


def _entry(row: Row[*tuple[Any, ...]]) -> ChainEntry:
    try:
        at, data = datetime.fromisoformat(row.at), _unescaped(json.loads(row.data))
    except ValueError as error:
        raise DatabaseError(
            f"entry {row.seq} of log {row.chain!r} was changed after it was written ({error}); "
            "restore a copy of the database"
        ) from None
    return ChainEntry(row.chain, row.seq, at, row.kind, data, row.previous, row.hash)


def chains(connection: Connection) -> list[ChainSummary]:
    """Every chain there is, by name."""
    ends = select(_entries.c.chain, func.count().label("n"), func.max(_entries.c.seq).label("last"))
    grouped = ends.group_by(_entries.c.chain).subquery()
    tail = (_entries.c.chain == grouped.c.chain) & (_entries.c.seq == grouped.c.last)
    query = select(_entries.c.chain, grouped.c.n, _entries.c.hash).join(grouped, tail).order_by(_entries.c.chain)
    return [ChainSummary(*row) for row in connection.execute(query)]


def head(connection: Connection, chain: str) -> str:
    """The hash of a chain's last entry; `START` before there is one."""
    last = connection.execute(_tail(chain)).one_or_none()
    return START if last is None else str(last.hash)


def _tail(chain: str) -> Any:
    columns = select(_entries.c.seq, _entries.c.hash)
    return columns.where(_entries.c.chain == chain).order_by(_entries.c.seq.desc()).limit(1)


# ---------------------------------------------------------------- verifying


def verify(connection: Connection, chain: str, expected: str = "") -> Verification:
    """Follow a chain from its first entry to its last.

    `expected` is a head that was written down when the log was at least this long, or how it begins: its entry must be
    there.
    """
    sound, before = 0, START
    seen = {START}
    for stored in _stored(connection, chain):
        if reason := _fault(stored, sound + 1, before):
            return Verification(chain, False, sound, before, sound + 1, reason)
        sound, before = sound + 1, stored.columns["hash"]
        seen.add(before)
    missing = "" if any(known.startswith(expected) for known in seen) else expected
    if reason := _cut(connection, before, missing):
        return Verification(chain, False, sound, before, sound + 1, reason)
    return Verification(chain, True, sound, before)


def _stored(connection: Connection, chain: str) -> list[_Stored]:
    """Every row of a chain, in order of what stands where its number should."""
    names = ("chain", "at", "kind", "data", "previous", "hash")
    query = select(_entries.c.seq, *(_raw(connection, _entries.c[name]).label(name) for name in names))
    # By the bytes and not by the key: SQLite would seek in a tree that a flipped byte has put out of order.
    own = _raw(connection, _entries.c.chain) == (chain.encode() if connection.dialect.name == "sqlite" else chain)
    found = connection.execute(query.where(own)).mappings()
    rows = [_Stored(row["seq"], {name: _text(row[name]) for name in names}) for row in found]
    return sorted(rows, key=lambda row: (0, row.seq) if isinstance(row.seq, int) else (1, 0))


def _raw(connection: Connection, column: ColumnElement[str]) -> ColumnElement[Any]:
    """A text column as it is: in SQLite a flipped byte may have made it no text at all, which its driver refuses."""
    return cast(column, LargeBinary) if connection.dialect.name == "sqlite" else column


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _fault(stored: _Stored, expected: int, before: str) -> str:
    """What is wrong with a row that should be entry `expected` and follow the hash `before`; "" if nothing is."""
    if stored.seq != expected:
        return f"entry {expected} is missing: the next one there is has the number {stored.seq}"
    columns = stored.columns
    if columns["previous"] != before:
        says = _short(columns["previous"])
        return f"entry {expected} does not follow the one before it: it says {says}, and that one is {_short(before)}"
    if digest(before, {**columns, "seq": expected}) != columns["hash"]:
        return f"entry {expected} ({columns['kind']!r}) was changed after it was written: its hash is another"
    return ""


def _cut(connection: Connection, last: str, missing: str) -> str:
    """Whether the end of a chain is somewhere else, or not there at all."""
    if missing:
        return f"the entry with the hash {_short(missing)} is missing: the log was cut off, or written anew"
    if last == START:
        return ""
    strays = select(_entries.c.chain, _entries.c.seq).where(_entries.c.previous == last)
    stray = connection.execute(strays.limit(1)).one_or_none()
    if stray is None:
        return ""
    return f"the entry after the last one is not in its place: entry {stray.seq} of log {stray.chain!r} follows it"


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _short(hashed: str) -> str:
    return hashed[:12] or "none"
