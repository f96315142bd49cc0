"""Which scaffold ordinary runs use: a pure fold over the log of what people decided.

The log is the chain `scaffolds` of a database. Its entries are `approve`, `rollback` and `quarantine`; who did it and
why is in each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from evolve.errors import DatabaseError, ScaffoldError
from evolve.genome.genome import SHORT

if TYPE_CHECKING:
    from evolve.store import ChainEntry, Store

CHAIN = "scaffolds"
"""The name of the log."""

APPROVE, ROLLBACK, QUARANTINE = "approve", "rollback", "quarantine"
"""Its kinds of entries."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Something a person decided. `digest` is the scaffold it is about, `default` the default after it.

    Either is None for scaffold zero. `campaign` and `number` say where the scaffold is from, where that is known.
    """

    kind: str
    at: datetime
    by: str
    digest: str | None
    default: str | None
    campaign: int | None = None
    number: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What people's decisions come to.

    `approved` are digests, each of which replaced the one before it; the last is the default. `quarantined` says why,
    by digest. `head` is the hash of the last entry: whoever decides next has seen it.
    """

    approved: tuple[str, ...] = ()
    quarantined: Mapping[str, str] = field(default_factory=dict)
    history: tuple[Decision, ...] = ()
    head: str = ""

    @property
    def default(self) -> str | None:
        """The digest of the scaffold that runs use when none is named; None for scaffold zero."""
        return self.approved[-1] if self.approved else None


def fold(entries: Iterable[ChainEntry]) -> Standing:
    """What these entries come to. Raises DatabaseError for one that does not belong there."""
    standing = Standing()
    for entry in entries:
        try:
            standing = _applied(standing, entry)
        except (KeyError, TypeError) as error:
            raise DatabaseError(
                f"entry {entry.seq} of the log {CHAIN!r} ({entry.kind!r}) is none that this version knows ({error}); "
                "upgrade evolve, or see evolve meta verify"
            ) from None
    return standing


def _applied(standing: Standing, entry: ChainEntry) -> Standing:
    data: Mapping[str, Any] = entry.data
    approved, quarantined = standing.approved, dict(standing.quarantined)
    about = data.get("digest")
    match entry.kind:
        case "approve":
            approved = (*approved, data["digest"])
        case "rollback":
            about, approved = standing.default, approved[:-1]
        case "quarantine":
            quarantined |= dict.fromkeys(data["digests"], data["reason"])
            approved = tuple(digest for digest in approved if digest not in quarantined)
        case kind:
            raise KeyError(kind)
    after = replace(standing, approved=approved, quarantined=quarantined, head=entry.hash)
    place = {"campaign": data.get("campaign"), "number": data.get("number"), "reason": data.get("reason", "")}
    decision = Decision(entry.kind, entry.at, data["by"], about, after.default, **place)
    return replace(after, history=(*standing.history, decision))


def read_standing(store: Store) -> Standing:
    """Where things stand in a database. Raises DatabaseError when the log is not as it was written."""
    with store.snapshot() as still:
        verified = still.verify_chain(CHAIN)
        if not verified.ok:
            raise DatabaseError(
                f"the log {CHAIN!r} of database {store.url!r} is not as it was written: {verified.reason}; "
                "restore a copy, or name a scaffold (--scaffold zero is the one that ships with evolve)"
            )
        return fold(still.entries(CHAIN))


def default_scaffold(store: Store) -> str | None:
    """The digest of the scaffold that runs of a database use when none is named; None for scaffold zero.

    Raises DatabaseError when the log of decisions is not as it was written.
    """
    return read_standing(store).default


def check_usable(standing: Standing, digest: str) -> None:
    """Raise ScaffoldError when a scaffold was quarantined, with the reason that was given."""
    if (reason := standing.quarantined.get(digest)) is not None:
        raise ScaffoldError(
            f"scaffold {digest[:SHORT]} is in quarantine ({reason}) and is not used any more; name another one"
        )
