"""Whether what an edit was to do came true; the host judges, on the runs that ranked child and parent."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evolve.domain import Status
from evolve.meta.areas import by_scaffold, mean_area
from evolve.meta.records import FAULT, Trial
from evolve.meta.state import CampaignState
from evolve.scaffold.base import Prediction


@dataclass(frozen=True, slots=True)
class HitRate:
    """How many predictions came true of those that were judged.

    `blind` is what guessing gets: how often the same predictions come true of the campaign's other scaffolds, as a
    share; None where there is no other. `unmeasured` counts predictions that could not be judged.
    """

    hits: int
    judged: int
    blind: float | None = None
    unmeasured: int = 0

    @property
    def share(self) -> float | None:
        """Hits among the judged; None where none was."""
        return self.hits / self.judged if self.judged else None


def came_true(prediction: Prediction, child: Iterable[Trial], parent: Iterable[Trial]) -> bool | None:
    """Whether the metric moved the way it was said, on the problems that were named; no movement is a miss.

    Only cells that both were run in count; None where there are none.
    """
    own, other = _shared(child, parent, prediction.problems)
    if not own:
        return None
    metric = _METRICS[prediction.metric]
    moved = metric(own) - metric(other)
    return moved > 0 if prediction.direction == "up" else moved < 0


def hits(state: CampaignState) -> dict[int, bool | None]:
    """By scaffold, whether its prediction came true; None where it made none or is not measured."""
    table = by_scaffold(state.ranking())
    return {
        member.number: None
        if member.prediction is None
        else came_true(member.prediction, table.get(member.number, []), table.get(member.parent, []))
        for member in state.members
        if member.parent is not None
    }


def hit_rate(state: CampaignState) -> HitRate:
    """How often the campaign's predictions came true, and how often they would have by blind guessing."""
    judged = {number: hit for number, hit in hits(state).items() if hit is not None}
    refused = [refusal.prediction for refusal in state.refusals]
    made = sum(prediction is not None for prediction in (*(one.prediction for one in state.members), *refused))
    return HitRate(sum(judged.values()), len(judged), blind(state, judged), made - len(judged))


def blind(state: CampaignState, numbers: Iterable[int]) -> float | None:
    """How often the predictions of some scaffolds come true of all others, on the mean over the predictions.

    A prediction that most scaffolds fulfil whatever was edited says little when it comes true.
    """
    table = by_scaffold(state.ranking())
    shares = []
    for number in numbers:
        prediction = state.member(number).prediction
        if prediction is None:
            continue
        others = [
            came_true(prediction, table.get(other.number, []), table.get(other.parent, []))
            for other in state.members
            if other.parent is not None and other.number != number
        ]
        known = [hit for hit in others if hit is not None]
        shares += [sum(known) / len(known)] if known else []
    return statistics.fmean(shares) if shares else None


def _shared(
    child: Iterable[Trial], parent: Iterable[Trial], problems: Sequence[str]
) -> tuple[list[Trial], list[Trial]]:
    ours, theirs = _by_cell(child, problems), _by_cell(parent, problems)
    cells = sorted(ours.keys() & theirs.keys())
    return [ours[cell] for cell in cells], [theirs[cell] for cell in cells]


def _by_cell(trials: Iterable[Trial], problems: Sequence[str]) -> dict[tuple[str, int], Trial]:
    return {
        (trial.key.problem, trial.key.seed): trial for trial in trials if not problems or trial.key.problem in problems
    }


def _final(trials: Sequence[Trial]) -> float:
    return statistics.fmean(trial.curve[-1] for trial in trials)


def _valid_share(trials: Sequence[Trial]) -> float:
    valid = sum(trial.measured.statuses.get(Status.VALID.value, 0) for trial in trials)
    total = sum(sum(proposed(trial.measured.statuses).values()) for trial in trials)
    return valid / total if total else 0.0


def _invalid_replies(trials: Sequence[Trial]) -> float:
    """Per run: whatever never came to be evaluated, faults of the scaffold itself included."""
    return math.fsum(unusable(trial.measured.statuses) for trial in trials) / len(trials)


def unusable(statuses: Mapping[str, int]) -> int:
    """How many proposals of a run never came to be evaluated."""
    return sum(count for status, count in proposed(statuses).items() if status not in _EVALUATED)


def proposed(statuses: Mapping[str, int]) -> dict[str, int]:
    """Each proposal of a run once, by status: without the kinds of the scaffold's own faults (`FAULT`)."""
    return {status: count for status, count in statuses.items() if not status.startswith(FAULT)}


def _tokens(trials: Sequence[Trial]) -> float:
    return statistics.fmean(trial.measured.tokens for trial in trials)


_EVALUATED = frozenset(status.value for status in Status if status.costs_evaluation)
_METRICS: Mapping[str, Callable[[Sequence[Trial]], float]] = {
    "area": mean_area,
    "final": _final,
    "valid_share": _valid_share,
    "invalid_replies": _invalid_replies,
    "tokens": _tokens,
}
