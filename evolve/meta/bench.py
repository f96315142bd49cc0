"""The seam between a campaign and whatever measures scaffolds and asks models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from evolve.domain import Status
from evolve.genome.genome import Genome
from evolve.meta.records import Measured, SuiteProblem, TrialKey
from evolve.scaffold.base import MetaEdit, MetaView


@dataclass(frozen=True, slots=True)
class Grant:
    """What one step may spend: US dollars (None: no limit) and model calls."""

    money: float | None
    calls: int


@dataclass(frozen=True, slots=True)
class Edited:
    """What came of asking a scaffold for a better one: an edit, or the status and reason why there is none.

    `calls`, `tokens` and `cost` (US dollars, None: unknown) are what it took; `model` who answered.
    """

    edit: MetaEdit | None
    status: Status
    reason: str = ""
    calls: int = 0
    tokens: int = 0
    cost: float | None = 0.0
    model: str = ""


class Bench(Protocol):
    """Measures scaffolds and has them edited. Asked the same again, it gives the same, at no further cost."""

    async def measure(self, genome: Genome, problem: SuiteProblem, key: TrialKey, grant: Grant) -> Measured:
        """Run a scaffold on a problem of the suite for `key.calls` calls.

        An infrastructure failure is a result. Raises BudgetSpent when the grant does not cover the run (nothing that
        was bought is lost: asked again with a larger grant, it goes on), and what stops a campaign: SandboxUnavailable,
        ModelRefused, ModelUnavailable, DatabaseError.
        """
        ...

    async def edit(self, improver: Genome, view: MetaView, number: int, grant: Grant) -> Edited:
        """Have a scaffold's `meta/` edit `view.files`, in at most three questions.

        `number` tells apart questions of a campaign: the same number is the same conversation, stored once. Raises as
        `measure` does.
        """
        ...

    def digests(self) -> Mapping[str, str]:
        """SHA-256 (hex) by name of all that decides what is measured: problems, evaluators, contract, gate."""
        ...
