"""What a campaign does next: a pure function of its state.

`next_step` is the whole algorithm. Steps that need the world (runs, models) are done by the driver, which appends what
came of them to the log; decisions are entries already and only have to be appended.
"""

from __future__ import annotations

import random

from evolve.domain import Status
from evolve.meta import cells, clades, parents, plan_verdict, predictions, purse, verdicts
from evolve.meta.areas import mean_area
from evolve.meta.entries import Calibrated, Finished, LifeTested
from evolve.meta.gate import least_problems
from evolve.meta.records import ZERO, Member, Rule, Stage, Trial, TrialKey, Use
from evolve.meta.state import CampaignState
from evolve.meta.steps import Control, Done, Edit, Measure, Note, Pause, Step, TestLife, measure, unmeasured

__all__ = ["Control", "Done", "Edit", "Measure", "Note", "Pause", "Step", "TestLife", "next_step"]

BARREN = 25
"""Children refused in a row after which no more are made."""

NEVER = 1e-9
"""Exponent of rule `clade` with which nothing more is made."""


def next_step(state: CampaignState) -> Step:
    """The next step of a campaign."""
    if not state.members:
        return Note(Member(ZERO, state.base, None, "", "", None))
    if state.finished:
        return plan_verdict.control(state)
    if state.certificate is not None:
        return Note(Finished(verdicts.sentence(state.certificate)))
    if ZERO in state.quarantined:
        return Note(Finished("the first scaffold was put into quarantine, and all others come from it: no certificate"))
    if state.usable is None:
        return _calibrate(state)
    if state.chosen is not None:
        return plan_verdict.certify(state)
    if state.leaders is not None:
        return plan_verdict.confirm(state, state.leaders)
    return _search(state)


# ---------------------------------------------------------------- calibration


def _calibrate(state: CampaignState) -> Step:
    missing = unmeasured(state, cells.calibration(state))
    if not missing:
        return Note(_calibrated(state))
    if len(missing) == len(cells.calibration(state)) and (said := _too_little(state)):
        return Pause(said)
    return measure(state, missing)


def _too_little(state: CampaignState) -> str:
    limit, least = state.settings.calls, purse.least_calls(state)
    if limit is not None and limit < least:
        return (
            f"the budget of {limit:,} calls does not cover calibration, one scaffold, its verdict and the controls "
            f"({least:,} calls); give at least that, or a smaller suite, fewer seeds or fewer controls"
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
        return measure(state, missing)
    if (held := plan_verdict.jump(state)) is not None:
        return Note(held)
    if state.settings.rule is Rule.CLADE:
        return _clade(state)
    if _may_breed(state):
        return Edit(state.born + 1, _parent(state))
    return plan_verdict.lead(state)


def _hopeless(state: CampaignState) -> str:
    """Why no certificate could come of this suite, whatever is found; seen before anything is spent on finding it."""
    if not state.problems(Use.SEARCH):
        return "no problem to search on has room for the first scaffold; see which were left out, and why"
    sealed, enough = len(state.problems(Use.SEALED)), least_problems(state.settings.alpha)
    if sealed < enough:
        return (
            f"{sealed} sealed problem{' has' if sealed == 1 else 's have'} room for the first scaffold and a "
            f"certificate at alpha = {state.settings.alpha:g} takes {enough}; give the suite more, or others"
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
    """Why a first run shows no life: the machinery failed, or not one proposal came that could be run."""
    measured = trial.measured
    if measured.failed:
        return f"it could not be run: {measured.failed}"
    if not any(Status(name).costs_evaluation for name in predictions.proposed(measured.statuses)):
        quoted = f": {measured.feedback[0]}" if measured.feedback else ""
        return f"none of its first proposals could be used{quoted}"
    return ""


def _unranked(state: CampaignState) -> tuple[TrialKey, ...]:
    """What is missing of the ranking of members; the first has its calibration."""
    wanted = (
        key
        for member in state.members[1:]
        if member.number not in state.quarantined
        for key in cells.ranking(state, member.number)
    )
    return unmeasured(state, tuple(wanted))


def _may_breed(state: CampaignState) -> bool:
    """Whether one more is made. A model that only repeats itself does not get all the calls there are."""
    barren = state.born - state.members[-1].number >= BARREN
    return state.born < state.settings.children and not barren and purse.affords_search(state, purse.child_calls(state))


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
        return plan_verdict.lead(state)
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
    return Edit(state.born + 1, chosen.parent) if breeds else plan_verdict.lead(state)
