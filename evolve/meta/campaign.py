"""The driver of a campaign: it does what the plan says next and logs what came of it, until nothing is left to do.

All that matters is in the log. Kill it anywhere and begin again with the same log and a bench that gives the same for
the same: the final log is the same, times aside.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from evolve.domain import Status
from evolve.errors import BudgetSpent, DatabaseError, EditError, UserError
from evolve.genome import static as fences
from evolve.genome.genome import Genome
from evolve.meta import digest, making, manifest, plan, purse
from evolve.meta.batch import Batch
from evolve.meta.bench import Bench, Edited
from evolve.meta.book import Book
from evolve.meta.entries import Calibrated, Chosen, ControlMade, Entry, Led, LifeTested, Rebudgeted, Reserved, Started
from evolve.meta.records import Certificate, Rule, TrialKey, Use
from evolve.meta.state import CampaignState, apply, fold
from evolve.scaffold.base import MetaEdit, ModelView

LIFE = 1_000_000
"""Added to a scaffold's number for the questions of its test for life (`Bench.edit`)."""

DECISION = "decision"
"""The stage of entries that say what figures come to."""

Watch = Callable[[Entry, CampaignState], None]
"""Hears of every entry once it is on record, with the state after it. Must return quickly."""

RunControl = Callable[[CampaignState, str, int], Awaitable[ControlMade]]
"""Runs a campaign by another rule (by name) with so many calls, and says what it came to. Raises ControlPaused."""


class ControlPaused(Exception):
    """A control campaign is not at its end; it goes on when the campaign it belongs to does."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a sitting ended. `finished` says that nothing is left to do; otherwise `reason` says what is to be done."""

    state: CampaignState
    finished: bool
    reason: str


class Campaign:
    """One sitting at a campaign.

    Args:
        book: Its log; begun by a `Started` (see `begin`).
        bench: Measures scaffolds and has them edited.
        models: What `meta/` code is told of the models it can ask.
        run_control: Runs controls that are campaigns; without it they are named and left out.
        watches: Hear of every entry.
        static: What is wrong with a scaffold by its text.
        random_edit: Makes the edits of rule `random`.
        also_stopping: Says why to stop, besides `stop`; "" while there is no reason to.
    """

    def __init__(
        self,
        book: Book,
        bench: Bench,
        *,
        models: Sequence[ModelView] = (),
        run_control: RunControl | None = None,
        watches: Sequence[Watch] = (),
        static: making.Static = fences.faults,
        random_edit: making.RandomEdit | None = None,
        also_stopping: Callable[[], str] = lambda: "",
    ) -> None:
        state = fold(book.entries())
        if state is None:
            raise DatabaseError("the campaign's log is empty: begin it first")
        self._state = state
        self._book = book
        self._bench = bench
        self._models = tuple(models)
        self._run_control = run_control
        self._watches = tuple(watches)
        self._static = static
        self._random_edit = random_edit or _random_edit
        self._stopping = ""
        self._checked = ""  # the stage before which it was last looked whether all is as it was
        self._also_stopping = also_stopping

    @property
    def state(self) -> CampaignState:
        """Where it stands."""
        return self._state

    @property
    def stopping(self) -> str:
        """Why nothing more is begun; "" while there is no reason to stop."""
        return self._stopping or self._also_stopping()

    def stop(self, reason: str) -> None:
        """Begin nothing more; runs that are under way are finished and logged as far as their order allows."""
        self._stopping = reason

    async def run(self) -> Outcome:
        """Go on to the end, or until it is stopped or a person has to do something.

        Raises:
            UserError: something that decides what is measured is not as it was when the campaign began.
            SandboxUnavailable, ModelRefused, ModelUnavailable, DatabaseError: as the bench does.
        """
        while True:
            step = plan.next_step(self._state)
            if isinstance(step, plan.Done):
                return Outcome(self._state, True, self._state.finished)
            if isinstance(step, plan.Pause):
                return Outcome(self._state, False, step.reason)
            if self.stopping:
                return Outcome(self._state, False, self.stopping)
            self._check_manifest(_stage(step))
            try:
                await self._do(step)
            except BudgetSpent as error:
                return Outcome(self._state, False, f"the money limit is reached: {error}")
            except ControlPaused as error:
                return Outcome(self._state, False, self.stopping or str(error))
            self._book.show(self._state)

    def _check_manifest(self, stage: str) -> None:
        """Look at the beginning of a sitting, of every stage, and before each decision that rests on figures."""
        if not self._checked or stage == DECISION or stage not in ("", self._checked):
            manifest.check(self._state.digests, self._bench.digests())
            self._checked = stage or DECISION

    async def _do(self, step: plan.Step) -> None:
        match step:
            case plan.Note(entry):
                self._log(entry)
            case plan.Measure(keys):
                batch = Batch(self._state, self._bench, self._genomes(keys), lambda: self.stopping)
                async for trial in batch.trials(keys):
                    self._log(trial)
            case plan.Edit(number, parent):
                await self._make(number, parent)
            case plan.TestLife(number):
                await self._test(number)
            case plan.Control(name, calls):
                if self._run_control is None:
                    self._log(ControlMade(name, reason="not run: nothing here runs campaigns"))
                else:
                    if name not in self._state.reserved:
                        self._log(Reserved(name, calls))
                    self._log(await self._run_control(self._state.freed(name), name, calls))

    def _genomes(self, keys: Sequence[TrialKey]) -> Mapping[int, Genome]:
        return {number: self._book.genome(self._digest(number)) for number in {key.scaffold for key in keys}}

    def _digest(self, number: int) -> str:
        unborn = self._state.unborn
        return unborn.digest if unborn is not None and unborn.number == number else self._state.member(number).digest

    async def _make(self, number: int, parent: int) -> None:
        state, genome = self._state, self._book.genome(self._digest(parent))
        if state.settings.rule is Rule.RANDOM:
            made = self._drawn(genome, random.Random(f"{state.seed}:random:{number}"))
        else:
            view = digest.view(state, parent, genome, self._models, f"edit:{number}")
            made = await self._bench.edit(genome, view, number, purse.whole(state, purse.EDIT_CALLS))
        names = [problem.name for problem in state.problems(Use.SEARCH)]
        known = {member.digest for member in state.members} | {refusal.digest for refusal in state.refusals}
        entry, child = making.judged(number, parent, genome, made, known=known, problems=names, static=self._static)
        if child is not None:
            self._book.keep(child)
        self._log(entry)

    def _drawn(self, genome: Genome, rng: random.Random) -> Edited:
        try:
            return Edited(self._random_edit(genome, rng), Status.VALID)
        except EditError as error:
            return Edited(None, error.status, str(error))

    async def _test(self, number: int) -> None:
        state = self._state
        assert state.unborn is not None
        child = self._book.genome(state.unborn.digest)
        view = digest.view(state, state.unborn.parent, child, self._models, f"life:{number}")
        made = await self._bench.edit(child, view, LIFE + number, purse.whole(state, purse.EDIT_CALLS))
        tested: LifeTested = making.tested(number, child, made, self._static)
        self._log(tested)

    def _log(self, entry: Entry) -> None:
        self._state = apply(self._state, entry)  # an entry that cannot follow is never written
        self._book.append(entry)
        for watch in self._watches:
            watch(entry, self._state)


def _stage(step: plan.Step) -> str:
    """What a step belongs to; "" for one that measures nothing and decides nothing by what was measured."""
    match step:
        case plan.Measure(keys):
            return keys[0].stage
        case plan.Note(Calibrated() | Led() | Chosen() | Certificate()):
            return DECISION
        case plan.Note() | plan.Pause() | plan.Done():
            return ""
        case _:
            return type(step).__name__


def begin(book: Book, started: Started, base: Genome) -> None:
    """Begin a campaign's log, unless it is begun; limits that are not as they were are noted.

    Raises UserError when the log is that of a campaign with other settings, another suite or another first scaffold.
    """
    state = fold(book.entries())
    if state is None:
        book.keep(base)
        book.append(started)
        return
    limits = {"calls": started.settings.calls, "money": started.settings.money, "parallel": started.settings.parallel}
    if state.settings.model_copy(update=limits) != started.settings or state.base != base.digest:
        raise UserError("the campaign was begun with other settings; repeat its command, or begin another one")
    if (state.settings.calls, state.settings.money) != (started.settings.calls, started.settings.money):
        book.append(Rebudgeted(started.settings.calls, started.settings.money))


def _random_edit(genome: Genome, rng: random.Random) -> MetaEdit:
    from evolve.genome.random_edits import random_edit

    return random_edit(genome, rng)
