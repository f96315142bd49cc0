"""Where a campaign's log and its scaffolds are kept: in a database, or in memory for campaigns nobody will look at."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Protocol

from evolve.domain import Candidate, Estimate, Evaluation, Origin, Outcome, Status, Verdict
from evolve.errors import DatabaseError
from evolve.genome.genome import Genome
from evolve.meta import cells
from evolve.meta.areas import problem_means
from evolve.meta.entries import Entry, from_plain, kind_of, to_plain
from evolve.meta.records import Member
from evolve.meta.state import CampaignState, Refusal
from evolve.store import Evaluated, Leads, Proposed, Record, Store, Told, campaign_chain

TRACK = "scaffold"
"""The track of a campaign's candidates, which are scaffolds."""

OPERATOR = "meta"


class Book(Protocol):
    """The log of a campaign, and the scaffolds it speaks of."""

    def entries(self) -> list[Entry]:
        """All entries, in order. Raises DatabaseError when the log is damaged."""
        ...

    def append(self, entry: Entry) -> None:
        """Add an entry for good."""
        ...

    def keep(self, genome: Genome) -> None:
        """Keep a scaffold; one that is there stays."""
        ...

    def genome(self, digest: str) -> Genome:
        """A scaffold that was kept. Raises NotFound."""
        ...

    def show(self, state: CampaignState) -> None:
        """Bring what others look at (archive and lineage views) up to the state."""
        ...


class MemoryBook:
    """A log that ends with the process."""

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        self._entries = list(entries)
        self._genomes: dict[str, Genome] = {}

    def entries(self) -> list[Entry]:
        """All entries, in order."""
        return list(self._entries)

    def append(self, entry: Entry) -> None:
        """Add an entry."""
        self._entries.append(entry)

    def keep(self, genome: Genome) -> None:
        """Keep a scaffold."""
        self._genomes[genome.digest] = genome

    def genome(self, digest: str) -> Genome:
        """A scaffold that was kept."""
        return self._genomes[digest]

    def digests(self) -> list[str]:
        """Those of all scaffolds that were kept."""
        return list(self._genomes)

    def show(self, state: CampaignState) -> None:
        """Nobody looks."""


class StoreBook:
    """The log of a campaign in a database: a hash chain, with its scaffolds as candidates of the campaign's run.

    Args:
        store: Open for writing, and holding the run's lease.
        run_id: The campaign's run.
    """

    def __init__(self, store: Store, run_id: int) -> None:
        self._store = store
        self._run_id = run_id
        self._chain = campaign_chain(run_id)
        self._head = store.head(self._chain)
        self._told = store.run(run_id).summary.told

    def entries(self) -> list[Entry]:
        """All entries, in order. Raises DatabaseError when the chain is broken or an entry damaged."""
        return entries_of(self._store, self._run_id)

    def append(self, entry: Entry) -> None:
        """Add an entry. Raises DatabaseError when somebody else wrote meanwhile, RunBusy without the lease."""
        added = self._store.append_entry(self._chain, kind_of(entry), to_plain(entry), after=self._head)
        self._head = added.hash

    def keep(self, genome: Genome) -> None:
        """Keep a scaffold."""
        self._store.keep_program(genome.program)

    def genome(self, digest: str) -> Genome:
        """A scaffold that was kept. Raises NotFound, DatabaseError."""
        return Genome(self._store.program_by_digest(digest))

    def show(self, state: CampaignState) -> None:
        """Write scaffolds that are settled as candidates, in the order of their numbers."""
        while (settled := self._settled(state, self._told)) is not None:
            self._store.append(self._run_id, self._records(state, settled, self._told))
            self._told += 1

    def _settled(self, state: CampaignState, number: int) -> Member | Refusal | None:
        """The scaffold of a number when nothing about its ranking will change any more."""
        for refusal in state.refusals:
            if refusal.number == number:
                return refusal
        for member in state.members:
            if member.number == number:
                ranked = state.usable is not None and (
                    state.leaders is not None or state.finished or _whole(state, number)
                )
                return member if ranked else None
        return None

    def _records(self, state: CampaignState, settled: Member | Refusal, position: int) -> list[Record]:
        genome = self.genome(settled.digest or state.member(settled.parent or 0).digest)
        origin = Origin(
            "seed" if settled.parent is None else OPERATOR,
            0,
            parents=() if settled.parent is None else (settled.parent,),
            track=TRACK,
            idea=settled.idea,
            model=settled.model if isinstance(settled, Member) else "",
        )
        candidate = Candidate(settled.number, genome.program, origin)
        evaluation = _evaluation(state, settled)
        earlier = [_area(state, member.number) for member in state.members if member.number < settled.number]
        own = evaluation.objective
        leads = own is not None and all(area is None or own.mean > area for area in earlier)
        gain = None
        if own is not None and settled.parent is not None:
            parent = _area(state, settled.parent)
            gain = None if parent is None else own.mean - parent
        verdict = Verdict(
            Outcome.REJECTED if own is None else Outcome.NEW_CELL,
            0,
            cell=None if own is None else settled.number,
            new_best=leads,
            gain=gain,
        )
        told: list[Record] = [
            Proposed(candidate, genome.digest),
            Evaluated(settled.number, evaluation),
            Told(settled.number, position, verdict, 0.0),
        ]
        return [*told, Leads(settled.number, own.mean)] if leads and own is not None else told


def entries_of(store: Store, run_id: int) -> list[Entry]:
    """The log of a campaign. Raises DatabaseError when it was changed after it was written."""
    chain = campaign_chain(run_id)
    verified = store.verify_chain(chain)
    if not verified.ok:
        raise DatabaseError(f"the log of campaign {run_id} cannot be trusted: {verified.reason}")
    return [from_plain(entry.kind, entry.data) for entry in store.entries(chain)]


def _whole(state: CampaignState, number: int) -> bool:
    wanted = cells.ranking(state, number)
    have = {(trial.key.problem, trial.key.seed) for trial in state.ranking() if trial.key.scaffold == number}
    return all((key.problem, key.seed) in have for key in wanted)


def _area(state: CampaignState, number: int) -> float | None:
    means = problem_means(trial for trial in state.ranking() if trial.key.scaffold == number)
    return statistics.fmean(means.values()) if means else None


def _evaluation(state: CampaignState, settled: Member | Refusal) -> Evaluation:
    if isinstance(settled, Refusal):
        return Evaluation(settled.status, feedback=settled.reason)
    means = problem_means(trial for trial in state.ranking() if trial.key.scaffold == settled.number)
    if not means:
        return Evaluation(Status.INFRASTRUCTURE, feedback="it was never measured")
    return Evaluation(Status.VALID, Estimate.of(means.values()), metrics=means, feedback=settled.held)
