"""The state of a campaign: a pure fold over the entries of its log, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, singledispatch

from evolve.domain import Status
from evolve.errors import DatabaseError
from evolve.meta.entries import (
    Bill,
    Calibrated,
    Chosen,
    ControlMade,
    EditMade,
    Entry,
    Finished,
    Held,
    ImpMade,
    Led,
    LifeTested,
    Quarantined,
    Rebudgeted,
    Released,
    Reserved,
    Started,
)
from evolve.meta.records import ZERO, Certificate, Member, Stage, Suite, SuiteProblem, Trial, TrialKey, Use
from evolve.meta.settings import CampaignSettings
from evolve.scaffold.base import Prediction

EDIT = "edit"
"""The purpose under which the calls for edits are counted; those of trials are counted under their stage."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A child that never was measured: what was tried, and what it failed. `digest` is "" where there was no edit."""

    number: int
    parent: int
    idea: str
    status: Status
    reason: str
    prediction: Prediction | None
    digest: str = ""
    calls: int = 0


@dataclass(frozen=True)
class CampaignState:
    """Where a campaign stands.

    `members` are in order of their numbers (they have gaps where children were refused), `trials` and `refusals` in
    the order of the log. `usable` is None before calibration, `leaders` before there are any, `chosen` before one was.
    `unborn` is a child that was made and is no member yet, `lives` whether it passed its test for life, and `born`
    counts children, refused ones included. `bills` are what was spent, by purpose.
    `reserved` are the calls put aside, by purpose, for what is begun and not on record yet.
    `quarantined` includes the descendants. `finished` is "" while the search goes on.
    """

    suite: Suite
    settings: CampaignSettings
    base: str
    seed: int
    digests: Mapping[str, str]
    models: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    unborn: EditMade | None = None
    lives: bool = False
    refusals: tuple[Refusal, ...] = ()
    trials: tuple[Trial, ...] = ()
    usable: tuple[str, ...] | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    released: Mapping[int, str] = field(default_factory=dict)
    quarantined: Mapping[int, str] = field(default_factory=dict)
    leaders: tuple[int, ...] | None = None
    chosen: Chosen | None = None
    certificate: Certificate | None = None
    controls: tuple[ControlMade, ...] = ()
    imps: tuple[ImpMade, ...] = ()
    bills: Mapping[str, Bill] = field(default_factory=dict)
    reserved: Mapping[str, int] = field(default_factory=dict)
    born: int = 0
    finished: str = ""

    @property
    def bill(self) -> Bill:
        """Everything that was spent."""
        return sum(self.bills.values(), Bill())

    @property
    def held(self) -> dict[int, str]:
        """Why scaffolds wait for a person, by number."""
        return {member.number: member.held for member in self.members if member.held}

    def member(self, number: int) -> Member:
        """The scaffold of a number. Raises KeyError for one that was refused or never was."""
        for member in self.members:
            if member.number == number:
                return member
        raise KeyError(number)

    def problem(self, name: str) -> SuiteProblem:
        """A problem of the suite. Raises KeyError."""
        for problem in self.suite.problems:
            if problem.name == name:
                return problem
        raise KeyError(name)

    def problems(self, use: Use) -> tuple[SuiteProblem, ...]:
        """The problems for one use that calibration left in (probes are not calibrated); all before it."""
        every = self.suite.used(use)
        if self.usable is None or use is Use.PROBE:
            return every
        return tuple(problem for problem in every if problem.name in self.usable)

    def measured(self) -> Mapping[TrialKey, Trial]:
        """The trials by what they are of."""
        return self._measured

    @cached_property
    def _measured(self) -> Mapping[TrialKey, Trial]:
        return {trial.key: trial for trial in self.trials}

    def of_stage(self, stage: Stage, scaffold: int | None = None) -> tuple[Trial, ...]:
        """The trials of a stage, of one scaffold if told which."""
        return tuple(
            trial
            for trial in self.trials
            if trial.key.stage is stage and (scaffold is None or trial.key.scaffold == scaffold)
        )

    def ranking(self) -> tuple[Trial, ...]:
        """The trials that rank scaffolds: search problems with room, on the seeds that all share.

        The first scaffold's are those of its calibration, which has the same seeds.
        """
        return self._ranking

    @cached_property
    def _ranking(self) -> tuple[Trial, ...]:
        names = {problem.name for problem in self.problems(Use.SEARCH)}
        return tuple(
            replace(trial, key=replace(trial.key, stage=Stage.RANK))
            for trial in self.trials
            if trial.key.stage in (Stage.CALIBRATE, Stage.RANK) and trial.key.problem in names
        )

    def freed(self, purpose: str) -> CampaignState:
        """The state without what is put aside for a purpose."""
        return replace(self, reserved={name: calls for name, calls in self.reserved.items() if name != purpose})

    def barred(self, number: int) -> bool:
        """Whether a scaffold may be neither parent nor leader."""
        return bool(self.member(number).held) or number in self.quarantined


def fold(entries: Iterable[Entry]) -> CampaignState | None:
    """The state after these entries; None when there are none.

    Raises DatabaseError for entries in an order that no campaign writes.
    """
    state: CampaignState | None = None
    for entry in entries:
        state = begun(entry) if state is None else apply(state, entry)
    return state


def begun(entry: Entry) -> CampaignState:
    """The state after the first entry. Raises DatabaseError when it is not a beginning."""
    if not isinstance(entry, Started):
        raise DatabaseError(
            f"the campaign's log begins with {type(entry).__name__}: its beginning is lost; see `evolve meta verify`"
        )
    return CampaignState(entry.suite, entry.settings, entry.base, entry.seed, entry.digests, entry.models)


def apply(state: CampaignState, entry: Entry) -> CampaignState:
    """The state after one more entry. Raises DatabaseError for one that cannot follow."""
    try:
        return _applied(entry, state)
    except KeyError as error:
        raise DatabaseError(
            f"the campaign's log is damaged: an entry {type(entry).__name__} does not follow from those before it "
            f"({error}); see `evolve meta verify`"
        ) from None


@singledispatch
def _applied(entry: object, state: CampaignState) -> CampaignState:
    raise DatabaseError(f"the campaign's log has a second beginning ({type(entry).__name__}); see `evolve meta verify`")


@_applied.register
def _(entry: Rebudgeted, state: CampaignState) -> CampaignState:
    limits = {"calls": entry.calls, "money": entry.money}
    return replace(state, settings=state.settings.model_copy(update=limits))


@_applied.register
def _(entry: Member, state: CampaignState) -> CampaignState:
    last = state.members[-1].number if state.members else ZERO - 1
    if entry.number <= last or (entry.number == ZERO) != (entry.parent is None):
        raise KeyError(entry.number)
    return replace(state, members=(*state.members, entry), unborn=None, lives=False)


@_applied.register
def _(entry: EditMade, state: CampaignState) -> CampaignState:
    parent = state.member(entry.parent).number
    state = replace(_billed(state, EDIT, entry.bill), born=entry.number)
    if entry.status is Status.VALID:
        return replace(state, unborn=entry)
    refusal = Refusal(
        entry.number, parent, entry.idea, entry.status, entry.reason, entry.prediction, entry.digest, entry.bill.calls
    )
    return replace(state, refusals=(*state.refusals, refusal))


@_applied.register
def _(entry: LifeTested, state: CampaignState) -> CampaignState:
    made = state.unborn
    if made is None or made.number != entry.number:
        raise KeyError(entry.number)
    state = _billed(state, Stage.ALIVE, entry.bill)
    calls = made.bill.calls + entry.bill.calls + _calls(state.of_stage(Stage.ALIVE, entry.number))
    if entry.status is Status.VALID:
        return replace(state, unborn=replace(made, bill=replace(made.bill, calls=calls)), lives=True)
    refusal = Refusal(
        made.number, made.parent, made.idea, entry.status, entry.reason, made.prediction, made.digest, calls
    )
    return replace(state, refusals=(*state.refusals, refusal), unborn=None)


@_applied.register
def _(entry: Trial, state: CampaignState) -> CampaignState:
    measured = entry.measured
    bill = Bill(measured.calls, measured.tokens, measured.cost)
    return replace(_billed(state, entry.key.stage, bill), trials=(*state.trials, entry))


@_applied.register
def _(entry: Calibrated, state: CampaignState) -> CampaignState:
    return replace(state, usable=entry.usable, left_out=entry.left_out)


@_applied.register
def _(entry: Held, state: CampaignState) -> CampaignState:
    return replace(state, members=_with_held(state, entry.number, entry.reason))


@_applied.register
def _(entry: Released, state: CampaignState) -> CampaignState:
    released = {**state.released, entry.number: entry.by}
    return replace(state, members=_with_held(state, entry.number, ""), released=released)


@_applied.register
def _(entry: Quarantined, state: CampaignState) -> CampaignState:
    return replace(state, quarantined={**state.quarantined, **dict.fromkeys(entry.numbers, entry.reason)})


@_applied.register
def _(entry: Led, state: CampaignState) -> CampaignState:
    return replace(state, leaders=entry.numbers)


@_applied.register
def _(entry: Chosen, state: CampaignState) -> CampaignState:
    return replace(state, chosen=entry)


@_applied.register
def _(entry: Certificate, state: CampaignState) -> CampaignState:
    if state.certificate is not None:
        raise KeyError("a second certificate")
    return replace(state, certificate=entry)


@_applied.register
def _(entry: Reserved, state: CampaignState) -> CampaignState:
    return replace(state, reserved={**state.reserved, entry.purpose: entry.calls})


@_applied.register
def _(entry: ControlMade, state: CampaignState) -> CampaignState:
    freed = state if entry.campaign is None else state.freed(entry.name)  # one given up keeps what it may have taken
    billed = _billed(freed, entry.name, entry.bill)
    return replace(billed, controls=(*state.controls, entry))


@_applied.register
def _(entry: ImpMade, state: CampaignState) -> CampaignState:
    billed = _billed(state.freed(entry.purpose), Stage.IMP, entry.bill)
    return replace(billed, imps=(*state.imps, entry))


@_applied.register
def _(entry: Finished, state: CampaignState) -> CampaignState:
    return replace(state, finished=entry.reason)


def _billed(state: CampaignState, purpose: str, bill: Bill) -> CampaignState:
    return replace(state, bills={**state.bills, str(purpose): state.bills.get(str(purpose), Bill()) + bill})


def _with_held(state: CampaignState, number: int, reason: str) -> tuple[Member, ...]:
    state.member(number)
    return tuple(replace(member, held=reason) if member.number == number else member for member in state.members)


def _calls(trials: Iterable[Trial]) -> int:
    return sum(trial.measured.calls for trial in trials)
