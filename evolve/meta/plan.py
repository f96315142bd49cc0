"""What a campaign does next: a pure function of its state.

`next_step` is the whole algorithm. Steps that need the world (runs, models) are done by the driver, which appends what
came of them to the log; decisions are entries already and only have to be appended.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from evolve.domain import Status
from evolve.meta import cells, clades, controls, parents, purse, verdicts
from evolve.meta.areas import mean_area
from evolve.meta.entries import Calibrated, Chosen, Entry, Finished, Held, Led, LifeTested
from evolve.meta.gate import least_problems
from evolve.meta.records import ZERO, Member, Rule, Stage, Trial, TrialKey, Use
from evolve.meta.state import CampaignState

NEVER = 1e-9
"""Exponent of rule `clade` with which nothing more is made."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Run these, at most so many at once as is allowed, and log them in this order."""

    keys: tuple[TrialKey, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """Have `parent` edit itself into scaffold `number`."""

    number: int
    parent: int


@dataclass(frozen=True, slots=True)
class TestLife:
    """Have a child edit itself once; the edit is thrown away."""

    number: int


@dataclass(frozen=True, slots=True)
class Note:
    """Log a decision."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Control:
    """Run a control that is a campaign of its own, with as many calls as this one took."""

    name: str
    calls: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing can go on until a person does what `reason` says."""

    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing is left to do, now or later."""


Step = Measure | Edit | TestLife | Note | Control | Pause | Done


def next_step(state: CampaignState) -> Step:
    """The next step of a campaign."""
    if not state.members:
        return Note(Member(ZERO, state.base, None, "", "", None))
    if state.finished:
        return _control(state)
    if state.usable is None:
        return _calibrate(state)
    if state.certificate is not None:
        return Note(Finished(verdicts.sentence(state.certificate)))
    if state.chosen is not None:
        return _certify(state)
    if state.leaders is not None:
        return _confirm(state, state.leaders)
    return _search(state)


# ---------------------------------------------------------------- calibration


def _calibrate(state: CampaignState) -> Step:
    missing = _missing(state, cells.calibration(state))
    if not missing:
        return Note(_calibrated(state))
    if len(missing) == len(cells.calibration(state)) and (said := _too_little(state)):
        return Pause(said)
    return _run(state, missing)


def _too_little(state: CampaignState) -> str:
    limit, least = state.settings.calls, purse.least_calls(state)
    if limit is not None and limit < least:
        return (
            f"the budget of {limit} calls does not cover calibration, one scaffold, its verdict and the controls "
            f"({least} calls); give at least that, or a smaller suite, fewer seeds or fewer controls"
        )
    return ""


def _calibrated(state: CampaignState) -> Calibrated:
    """A problem on which the first scaffold is at the floor or at the ceiling can tell no two scaffolds apart."""
    usable, left_out = [], {}
    for problem in (*state.suite.used(Use.SEARCH), *state.suite.used(Use.SEALED)):
        own = [trial for trial in state.of_stage(Stage.CALIBRATE, ZERO) if trial.key.problem == problem.name]
        area, margin = mean_area(own), state.settings.margin
        if broken := [trial.measured.failed for trial in own if trial.measured.failed]:
            left_out[problem.name] = f"it could not be measured: {broken[0]}"
        elif area < margin:
            left_out[problem.name] = f"at the floor: the first scaffold's area is {area:.4f}"
        elif area > 1 - margin:
            left_out[problem.name] = f"at the ceiling: the first scaffold's area is {area:.4f}"
        else:
            usable.append(problem.name)
    return Calibrated(tuple(usable), left_out)


# ---------------------------------------------------------------- search


def _search(state: CampaignState) -> Step:
    if said := _hopeless(state):
        return Note(Finished(said))
    if state.unborn is not None:
        return _birth(state)
    if state.settings.rule is not Rule.CLADE and (missing := _unranked(state)):
        return _run(state, missing)
    if (held := _jump(state)) is not None:
        return Note(held)
    if state.settings.rule is Rule.CLADE:
        return _clade(state)
    if _may_breed(state):
        return Edit(state.born + 1, _parent(state))
    return _lead(state)


def _hopeless(state: CampaignState) -> str:
    """Why no certificate could come of this suite, whatever is found; seen before anything is spent on finding it."""
    if not state.problems(Use.SEARCH):
        return "no problem to search on has room for the first scaffold; see which were left out, and why"
    sealed, enough = len(state.problems(Use.SEALED)), least_problems(state.settings.alpha)
    if sealed < enough:
        return (
            f"{sealed} sealed problems have room for the first scaffold and a certificate at alpha = "
            f"{state.settings.alpha:g} takes {enough}; give the suite more, or others"
        )
    return ""


def _birth(state: CampaignState) -> Step:
    """Take a child through its test for life: it runs, then it edits itself, then it is a member."""
    made = state.unborn
    assert made is not None
    if made.parent in state.quarantined:
        return Note(LifeTested(made.number, Status.NO_EDIT, "its parent was put into quarantine"))
    if state.lives:
        member = Member(
            made.number, made.digest, made.parent, made.idea, made.model, made.prediction, calls=made.bill.calls
        )
        return Note(member)
    key = cells.smoke(state, made.number)
    trial = state.measured().get(key)
    if trial is None:
        return Measure((key,))
    if said := _lifeless(trial):
        return Note(LifeTested(made.number, Status.CRASH, said))
    return TestLife(made.number)


def _lifeless(trial: Trial) -> str:
    """Why a first run shows no life: the machinery failed, or not one proposal came that could be tried."""
    measured = trial.measured
    if measured.failed:
        return f"it could not be run: {measured.failed}"
    dead = sum(count for status, count in measured.statuses.items() if status.startswith(FAULT) or status in _NOTHING)
    if dead and dead >= sum(measured.statuses.values()):
        quoted = f": {measured.feedback[0]}" if measured.feedback else ""
        return f"none of its first proposals could be used{quoted}"
    return ""


FAULT = "scaffold_"
"""How the names of a scaffold's own faults begin among a run's statuses."""

_NOTHING = frozenset({Status.NO_EDIT.value})


def _unranked(state: CampaignState) -> tuple[TrialKey, ...]:
    """What is missing of the ranking of members; the first has its calibration."""
    wanted = (
        key
        for member in state.members[1:]
        if member.number not in state.quarantined
        for key in cells.ranking(state, member.number)
    )
    return _missing(state, tuple(wanted))


def _jump(state: CampaignState) -> Held | None:
    """The first scaffold whose score has to be looked at by a person, if there is one.

    All are looked at again whenever one more is fully ranked: what is far off depends on the others.
    """
    table, measured = state.ranking(), state.measured()
    latest = state.trials[-1].key
    if latest.stage is Stage.RANK and any(key not in measured for key in cells.ranking(state, latest.scaffold)):
        return None
    for member in state.members[1:]:
        if member.held or member.number in state.released or member.number in state.quarantined:
            continue
        if any(key not in measured for key in cells.ranking(state, member.number)):
            continue
        bounded = (*table, *state.of_stage(Stage.CONFIRM, member.number))
        said = parents.jump(member.number, state.members, bounded, state.suite.problems, limit=state.settings.jump)
        if said:
            return Held(member.number, said)
    return None


def _may_breed(state: CampaignState) -> bool:
    return state.born < state.settings.children and purse.affords_search(state, purse.child_calls(state))


def _parent(state: CampaignState) -> int:
    return parents.choose(
        state.settings.rule,
        state.members,
        state.ranking(),
        random.Random(f"{state.seed}:parent:{state.born + 1}"),
        problems=[problem.name for problem in state.problems(Use.SEARCH)],
        steepness=state.settings.steepness,
        excluded=state.quarantined,
    )


def _clade(state: CampaignState) -> Step:
    if not purse.affords_search(state, state.suite.calls):
        return _lead(state)
    breeds = _may_breed(state)
    chosen = clades.clade_next(
        state.members,
        state.ranking(),
        [(key.problem, key.seed) for key in cells.ranking(state, ZERO)],
        random.Random(f"{state.seed}:clade:{state.born}:{len(state.trials)}"),
        exponent=state.settings.exponent if breeds else NEVER,
        excluded=state.quarantined,
    )
    if isinstance(chosen, clades.Evaluate):
        return Measure((TrialKey(chosen.member, chosen.problem, chosen.seed, Stage.RANK, state.suite.calls),))
    return Edit(state.born + 1, chosen.parent) if breeds else _lead(state)


# ---------------------------------------------------------------- leaders, verdict


def _lead(state: CampaignState) -> Step:
    """Those that rank above the first scaffold, best first, are measured again."""
    better = verdicts.leading(state)
    free = [number for number in better if not state.barred(number)]
    waiting = [number for number in better if state.member(number).held and number not in state.quarantined]
    if not free and waiting:
        return Pause(
            f"scaffold {waiting[0]} is the only one left that ranks above the first, and it is held for review: "
            f"{state.member(waiting[0]).held}; look at it, then release or quarantine it"
        )
    if not state.born:
        return Pause("what is left of the budget does not cover one scaffold and its verdict; raise the limit")
    if not free:
        return Note(Finished("no scaffold ranked above the first one: nothing to certify"))
    return Note(Led(tuple(free[: state.settings.leaders])))


def _confirm(state: CampaignState, leaders: tuple[int, ...]) -> Step:
    if missing := _missing(state, cells.confirmation(state, leaders)):
        return _run(state, missing)
    if (held := _jump(state)) is not None:
        return Note(held)
    gains = verdicts.gains(state, Stage.CONFIRM)
    free = [number for number in leaders if not state.barred(number)]
    if not free:
        return Note(Finished("all leaders are held or quarantined: nothing to certify"))
    best = max(free, key=lambda number: (gains[number], -leaders.index(number)))
    if gains[best] <= 0:
        return Note(
            Finished(
                "no leader was better than the first scaffold when measured again on fresh seeds "
                f"(the best by {gains[best]:+.4f}): nothing to certify"
            )
        )
    return Note(Chosen(best, verdicts.gains(state, Stage.RANK)[best], gains[best]))


def _certify(state: CampaignState) -> Step:
    assert state.chosen is not None
    number = state.chosen.number
    if number in state.quarantined:
        return Note(Finished(f"scaffold {number} was quarantined before its certificate was done: no certificate"))
    if missing := _missing(state, cells.certification(state, number)):
        return _run(state, missing)
    return Note(verdicts.certificate(state))


def _control(state: CampaignState) -> Step:
    """The next control that is asked for and not there yet. A control that is not covered is named, not begun."""
    done = {made.name for made in state.controls}
    for name in dict.fromkeys(state.settings.controls):
        if name in done:
            continue
        if state.usable is None or not state.problems(Use.SEALED):
            return Note(controls.skipped(name, "no sealed problem has room"))
        if name != "longer":
            calls = purse.control_calls(state)
            return Control(name, calls) if purse.affords(state, calls) else Note(controls.uncovered(state, name, calls))
        keys = cells.longer(state, purse.own(state).calls)
        missing = _missing(state, keys)
        if not missing:
            return Note(controls.longer(state, keys))
        calls = cells.calls_of(missing)
        return Measure(missing) if purse.affords(state, calls) else Note(controls.uncovered(state, name, calls))
    return Done()


# ---------------------------------------------------------------- runs


def _missing(state: CampaignState, keys: tuple[TrialKey, ...]) -> tuple[TrialKey, ...]:
    measured = state.measured()
    return tuple(key for key in keys if key not in measured)


def _run(state: CampaignState, keys: tuple[TrialKey, ...]) -> Step:
    """Measure, if the limits (which a person may have lowered since) still cover all of it."""
    calls = cells.calls_of(keys)
    if purse.affords(state, calls):
        return Measure(keys)
    return Pause(
        f"what is left of the budget does not cover the {len(keys)} runs that come next ({calls} calls); "
        "raise the limit and repeat the command"
    )
