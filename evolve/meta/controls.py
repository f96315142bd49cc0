"""What is printed beside a campaign's result: the same calls spent otherwise, and after how many runs it pays.

Rule `greedy`, `random` and `flat` campaigns are run by the driver; here is what is worked out from runs alone.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace

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

    All `keys` must be measured. What it reaches without them is read off the runs of the certificate, which are
    more; where there are none, off the beginning of the long run. A run of its own that the machinery failed is left
    out; one of the winner's is no progress, as it is for the certificate. A certificate that was broken off says
    nothing of the winner.
    """
    measured = state.measured()
    runs = [measured[key] for key in keys]
    failed = tuple(run.key.problem for run in runs if run.measured.failed)
    long = {run.key.problem: run for run in runs if not run.measured.failed}
    # The runs are trials of the log and billed as such.
    made = ControlMade("longer", scaffold=ZERO, run_calls=keys[0].calls, bill=Bill(), failed=failed)
    if not long:
        return replace(made, reason=f"the machinery failed in every run, as in: {runs[0].measured.failed}")
    short = _curves([trial for trial in state.of_stage(Stage.CERTIFY, ZERO) if not trial.measured.failed])
    begun = {name: run.curve[: state.suite.calls] for name, run in long.items()}
    finals = {
        "first": statistics.fmean(short.get(name, begun[name])[-1] for name in long),
        "longer": statistics.fmean(run.curve[-1] for run in long.values()),
    }
    own = {} if state.chosen is None else _curves(state.of_stage(Stage.CERTIFY, state.chosen.number))
    if long.keys() <= own.keys():
        finals["winner"] = statistics.fmean(own[name][-1] for name in long)
    return replace(made, finals=finals)


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
