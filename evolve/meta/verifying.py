"""Whether what is known of a campaign is as it was written: its log, the scaffolds it names, the decisions on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from evolve.errors import DatabaseError, NotFound
from evolve.meta.standing import APPROVE, CHAIN
from evolve.store import ChainEntry, Store, Verification, campaign_chain

_NAMING = {"started": "base", "scaffold": "digest"}
"""Which entries name a scaffold that must be there, and where."""


def verify_campaign(store: Store, campaign: int, head: str = "") -> Verification:
    """Follow a campaign's log from its first entry to its last, and read every scaffold it names.

    `head` is a head that was written down, as for `Store.verify_chain`; those in the log of approvals are looked for in
    any case, so that the log of a campaign whose scaffold was approved cannot be cut off before that.
    """
    with store.snapshot() as still:
        found = still.verify_chain(campaign_chain(campaign), head)
        if not found.ok:
            return found
        entries = still.entries(campaign_chain(campaign))
        for entry in entries:
            if entry.kind in _NAMING and (reason := _scaffold_fault(still, entry)):
                return replace(
                    found, ok=False, entries=entry.seq - 1, head=entry.previous, broken_at=entry.seq, reason=reason
                )
        if reason := _decision_fault(still, campaign, {entry.hash for entry in entries}):
            return replace(found, ok=False, broken_at=found.entries + 1, reason=reason)
        return found


def _scaffold_fault(store: Store, entry: ChainEntry) -> str:
    digest = str(entry.data[_NAMING[entry.kind]])
    try:
        store.program_by_digest(digest)
    except NotFound:
        return f"entry {entry.seq} names scaffold {digest}, which is not in the database any more"
    except DatabaseError as error:
        return f"entry {entry.seq} names scaffold {digest}, but {error}"
    return ""


def _decision_fault(store: Store, campaign: int, hashes: Collection[str]) -> str:
    decisions = store.verify_chain(CHAIN)
    if not decisions.ok:
        return f"the log of approvals is not as it was written: {decisions.reason}"
    for entry in store.entries(CHAIN):
        if entry.kind == APPROVE and entry.data["campaign"] == campaign and entry.data["log"] not in hashes:
            return (
                f"scaffold {entry.data['number']} was approved when the log had an entry {entry.data['log'][:12]}, "
                "which is not there any more: the log was cut off, or written anew"
            )
    return ""
