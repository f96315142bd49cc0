"""The cost of a run as plain data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from itertools import accumulate
from typing import Any

from evolve.inspection.bill import bill_json
from evolve.inspection.burn import burn_json
from evolve.inspection.cost import FATES, SLICES, Cost, Course, Part, Times
from evolve.store.costs import SpentSlice

COUNTED = ("candidates", "evaluated", "improved", "new_best")
"""What money is divided by: counts of `AskedFor`."""


def cost_json(cost: Cost) -> dict[str, Any]:
    """All of it; sums of money are null where the price of a call is unknown.

    `dollars_per` is without, `most_per` with the most that attempts without an answer may have cost.
    """
    asked_for = cost.asked_for
    return {
        "sealed": cost.run.sealed,
        "asks": cost.asks,
        "replay": cost.replay or None,
        "burn": burn_json(cost.burn, cost.run),
        "total": bill_json(cost.total),
        "models": _parts(cost.models),
        "operators": _parts(cost.operators),
        "steps": _parts(cost.steps),
        "fates": [{"title": FATES[part["name"]], **part} for part in _parts(cost.fates)],
        "asked_for": asdict(asked_for),
        "dollars_per": {name: cost.dollars_per(getattr(asked_for, name)) for name in COUNTED},
        "most_per": {name: cost.most_per(getattr(asked_for, name)) for name in COUNTED},
        "times": _times(cost.times),
        "course": _course(cost.course),
    }


def _parts(parts: Iterable[Part]) -> list[dict[str, Any]]:
    return [{"name": part.name, **bill_json(part.bill)} for part in parts]


def _times(times: Times) -> dict[str, Any]:
    return {
        "elapsed": times.elapsed,
        "slots": times.slots,
        "evaluating": times.evaluating,
        "busy": times.busy,
        "asking": times.asking,
        "calls_at_once": times.calls_at_once,
        "searched": times.searched,
        "each": times.each,
        "evaluations": [asdict(row) for row in times.evaluations],
        "looks": [asdict(row) for row in times.looks],
    }


def _course(course: Course) -> dict[str, Any]:
    """Sums up to the end of each slice, as columns; `elapsed` is where slices end."""
    told = [0] * SLICES
    for slice_ in course.told:
        told[_place(slice_.index)] += slice_.told
    by_model: defaultdict[str, list[SpentSlice]] = defaultdict(list)
    for spent in course.spent:
        by_model[spent.model].append(spent)
    return {
        "width": course.width,
        "elapsed": [course.width * (index + 1) for index in range(SLICES)] if course.width else [],
        "told": list(accumulate(told)) if course.width else [],
        "models": [{"name": model, **_grown(rows)} for model, rows in sorted(by_model.items())],
    }


def _grown(rows: Iterable[SpentSlice]) -> dict[str, Any]:
    cost, lost, tokens, unknown = [0.0] * SLICES, [0.0] * SLICES, [0] * SLICES, 0
    for row in rows:
        place = _place(row.index)
        cost[place] += row.cost
        lost[place] += row.lost
        tokens[place] += row.tokens
        unknown += row.unknown
    return {
        "cost": list(accumulate(cost)),
        "lost": list(accumulate(lost)),
        "tokens": list(accumulate(tokens)),
        "unknown": unknown,
    }


def _place(index: int) -> int:
    """The slice of a moment; one that a killed engine left just beyond the run's seconds is in the last."""
    return min(SLICES - 1, max(0, index))
