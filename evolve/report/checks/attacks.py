"""Runs the problem's own hostile programs: each has to end the way its first line says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evolve.problem import Attack
from evolve.report.checks.bench import Bench, Tried, not_measured
from evolve.report.findings import Finding, State


@dataclass(frozen=True, slots=True)
class AttackResult:
    """What became of a program that must not score; `held` when its status is one the author expects."""

    attack: Attack
    tried: Tried

    @property
    def held(self) -> bool:
        """Whether the attack failed the way it should."""
        found = self.tried.evaluation
        return found is not None and found.status in self.attack.expect


async def check(bench: Bench, attacks: Sequence[Attack]) -> tuple[AttackResult, ...]:
    """Run them all while there is time."""
    tried = await bench.search_all([attack.program for attack in attacks])
    return tuple(AttackResult(attack, each) for attack, each in zip(attacks, tried, strict=True))


def finding(result: AttackResult) -> Finding:
    """How an attack ended."""
    topic, status = f"attack {result.attack.name}", result.tried.outcome
    if result.held:
        return Finding(topic, State.OK, f"held off: {status}")
    if not result.tried.measured:
        return not_measured(topic)
    expected = " or ".join(sorted(result.attack.expect))
    text = f"ended as {status} and should end as {expected}"
    return Finding(topic, State.FAULT, text, "close the hole in evaluate.py, or correct the attack's first line")
