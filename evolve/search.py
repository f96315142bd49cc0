"""`Search.ask` and `Search.tell`: the whole algorithm, synchronous, without I/O, clock or global randomness.

State is a function of the settings and the ordered tells. `ask` draws only from seeds derived from the
candidate number, so replaying the tells gives the same archive and the same next ask.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evolve.archive.fingerprint import normalised_digest
from evolve.archive.islands import Islands
from evolve.archive.records import ArchiveEvent, Entry
from evolve.archive.settings import ArchiveSettings, Axis, Kind, Topology
from evolve.config import SearchSettings
from evolve.domain import (
    SEED_NUMBER,
    Candidate,
    Estimate,
    Evaluation,
    Origin,
    Outcome,
    Program,
    Status,
    Verdict,
)
from evolve.errors import EditError
from evolve.problem import Problem, check_edit
from evolve.scaffold.base import Draft, OutcomeView, PendingView, Scaffold, SearchView
from evolve.store.records import TellRow
from evolve.views import Text, Views

PROPOSAL_ATTEMPTS = 8
"""Tries, each with an own seed, before a proposal that repeats an earlier program is let through as a failure."""

SLACK = 256
"""Texts kept beyond twice the elites, before those that migrations and restarts left behind are dropped."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A numbered candidate to evaluate, or, with `failure`, one that failed before it cost an evaluation."""

    candidate: Candidate
    fingerprint: str
    failure: Evaluation | None = None


Texts = Callable[[Sequence[int]], Mapping[int, Text]]
"""Fetches programs and feedback of candidates by number; used after a replay only."""


class Search:
    """The search over one problem.

    Args:
        problem: What is searched.
        settings: How the archive is kept and walked through.
        scaffold: Decides what to try; learns from every tell.
        seed: The only source of randomness.
    """

    def __init__(self, problem: Problem, settings: SearchSettings, scaffold: Scaffold, seed: int) -> None:
        self._problem = problem
        self._settings = settings
        self._scaffold = scaffold
        self._seed = seed
        self._sign = problem.spec.objective.direction.sign
        self._axes = tuple(measure.name for measure in problem.spec.measures)
        self._islands = Islands(_archive_settings(problem, settings, seed))
        self._views = Views(self._islands, settings.view_elites)
        self._seen: set[bytes] = set()
        self._pending: dict[int, Proposal] = {}
        self._best: tuple[float, float, int] | None = None
        self._next = SEED_NUMBER
        self._told = 0

    @property
    def told(self) -> int:
        """How many candidates have been told."""
        return self._told

    @property
    def pending(self) -> Mapping[int, Proposal]:
        """Proposals asked and not yet told, by number."""
        return self._pending

    @property
    def best(self) -> int | None:
        """Number of the best valid candidate: by objective, then the shorter one, then the earlier one."""
        return None if self._best is None else self._best[2]

    @property
    def islands(self) -> Islands:
        """The archive, to look at."""
        return self._islands

    def text(self, number: int) -> Text | None:
        """Program and feedback of a candidate that is still held (an elite, pinned, pending or the best)."""
        return self._views.text(number)

    @property
    def next_number(self) -> int:
        """The number the next proposal will get."""
        return self._next

    def ask(self, *, final: bool = False) -> Proposal | None:
        """The next proposal; the first one is the seed program. Changes nothing that `tell` builds.

        With `final` the scaffold is asked for simpler programs of the best's score only, and None says
        that there is none before more is told.
        """
        number = self._next
        if number == SEED_NUMBER:
            return self._issue(number, self._problem.seed, Origin("seed", island=0))
        refused: Proposal | None = None
        for attempt in range(PROPOSAL_ATTEMPTS):
            view = self._view(number, attempt, final=final)
            try:
                draft = self._scaffold.propose(view)
            except EditError:
                break
            proposal = self._checked(number, draft, view.island)
            if proposal.failure is None:
                return self._remember_pending(proposal)
            refused = proposal
        if refused is None and not final:
            refused = self._empty(number)
        return None if refused is None else self._remember_pending(refused)

    def adopt(self, program: Program, origin: Origin) -> Proposal:
        """Give a number to a program that was not asked for; tell its evaluation as any other."""
        return self._issue(self._next, program, origin)

    def restore(self, candidate: Candidate) -> Proposal:
        """Put a proposal of an earlier session, stored but not told, back under way."""
        return self._issue(candidate.number, candidate.program, candidate.origin)

    def drop(self, number: int) -> None:
        """Take back a proposal that nobody will evaluate, as if it had never been asked."""
        proposal = self._pending.pop(number)
        self._seen.discard(bytes.fromhex(proposal.fingerprint))

    def fingerprint(self, program: Program) -> str:
        """Digest of the normalised source: equal for programs that differ in layout and comments only."""
        return normalised_digest(program, self._problem.language)

    def tell(self, candidate: Candidate, evaluation: Evaluation) -> Verdict:
        """Apply one result: archive, best, scaffold. Returns what the archive did.

        Raises:
            KeyError: when `candidate` is not pending (told twice, or never asked or adopted).
        """
        del self._pending[candidate.number]
        self._views.keep({candidate.number: Text(candidate.program, evaluation.feedback)})
        entries = self._entries(candidate.number, candidate.origin, evaluation.objective, evaluation.measures)
        verdict = self._place(candidate, entries, evaluation.measures.get("program_length", 0.0))
        self._account(candidate.number, candidate.origin, evaluation.status, evaluation.objective, verdict)
        self._forget(candidate.number)
        if verdict.replaced is not None:
            self._forget(verdict.replaced)
        if self._views.kept > 2 * len(self._islands.held()) + SLACK:
            self._views.retain(self._wanted())
        return verdict

    def replay(
        self, log: Sequence[TellRow], texts: Texts, frozen: Sequence[int] | None = None, parents: Iterable[int] = ()
    ) -> None:
        """Rebuild the state from the ordered log of an earlier session; then fetch the texts it still needs.

        `frozen` are the cells of the logged `BoundsFrozen`, if there was one; without them they are worked out.
        `parents` are those of candidates that were under way at the end of `log` and will be restored.
        """
        entries: list[Entry] = []
        cells: list[int | None] = []
        for told in log:
            own = self._entries(told.number, told.origin, told.objective, told.measures)
            entries += own
            cells += [told.verdict.cell] * len(own)
            if told.verdict.new_best:
                self._best = (own[0].score, -told.measures.get("program_length", 0.0), told.number)
            self._seen.add(bytes.fromhex(told.fingerprint))
            self._account(told.number, told.origin, told.status, told.objective, told.verdict)
        self._islands.replay(entries, cells, frozen)
        self._next = max(self._next, max((told.number for told in log), default=-1) + 1)
        scored = {parent for parent in parents if self._views.score(parent) is not None}
        self._views.keep(texts(sorted(self._wanted() | scored)))

    def drain_events(self) -> tuple[ArchiveEvent, ...]:
        """What the archive did beyond placing candidates since the last call: bounds, migrations, restarts."""
        events, self._events = self._events, ()
        return events

    _events: tuple[ArchiveEvent, ...] = ()

    def _issue(self, number: int, program: Program, origin: Origin) -> Proposal:
        return self._remember_pending(Proposal(Candidate(number, program, origin), self.fingerprint(program)))

    def _empty(self, number: int) -> Proposal:
        """Stands for a proposal when the scaffold has none, so that the numbering does not depend on that."""
        candidate = Candidate(number, self._problem.seed, Origin("none", self._island_of(number)))
        failure = Evaluation(Status.NO_EDIT, feedback="no operator found anything to change")
        return Proposal(candidate, self.fingerprint(candidate.program), failure)

    def _checked(self, number: int, draft: Draft, island: int) -> Proposal:
        """The draft as a proposal; failed already when it left its regions or repeats an earlier program."""
        candidate = Candidate(number, Program.of(draft.files), _origin(draft, island))
        fingerprint = self.fingerprint(candidate.program)
        failure = None
        try:
            check_edit(self._problem, candidate.program)
        except EditError as error:
            failure = Evaluation(error.status, feedback=str(error))
        if failure is None and bytes.fromhex(fingerprint) in self._seen:
            failure = Evaluation(Status.DUPLICATE, feedback="the same program was proposed before")
        return Proposal(candidate, fingerprint, failure)

    def _remember_pending(self, proposal: Proposal) -> Proposal:
        number = proposal.candidate.number
        self._next = max(self._next, number + 1)
        self._pending[number] = proposal
        self._seen.add(bytes.fromhex(proposal.fingerprint))
        return proposal

    def _entries(
        self, number: int, origin: Origin, objective: Estimate | None, measures: Mapping[str, float]
    ) -> list[Entry]:
        """What goes into the archive: nothing for a failure, and the seed once for every island."""
        if objective is None:
            return []
        place = tuple(measures[name] for name in self._axes)
        islands = range(self._settings.islands) if number == SEED_NUMBER else (origin.island,)
        return [Entry(number, island, self._sign * objective.mean, objective.stderr, place) for island in islands]

    def _place(self, candidate: Candidate, entries: list[Entry], length: float) -> Verdict:
        origin = candidate.origin
        if not entries:
            return Verdict(Outcome.REJECTED, origin.island)
        placements = [self._islands.add(entry) for entry in entries]
        events = tuple(event for placement in placements for event in placement.events)
        if events:  # cells may be others now
            self._views.cells_changed()
        self._events += events
        placement, score = placements[0], entries[0].score
        best = self._best
        new_best = best is None or (score, -length, -candidate.number) > (best[0], best[1], -best[2])
        if new_best:
            self._best = (score, -length, candidate.number)
        parent_score = self._parent_score(origin)
        return Verdict(
            placement.outcome,
            placement.island,
            placement.cell,
            placement.replaced,
            new_best,
            None if parent_score is None else score - parent_score,
        )

    def _account(
        self, number: int, origin: Origin, status: Status, objective: Estimate | None, verdict: Verdict
    ) -> None:
        """What both a live tell and a replayed one change, the archive excepted."""
        score = None if objective is None else self._sign * objective.mean
        self._views.note(number, origin, score, objective)
        self._told += 1
        self._scaffold.observe(
            OutcomeView(
                number,
                origin.operator,
                origin.tag,
                origin.parents,
                origin.island,
                status,
                verdict.outcome,
                score,
                self._parent_score(origin),
                verdict.new_best,
            )
        )

    def _parent_score(self, origin: Origin) -> float | None:
        return self._views.score(origin.parents[0]) if origin.parents else None

    def _wanted(self) -> set[int]:
        """Candidates whose text a later view may need."""
        wanted = {number for number in self._scaffold.pins() if self._views.score(number) is not None}
        wanted.update(self._islands.held())
        wanted.update(parent for proposal in self._pending.values() for parent in proposal.candidate.origin.parents)
        if self.best is not None:
            wanted.add(self.best)
        return wanted

    def _forget(self, number: int) -> None:
        """Drop a text that no view can ask for again; memory follows the archive, not the run.

        Parents of what is under way stay: the outcome may make the scaffold pin them.
        """
        if number in self._islands or number == self.best or number in self._scaffold.pins():
            return
        if any(number in proposal.candidate.origin.parents for proposal in self._pending.values()):
            return
        self._views.forget(number)

    def _island_of(self, number: int) -> int:
        return number % self._settings.islands

    def _view(self, number: int, attempt: int, *, final: bool) -> SearchView:
        island = self._island_of(number)
        elites = self._views.of_island(island, random.Random(f"{self._seed}:view:{number}:{attempt}"))
        pending = tuple(
            PendingView(asked, p.candidate.origin.operator, p.candidate.origin.tag, p.candidate.origin.parents)
            for asked, p in sorted(self._pending.items())
        )
        return SearchView(
            number=number,
            seed=f"{self._seed}:ask:{number}:{attempt}",
            island=island,
            elites=elites,
            others=self._views.of_others(island, elites),
            best=None if self.best is None else self._views.of(self.best),
            pinned=self._views.of_pinned(self._scaffold.pins()),
            pending=pending,
            final=final,
        )


def _origin(draft: Draft, island: int) -> Origin:
    return Origin(draft.operator, island, draft.parents, draft.inspirations, tag=draft.tag)


def _archive_settings(problem: Problem, settings: SearchSettings, seed: int) -> ArchiveSettings:
    return ArchiveSettings(
        axes=tuple(Axis(m.name, m.low, m.high, m.cells) for m in problem.spec.measures),
        islands=settings.islands,
        kind=Kind(settings.archive),
        cvt_cells=settings.cvt_cells,
        learn_first=settings.learn_first,
        topology=Topology(settings.migration),
        migration_interval=settings.migration_interval,
        migration_rate=settings.migration_rate,
        stagnation=settings.stagnation,
        seed=seed,
    )
