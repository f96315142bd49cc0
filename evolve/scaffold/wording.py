"""How scores, outcomes and origins are said to a model: in the objective's own direction and unit, never as a number
whose meaning it would have to guess.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from evolve.domain import Direction, Status
from evolve.scaffold.base import EliteView, TaskView

_FAILURES: Mapping[Status, str] = {
    Status.NO_EDIT: "no edit in the answer",
    Status.EDIT_NOT_APPLIED: "an edit that could not be applied",
    Status.OUTSIDE_REGION: "an edit of text that is fixed",
    Status.DUPLICATE: "a program that was tried before",
    Status.SYNTAX: "a syntax error",
    Status.CRASH: "a crash",
    Status.TIMEOUT: "a timeout",
    Status.MEMORY: "too much memory",
    Status.OUTPUT: "too much output",
    Status.WRONG: "a wrong result",
    Status.SUSPECT: "a suspect result",
}


def better(task: TaskView) -> str:
    """The word for a better objective: "higher" or "lower"."""
    return "higher" if task.direction is Direction.MAXIMIZE else "lower"


def number(value: float, stderr: float | None = None) -> str:
    """A number with as many digits as its standard error leaves any meaning; ten where it has none."""
    places = _places(stderr)
    return f"{value:.10g}" if places is None else f"{value:.{places}f}"


def objective(task: TaskView, score: float, stderr: float | None = None) -> str:
    """A score as the objective it stands for: `4.183 ± 0.052 %`."""
    value = score * task.direction.sign + 0.0  # no "-0"
    error = f" ± {number(stderr, stderr)}" if stderr else ""
    return f"{number(value, stderr)}{error}{_unit(task)}"


def score_line(task: TaskView, elite: EliteView) -> str:
    """The score of a candidate as a sentence: objective, standard error, sample size and direction."""
    looks = "one measurement" if elite.n == 1 else f"n = {elite.n}"
    return (
        f"Score: {task.objective} = {objective(task, elite.score, elite.stderr)} ({looks}; {better(task)} is better)."
    )


def difference(task: TaskView, elite: EliteView, other: EliteView) -> str:
    """How a candidate's score compares with another's: `0.3 % better than candidate 7`."""
    gap = elite.score - other.score
    if abs(gap) <= 2 * math.hypot(elite.stderr or 0.0, other.stderr or 0.0):
        return f"as good as candidate {other.number}, as far as was measured"
    return f"{abs(gap):.3g}{_unit(task)} {'better' if gap > 0 else 'worse'} than candidate {other.number}"


def outcome(
    task: TaskView, status: Status, score: float | None, stderr: float | None, before: float | None, feedback: str = ""
) -> str:
    """What an edit did, without a full stop: `error improved from 0.35 to 0.31`, `it failed with a crash: ...`."""
    if score is None:
        return f"it failed with {failure(status, feedback)}"
    after = objective(task, score, stderr)
    if before is None:
        return f"it works now, {task.objective} is {after}"
    gap, noise = score - before, 2 * (stderr or 0.0)
    change = f"from {number(before * task.direction.sign + 0.0, stderr)} to {after}"
    if gap == 0:
        return f"{task.objective} stayed at {after}"
    if abs(gap) <= noise:
        return f"{task.objective} did not change measurably ({change})"
    return f"{task.objective} {'improved' if gap > 0 else 'got worse'} {change}"


def failure(status: Status, feedback: str, limit: int = 300) -> str:
    """Why a candidate failed, on one line of at most about `limit` characters: what it was, and what was said."""
    said = line(feedback, limit)
    return f"{_FAILURES.get(status, status.value.replace('_', ' '))}{': ' + said if said else ''}"


def origin(operator: str, parents: tuple[int, ...]) -> str:
    """How a candidate was made: `mutate of 12 and 31`."""
    return f"{operator} of {' and '.join(map(str, parents))}" if parents else operator


def line(text: str, limit: int) -> str:
    """A text as one line without code fences, cut at a word after at most `limit` characters."""
    flat = " ".join(text.replace("```", " ").split())
    if len(flat) <= limit:
        return flat
    cut = flat[: limit - 1]
    head, _, _ = cut.rpartition(" ")
    return f"{(head if len(head) > limit // 2 else cut).rstrip(' ,;:.')}…"


def size(count: int) -> str:
    """A number of bytes for people: `512 MB`."""
    return f"{count / 1024**2:.4g} MB" if count < 1024**3 else f"{count / 1024**3:.3g} GB"


def _places(stderr: float | None) -> int | None:
    """Decimals down to the second digit of a standard error; None when there is none to speak of."""
    if not stderr or not math.isfinite(stderr) or not 1e-12 < stderr < 1e12:
        return None
    return max(1 - math.floor(math.log10(stderr)), 0)


def _unit(task: TaskView) -> str:
    return f" {task.unit}" if task.unit else ""
