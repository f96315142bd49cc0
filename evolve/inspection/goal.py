"""What a run optimises, and the values its objective can be held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from evolve.domain import Direction
from evolve.store import RunRow


@dataclass(frozen=True, slots=True)
class Reference:
    """A value of the objective that is known from elsewhere; `source` says from where ("" when that is obvious)."""

    name: str
    value: float
    source: str = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """The objective of a run. `references` are baselines, the best known value, bound and target, best first.

    In runs older than schema 0005 there is neither unit nor reference, but for a target of the run itself.
    """

    metric: str
    direction: Direction
    unit: str
    references: tuple[Reference, ...]

    @classmethod
    def of(cls, run: RunRow) -> Goal:
        """Read it from the run's spec, and the target from its budget where that has one."""
        spec: Mapping[str, Any] = run.spec.get("objective") or {}
        direction = run.summary.direction
        known = [Reference(str(name), each["value"], each["source"]) for name, each in _baselines(spec).items()]
        if best := spec.get("best_known"):
            known.append(Reference("best known", best["value"], best["source"]))
        if (bound := spec.get("bound")) is not None:
            known.append(Reference("proven bound", bound))
        target = run.settings.get("budget", {}).get("target")
        if target is None:
            target = spec.get("target")
        if target is not None:
            known.append(Reference("target", target))
        known.sort(key=lambda each: -direction.sign * each.value)
        return cls(run.summary.objective, direction, spec.get("unit", ""), tuple(known))

    @property
    def sense(self) -> str:
        """Which way is better, in words."""
        return "less is better" if self.direction is Direction.MINIMIZE else "more is better"


def _baselines(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    return spec.get("baselines") or {}


def goal_json(goal: Goal) -> dict[str, Any]:
    """A goal as plain data."""
    return {**asdict(goal), "direction": goal.direction.value, "references": [asdict(each) for each in goal.references]}
