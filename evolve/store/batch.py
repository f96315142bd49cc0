"""The records of one append, sorted into the columns of each table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from evolve.domain import SEED_NUMBER, Candidate, Split, Status
from evolve.store import codec
from evolve.store.dialogue import Answered, Asked, Withdrawn
from evolve.store.records import Evaluated, Event, Leads, Looked, Proposed, Record, Spent, Told

Columns = dict[str, Any]

PARENT, INSPIRATION = "parent", "inspiration"
"""The two roles in the table `parentage`."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A row for `handouts` (or, when it was taken back, for `withdrawals`), in which the attempt is still missing."""

    back: bool
    columns: Columns


@dataclass(slots=True)
class Batch:
    """Rows to insert, by table, and what they change in the run's counters."""

    run_id: int
    programs: dict[str, Columns] = field(default_factory=dict)
    candidates: list[Columns] = field(default_factory=list)
    parentage: list[Columns] = field(default_factory=list)
    evaluations: list[Columns] = field(default_factory=list)
    tells: list[Columns] = field(default_factory=list)
    relooks: list[Columns] = field(default_factory=list)
    events: list[Columns] = field(default_factory=list)
    spending: list[Columns] = field(default_factory=list)
    asks: list[Columns] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    completions: list[Columns] = field(default_factory=list)
    evaluated: set[int] = field(default_factory=set)
    valid: int = 0
    best: int | None = None
    best_objective: float | None = None
    seed_objective: float | None = None
    elapsed: float = 0.0

    @classmethod
    def of(cls, run_id: int, records: Iterable[Record]) -> Batch:
        """Sort records. Raises ValueError on a number that is not finite."""
        batch = cls(run_id)
        for record in records:
            match record:
                case Proposed():
                    batch._propose(record.candidate, record.fingerprint)
                case Evaluated():
                    batch._evaluate(record)
                case Told():
                    batch._tell(record)
                case Looked():
                    batch._look(record)
                case Leads():
                    batch.best, batch.best_objective = record.number, record.objective
                case Event():
                    batch._happen(record)
                case Spent():
                    batch._spend(record)
                case Asked():
                    batch._ask(record)
                case Answered():
                    batch._answer(record)
                case Withdrawn():
                    batch._withdraw(record)
        return batch

    @property
    def seed_scored(self) -> bool:
        """Whether the records say what the seed program scores on search cases."""
        return SEED_NUMBER in self.evaluated or self.seed_objective is not None

    def _propose(self, candidate: Candidate, fingerprint: str) -> None:
        program, origin = candidate.program, candidate.origin
        if program.digest not in self.programs:
            self.programs[program.digest] = {"digest": program.digest, "files": codec.pack_program(program)}
        self.candidates.append(
            {
                "run_id": self.run_id,
                "number": candidate.number,
                "program_digest": program.digest,
                "track": origin.track,
                "island": origin.island,
                "operator": origin.operator,
                "tag": origin.tag,
                "fingerprint": fingerprint,
                "idea": origin.idea,
                "model": origin.model,
            }
        )
        for role, others in ((PARENT, origin.parents), (INSPIRATION, origin.inspirations)):
            for position, other in enumerate(others):
                self.parentage.append(
                    {
                        "run_id": self.run_id,
                        "child": candidate.number,
                        "role": role,
                        "position": position,
                        "parent": other,
                    }
                )

    def _evaluate(self, record: Evaluated) -> None:
        columns = codec.evaluation_columns(record.number, record.purpose, record.evaluation)
        self.evaluations.append({"run_id": self.run_id, **columns})
        if record.purpose is Split.SEARCH:
            self.evaluated.add(record.number)
            self.valid += record.evaluation.status is Status.VALID

    def _tell(self, record: Told) -> None:
        verdict = record.verdict
        self.tells.append(
            {
                "run_id": self.run_id,
                "position": record.position,
                "number": record.number,
                "outcome": verdict.outcome.value,
                "island": verdict.island,
                "cell": verdict.cell,
                "replaced": verdict.replaced,
                "new_best": verdict.new_best,
                "gain": codec.finite(verdict.gain, f"the gain of candidate {record.number}"),
                "elapsed": record.elapsed,
                "lesson": record.lesson,
                "objective": codec.finite(record.objective, f"the objective of candidate {record.number}"),
                "looks": record.looks,
            }
        )
        if record.number == SEED_NUMBER:
            self.seed_objective = record.objective
        if verdict.new_best:
            self.best, self.best_objective = record.number, record.objective
        self.elapsed = max(self.elapsed, record.elapsed)

    def _look(self, record: Looked) -> None:
        columns = codec.relook_columns(record.relook)
        self.relooks.append({"run_id": self.run_id, "position": record.position, **columns})

    def _happen(self, record: Event) -> None:
        self.events.append(
            {
                "run_id": self.run_id,
                "at": datetime.now(UTC),
                "elapsed": record.elapsed,
                "kind": record.kind,
                "data": dict(record.data),
                "position": record.position,
            }
        )
        self.elapsed = max(self.elapsed, record.elapsed)

    def _spend(self, record: Spent) -> None:
        self.spending.append(
            {
                "run_id": self.run_id,
                "kind": record.kind,
                "amount": codec.finite(record.amount, f"the amount spent on {record.kind}"),
                "unit": record.unit,
                "number": record.number,
            }
        )

    def _ask(self, record: Asked) -> None:
        self.asks.append(
            {
                "run_id": self.run_id,
                "number": record.number,
                "turn": record.turn,
                "island": record.island,
                "operator": record.operator,
                "step": record.step,
                "model": record.model,
                "prompt": codec.pack_data(record.prompt),
            }
        )
        to = {"asker": record.asker, "request_digest": record.request_digest, "expires_at": record.expires}
        self._hand(record, to, back=False)

    def _withdraw(self, record: Withdrawn) -> None:
        self._hand(record, {"reason": record.reason}, back=True)

    def _hand(self, record: Asked | Withdrawn, more: Columns, *, back: bool) -> None:
        columns = {
            "of_run": self.run_id,
            "of_number": record.number,
            "of_turn": record.turn,
            "at": datetime.now(UTC),
            "money": codec.finite(record.money, f"the money for candidate {record.number}"),
            "tokens": record.tokens,
        }
        self.handed.append(Handed(back, {**columns, **more}))

    def _answer(self, record: Answered) -> None:
        completion = record.completion
        what = f"of the completion for candidate {record.number}"
        self.completions.append(
            {
                "run_id": self.run_id,
                "number": record.number,
                "turn": record.turn,
                "request_digest": record.request_digest,
                "finish": completion.finish.value,
                "model": completion.model,
                "prompt_tokens": completion.usage.prompt,
                "cached_tokens": completion.usage.cached,
                "output_tokens": completion.usage.output,
                "reasoning_tokens": completion.usage.reasoning,
                "cost": codec.finite(completion.cost, f"the cost {what}"),
                "lost": codec.finite(completion.lost, f"the loss {what}"),
                "lost_tokens": completion.lost_tokens,
                "wall": codec.finite(completion.wall, f"the wall time {what}"),
                "attempts": completion.attempts,
                "reason": completion.reason,
                "elapsed": record.elapsed,
                "at": datetime.now(UTC),
                "text": codec.pack_text(completion.text),
            }
        )
        self.elapsed = max(self.elapsed, record.elapsed)
