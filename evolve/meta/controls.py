"""What is printed beside a campaign's result: the same calls spent otherwise, and after how many runs it pays.

Rule `greedy`, `random` and `flat` campaigns are run by the driver; here is what is worked out from runs alone.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from evolve.meta import purse
from evolve.meta.areas import mean_curve
from evolve.meta.entries import Bill, ControlMade
from evolve.meta.records import ZERO, Stage, Trial, TrialKey
from evolve.meta.state import CampaignState


def skipped(name: str, reason: str) -> ControlMade:
    """A control that is not run, and why."""
    return ControlMade(name, reason=reason)


def uncovered(state: CampaignState, name: str, calls: int) -> ControlMade:
    """A control that the budget does not cover."""
    return skipped(name, f"not run: it takes {calls} calls and the budget covers no more than {_left(state)}")


def longer(state: CampaignState, keys: Sequence[TrialKey]) -> ControlMade:
    """What the first scaffold reached on the sealed problems with the campaign's calls besides its own.

    All `keys` must be measured. The short run is the beginning of the long one.
    """
    measured = state.measured()
    runs = [measured[key] for key in keys]
    calls = state.suite.calls
    finals = {
        "first": statistics.fmean(run.curve[calls - 1] for run in runs),
        "longer": statistics.fmean(run.curve[-1] for run in runs),
    }
    if state.chosen is not None and (own := state.of_stage(Stage.CERTIFY, state.chosen.number)):
        finals["winner"] = statistics.fmean(curve[-1] for curve in _curves(own).values())
    # The runs are trials of the log and billed as such.
    return ControlMade("longer", scaffold=ZERO, finals=finals, run_calls=keys[0].calls, bill=Bill())


def break_even(state: CampaignState) -> float | None:
    """After how many runs the campaign has paid for itself in model calls; None: never, or nothing was certified.

    The calls of the campaign (verdict included, controls not) over the calls a run saves: those that the certified
    scaffold does not need, on the mean over the sealed problems, to come where the first one ends.
    """
    if state.certificate is None or not state.certificate.granted:
        return None
    saved = calls_saved(state)
    return purse.own(state).calls / saved if saved > 0 else None


def calls_saved(state: CampaignState) -> float:
    """Calls that the certified scaffold saves per run on the sealed problems, on the mean; below 0 for more calls.

    Where one of the two never comes where the other ends, it counts as needing one call more than it had.
    """
    if state.certificate is None:
        raise ValueError("calls saved are those of a scaffold with a certificate")
    first = _curves(state.of_stage(Stage.CERTIFY, ZERO))
    other = _curves(state.of_stage(Stage.CERTIFY, state.certificate.scaffold))
    return statistics.fmean(
        _reaches(first[name], first[name][-1]) - _reaches(other[name], first[name][-1]) for name in first
    )


def _reaches(curve: Sequence[float], height: float) -> int:
    """The number of calls after which a curve is at a height."""
    return next((calls for calls, value in enumerate(curve, 1) if value >= height), len(curve) + 1)


def _curves(trials: Sequence[Trial]) -> dict[str, tuple[float, ...]]:
    """The mean curve of every problem."""
    names = dict.fromkeys(trial.key.problem for trial in trials)
    return {name: mean_curve(trial for trial in trials if trial.key.problem == name) for name in names}


def _left(state: CampaignState) -> str:
    if state.settings.calls is not None:
        return f"{max(0, state.settings.calls - state.bill.calls)} calls"
    return f"{purse.money_left(state) or 0.0:.2f} USD"
