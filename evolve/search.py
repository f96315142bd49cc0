"""`Search.ask` and `Search.tell`: the whole algorithm, synchronous, without I/O, clock or global randomness.

State is a function of the settings and the ordered tells. `ask` draws only from seeds derived from the
candidate number, so replaying the tells gives the same archive and the same next ask.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from evolve.archive.fingerprint import normalised_digest
from evolve.archive.islands import Islands
from evolve.archive.records import ArchiveEvent, Entry
from evolve.assembly import archive_settings, opaque_seed
from evolve.config import NoiseSettings, SearchSettings
from evolve.domain import (
    SEED_NUMBER,
    Candidate,
    Completion,
    Estimate,
    Evaluation,
    Message,
    Origin,
    Program,
    Relook,
    Status,
    Verdict,
)
from evolve.errors import EditError
from evolve.noise import Wanted
from evolve.problem import Problem, check_edit
from evolve.question import FREE, Proposal, Question, Receipt
from evolve.rivals import Entrant, Rivals
from evolve.scaffold.base import Draft, ModelView, OutcomeView, PendingView, Prompt, Scaffold, ScoredView, SearchView
from evolve.seen import Seen
from evolve.store.records import TellRow
from evolve.strategy import restricted
from evolve.views import Text, Views

PROPOSAL_ATTEMPTS = 8
"""Tries, each with an own seed, before a proposal that repeats an earlier program is let through as a failure."""

NOTHING_FOUND = "no operator found anything to change"
"""What is said of a proposal that a scaffold had none for, unless the scaffold says more."""

SLACK = 256
"""Texts kept beyond twice the elites, before those that migrations and restarts left behind are dropped."""


Texts = Callable[[Sequence[int]], Mapping[int, Text]]
"""Fetches programs and feedback of candidates by number; used after a replay only."""

DEFAULT_NOISE = NoiseSettings()
_NOTHING_LATE: tuple[int, Sequence[Relook]] = (0, ())


class Search:
    """The search over one problem.

    Args:
        problem: What is searched.
        settings: How the archive is kept and walked through.
        scaffold: Decides what to try; learns from every tell.
        seed: The only source of randomness.
        may_wait: Whether `ask` may say None for want of a free model, instead of numbering an empty proposal.
        noise: How many looks are worth it where scores are noisy.
        opaque_seeds: Whether the seeds of views are hashes: case seeds are worked out from `seed`, which a scaffold
            that is not our own must not learn.
    """

    def __init__(
        self,
        problem: Problem,
        settings: SearchSettings,
        scaffold: Scaffold,
        seed: int,
        *,
        may_wait: bool = False,
        noise: NoiseSettings = DEFAULT_NOISE,
        opaque_seeds: bool = False,
    ) -> None:
        self._problem = problem
        self._settings = settings
        self._scaffold = scaffold
        self._seed = seed
        self._sign = problem.spec.objective.direction.sign
        self._may_wait = may_wait
        self._opaque_seeds = opaque_seeds
        self._islands = Islands(archive_settings(problem, settings, seed))
        self._views = Views(self._islands, settings.view_elites)
        self._rivals = Rivals(problem, noise, self._islands, self._views)
        self._seen = Seen(ordered=settings.order == "ordered")
        self._pending: dict[int, Proposal | Question] = {}
        self._next = SEED_NUMBER
        self._told = 0

    @property
    def told(self) -> int:
        """How many candidates have been told."""
        return self._told

    @property
    def pending(self) -> Mapping[int, Proposal | Question]:
        """Proposals asked and not yet told, by number."""
        return self._pending

    @property
    def best(self) -> int | None:
        """Number of the best valid candidate: by objective, then the shorter one, then the earlier one."""
        return self._rivals.best

    @property
    def islands(self) -> Islands:
        """The archive, to look at."""
        return self._islands

    @property
    def noisy(self) -> bool:
        """Whether scores are known to be noisy."""
        return self._rivals.noise.noisy

    @property
    def noise(self) -> float | None:
        """Standard deviation of one look at the seed; None where it was not measured, and 0 where there is none."""
        return self._rivals.noise.sd

    @property
    def sign(self) -> float:
        """`sign * objective` is a score of which more is better."""
        return self._sign

    def finalists(self, most: int) -> tuple[int, ...]:
        """The candidates of a noisy problem among which the winner is, as far as one can tell; the likeliest first."""
        return self._rivals.finalists(most)

    def text(self, number: int) -> Text | None:
        """Program and feedback of a candidate that is still held (an elite, pinned, pending or the best)."""
        return self._views.text(number)

    @property
    def next_number(self) -> int:
        """The number the next proposal will get."""
        return self._next

    def ask(self, *, final: bool = False, models: Sequence[ModelView] = ()) -> Proposal | Question | None:
        """The next proposal or question; the first one is the seed program. Changes nothing that `tell` builds.

        `models` can be asked now. None says that there is nothing to propose before more is told or a model is free;
        with `final` the scaffold is asked for simpler programs of the best's score only.
        """
        number = self._next
        if number == SEED_NUMBER:
            return self._issue(number, self._problem.seed, Origin("seed", island=0))
        refused: Proposal | None = None
        reason = NOTHING_FOUND
        for attempt in range(PROPOSAL_ATTEMPTS):
            view = self._view(number, attempt, final=final, models=tuple(models))
            try:
                draft = self._scaffold.propose(view)
            except EditError as error:
                reason = str(error) or reason
                break
            if isinstance(draft, Prompt):
                return self._put(Question(number, view.island, draft, self._base(draft, view)))
            proposal = self._checked(number, draft, view.island)
            if proposal.failure is None:
                return self._remember_pending(proposal)
            refused = proposal
        if refused is None and not final and (models or not self._may_wait):
            refused = self._empty(number, reason)
        return None if refused is None else self._remember_pending(refused)

    def answer(self, question: Question, completion: Completion) -> Proposal | Question:
        """Make a proposal of an answer, or the next question of the same number.

        Depends on the question and on what had been told when it was asked, not on what was told since.
        """
        prompt, base = question.prompt, question.base.as_dict()
        try:
            parsed = self._scaffold.parse(prompt, base, completion)
            if isinstance(parsed, Prompt):
                return self._put(replace(question, prompt=parsed))
            proposal = self._checked(question.number, parsed, question.island, completion.model, question.base)
        except EditError as error:
            proposal = self._failed(question, completion.model, error.status, str(error))
        if proposal.failure is not None:
            status, reason = proposal.failure.status, proposal.failure.feedback
            further = self._scaffold.amend(prompt, base, completion, status, reason)
            if further is not None:
                return self._put(replace(question, prompt=further))
        return self._remember_pending(proposal)

    def fail(self, question: Question, status: Status, reason: str) -> Proposal:
        """Give a question up for good: its number is taken by a failure."""
        return self._remember_pending(self._failed(question, question.prompt.model, status, reason))

    def submit(self, question: Question, files: Mapping[str, str], author: str) -> Proposal:
        """Make a proposal of a finished program that somebody brought instead of an answer."""
        prompt = question.prompt
        draft = Draft(prompt.operator, files, prompt.parents, prompt.inspirations, prompt.tag, prompt.idea)
        return self._remember_pending(self._checked(question.number, draft, question.island, author, question.base))

    def scored(self, proposal: Proposal, evaluation: Evaluation) -> ScoredView:
        """A candidate of a model with its evaluation, as the scaffold sees it before it is told."""
        origin = proposal.origin
        parent = self._views.text(origin.parents[0]) if origin.parents else None
        return ScoredView(
            proposal.number,
            origin.island,
            origin.operator,
            origin.tag,
            origin.idea,
            origin.model,
            proposal.candidate.program.as_dict(),
            parent.program.as_dict() if parent else {},
            evaluation.status,
            None if evaluation.objective is None else self._sign * evaluation.objective.mean,
            None if evaluation.objective is None else evaluation.objective.stderr,
            self._parent_score(origin),
            evaluation.feedback,
        )

    def reflect(self, scored: ScoredView, history: Sequence[Message]) -> str | Prompt:
        """What the scaffold learns from a candidate, or asks a model to say; see `Scaffold.reflect`."""
        return self._scaffold.reflect(scored, history)

    def adopt(self, program: Program, origin: Origin) -> Proposal:
        """Give a number to a program that was not asked for; tell its evaluation as any other."""
        return self._issue(self._next, program, origin)

    def restore(self, candidate: Candidate) -> Proposal:
        """Put a proposal of an earlier session, stored but not told, back under way."""
        return self._issue(candidate.number, candidate.program, candidate.origin)

    def restore_question(self, question: Question) -> Question:
        """Put a question of an earlier session back under way, as it was first asked."""
        return self._put(question)

    def reserve(self, number: int) -> None:
        """Keep a number free for a question that somebody else answers."""
        self._next = max(self._next, number + 1)

    def drop(self, number: int) -> None:
        """Take back a proposal that nobody will evaluate, as if it had never been asked."""
        proposal = self._pending.pop(number)
        if isinstance(proposal, Proposal):
            self._seen.discard(proposal.fingerprint)

    def fingerprint(self, program: Program) -> str:
        """Digest of the normalised source: equal for programs that differ in layout and comments only."""
        return normalised_digest(program, self._problem.language)

    def further(
        self, candidate: Candidate, evaluation: Evaluation, relooks: Sequence[Relook] = ()
    ) -> tuple[Wanted, ...]:
        """Looks that are wanted before a candidate is told, given those made already; none when all is clear.

        A function of the state: what is told meanwhile may change it. Changes nothing.
        """
        return self._rivals.further(self._entrant(candidate, evaluation, relooks), relooks)

    def tell(
        self,
        candidate: Candidate,
        evaluation: Evaluation,
        receipt: Receipt = FREE,
        relooks: Sequence[Relook] = (),
    ) -> Verdict:
        """Apply one result: archive, best, scaffold. Returns what the archive did.

        `relooks` are further looks at it and at those it was compared with.

        Raises:
            KeyError: when `candidate` is not pending (told twice, or never asked or adopted).
        """
        proposal = self._pending.pop(candidate.number)
        if isinstance(proposal, Proposal) and not self._seen.at_once(candidate.origin):
            self._seen.add(proposal.fingerprint, self._next)
        text = Text(candidate.program, evaluation.feedback, evaluation.metrics, evaluation.artifacts)
        self._views.keep({candidate.number: text})
        self.apply([look for look in relooks if look.number != candidate.number])
        entrant = self._entrant(candidate, evaluation, relooks)
        verdict = self._rivals.tell(entrant)
        self._collect_events()
        self._account(entrant, verdict, receipt)
        self._take_in_late()
        self._forget(candidate.number)
        if verdict.replaced is not None:
            self._forget(verdict.replaced)
        if self._views.kept > 2 * len(self._islands.held()) + SLACK:
            self._views.retain(self._wanted())
        return verdict

    def apply(self, relooks: Sequence[Relook]) -> None:
        """Take in looks at candidates that were told before; one that failed leaves the run, and may take others along.

        Part of `tell`; of its own only for looks that were made after the last one.
        """
        self._rivals.apply(relooks)
        self._collect_events()

    def objective(self, number: int) -> Estimate | None:
        """The objective of a valid candidate over all looks at it, as far as they were told."""
        estimate = self._views.estimate(number)
        return None if estimate is None else replace(estimate, mean=self._sign * estimate.mean)

    def replay(
        self,
        log: Sequence[TellRow],
        texts: Texts,
        frozen: Sequence[int] | None = None,
        parents: Iterable[int] = (),
        late: Sequence[Relook] = (),
        late_at: int = 0,
    ) -> None:
        """Rebuild the state from the ordered log of an earlier session; then fetch the texts it still needs.

        `frozen` are the cells of the logged `BoundsFrozen`, if there was one; without them they are worked out.
        `parents` are those of candidates that were under way at the end of `log` and will be restored. `late` are
        looks made when `late_at` candidates had been told; where `log` ends before that, they wait for the tells.
        """
        if late or any(told.relooks for told in log):
            self._retell(log, frozen)
            self._late = (late_at, late)
            self._take_in_late()
            self._collect_events()
            self.drain_events()  # the log has them
        else:
            self._replay(log, frozen)
        self._next = max(self._next, max((told.number for told in log), default=-1) + 1)
        scored = {parent for parent in parents if self._views.score(parent) is not None}
        self._views.keep(texts(sorted(self._wanted() | scored)))

    def _replay(self, log: Sequence[TellRow], frozen: Sequence[int] | None) -> None:
        """The archive all at once: without further looks, nothing but the order of the tells matters to it."""
        entries: list[Entry] = []
        cells: list[int | None] = []
        best: Entrant | None = None
        for told in log:
            entrant = Entrant(told.number, told.origin, told.status, told.objective, {}, told.measures)
            own = self._rivals.entries(entrant)
            entries += own
            cells += [told.verdict.cell] * len(own)
            best = entrant if told.verdict.new_best else best
            self._rivals.remember(entrant, own)
            self._note_told(told, entrant)
        if best is not None:
            self._rivals.crown(best)
        self._islands.replay(entries, cells, frozen)

    def _retell(self, log: Sequence[TellRow], frozen: Sequence[int] | None) -> None:
        """One by one: what is compared at a tell is what was known at that tell."""
        for told in log:
            self._rivals.apply([look for look in told.relooks if look.number != told.number])
            entrant = self._rivals.entrant(
                told.number, told.origin, told.status, told.objective, told.measures, told.relooks, told.verdict.cell
            )
            self._rivals.tell(entrant, told.verdict, frozen)
            self._note_told(told, entrant)

    def _take_in_late(self) -> None:
        if self._late[1] and self._told >= self._late[0]:
            self.apply(self._late[1])
            self._late = _NOTHING_LATE

    def _note_told(self, told: TellRow, entrant: Entrant) -> None:
        self._seen.add(told.fingerprint, SEED_NUMBER)
        self._account(entrant, told.verdict, Receipt(told.cost, told.tokens, told.lesson))

    def _entrant(self, candidate: Candidate, evaluation: Evaluation, relooks: Sequence[Relook]) -> Entrant:
        return self._rivals.entrant(
            candidate.number,
            candidate.origin,
            evaluation.status,
            evaluation.objective,
            evaluation.measures,
            relooks,
        )

    def _collect_events(self) -> None:
        events = self._rivals.drain_events()
        if events:  # cells may be others now
            self._views.cells_changed()
        self._events += events

    def drain_events(self) -> tuple[ArchiveEvent, ...]:
        """What the archive did beyond placing candidates since the last call: bounds, migrations, restarts."""
        events, self._events = self._events, ()
        return events

    _events: tuple[ArchiveEvent, ...] = ()
    _late: tuple[int, Sequence[Relook]] = _NOTHING_LATE

    def _issue(self, number: int, program: Program, origin: Origin) -> Proposal:
        return self._remember_pending(Proposal(Candidate(number, program, origin), self.fingerprint(program)))

    def _empty(self, number: int, reason: str) -> Proposal:
        """Stands for a proposal when the scaffold has none, so that the numbering does not depend on that."""
        candidate = Candidate(number, self._problem.seed, Origin("none", self._island_of(number)))
        failure = Evaluation(Status.NO_EDIT, feedback=reason)
        return Proposal(candidate, self.fingerprint(candidate.program), failure)

    def _checked(
        self, number: int, draft: Draft, island: int, model: str = "", base: Program | None = None
    ) -> Proposal:
        """The draft as a proposal; failed already when it left its regions or repeats an earlier program."""
        origin = Origin(
            draft.operator, island, draft.parents, draft.inspirations, tag=draft.tag, idea=draft.idea, model=model
        )
        candidate = Candidate(number, Program.of(draft.files), origin)
        fingerprint = self.fingerprint(candidate.program)
        failure = None
        try:
            check_edit(self._problem, candidate.program, base)
        except EditError as error:
            failure = Evaluation(error.status, feedback=str(error))
        if failure is None and self._seen.before(fingerprint, number):
            failure = Evaluation(Status.DUPLICATE, feedback="the same program was proposed before")
        return Proposal(candidate, fingerprint, failure)

    def _failed(self, question: Question, model: str, status: Status, reason: str) -> Proposal:
        """Stands for a program that could not be made of an answer."""
        origin = replace(question.origin, model=model)
        candidate = Candidate(question.number, question.base, origin)
        return Proposal(candidate, self.fingerprint(question.base), Evaluation(status, feedback=reason))

    def _base(self, prompt: Prompt, view: SearchView) -> Program:
        """The program a prompt asks to edit: an elite in view, or a failure to repair."""
        text = self._views.text(prompt.base)
        if text is None:
            raise ValueError(f"the scaffold asks to edit candidate {prompt.base}, which it was not shown")
        return text.program

    def _put(self, question: Question) -> Question:
        self._next = max(self._next, question.number + 1)
        self._pending[question.number] = question
        return question

    def _remember_pending(self, proposal: Proposal) -> Proposal:
        self._next = max(self._next, proposal.number + 1)
        self._pending[proposal.number] = proposal
        if self._seen.at_once(proposal.origin):
            self._seen.add(proposal.fingerprint, self._next)
        return proposal

    def _account(self, entrant: Entrant, verdict: Verdict, receipt: Receipt) -> None:
        """What both a live tell and a replayed one change, the archive excepted."""
        number, origin, objective = entrant.number, entrant.origin, entrant.objective
        score = None if objective is None else self._sign * objective.mean
        self._views.note(number, origin, entrant.status, score, objective)
        self._told += 1
        self._scaffold.observe(
            OutcomeView(
                number,
                origin.operator,
                origin.tag,
                origin.parents,
                origin.island,
                entrant.status,
                verdict.outcome,
                score,
                self._parent_score(origin),
                verdict.new_best,
                origin.idea,
                origin.model,
                receipt.cost,
                receipt.tokens,
                receipt.lesson,
            )
        )

    def _parent_score(self, origin: Origin) -> float | None:
        return self._views.score(origin.parents[0]) if origin.parents else None

    def _wanted(self) -> set[int]:
        """Candidates whose text a later view may need."""
        wanted = {number for number in self._scaffold.pins() if self._views.score(number) is not None}
        wanted.update(self._islands.held())
        wanted.update(self._views.failed())
        wanted.update(parent for proposal in self._pending.values() for parent in proposal.origin.parents)
        wanted.update(self._always())
        return wanted

    def _always(self) -> set[int]:
        """The best, and the seed where it may be wanted whatever became of it in the archive."""
        always = set() if self.best is None else {self.best}
        founding = self._settings.strategy == "best-of-n" or self._rivals.may_dismiss
        return always | {SEED_NUMBER} if founding else always

    def _forget(self, number: int) -> None:
        """Drop a text that no view can ask for again; memory follows the archive, not the run.

        Parents of what is under way stay: the outcome may make the scaffold pin them.
        """
        if number in self._islands or number in self._always() or number in self._scaffold.pins():
            return
        if number in self._views.failed() or any(number in asked.origin.parents for asked in self._pending.values()):
            return
        self._views.forget(number)

    def _island_of(self, number: int) -> int:
        return number % self._settings.islands

    def _shown_seed(self, purpose: str) -> str:
        return opaque_seed(self._seed, purpose) if self._opaque_seeds else f"{self._seed}:{purpose}"

    def _view(self, number: int, attempt: int, *, final: bool, models: tuple[ModelView, ...]) -> SearchView:
        island = self._island_of(number)
        elites = self._views.of_island(island, random.Random(f"{self._seed}:view:{number}:{attempt}"))
        pending = tuple(
            PendingView(asked, p.origin.operator, p.origin.tag, p.origin.parents)
            for asked, p in sorted(self._pending.items())
        )
        view = SearchView(
            number=number,
            seed=self._shown_seed(f"ask:{number}:{attempt}"),
            island=island,
            elites=elites,
            others=self._views.of_others(island, elites),
            best=None if self.best is None else self._views.of(self.best),
            pinned=self._views.of_pinned(self._scaffold.pins()),
            pending=pending,
            final=final,
            models=models,
            failures=self._views.failures(island),
        )
        if self._settings.strategy == "evolve":
            return view
        seed = self._views.of(SEED_NUMBER, island) if self._settings.strategy == "best-of-n" else None
        return restricted(self._settings.strategy, view, seed, random.Random(f"{view.seed}:strategy"))
