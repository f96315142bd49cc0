"""What a run found as typed plain data for agents, without anything measured on held-out cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from evolve.report.work import Data, ScoreData, VerdictData
from evolve.store import PERSON, CandidateRow, LineageRow, RunRow, RunSummary, Store
from evolve.store.ancestry import changes


class RunData(Data):
    """One run of a list. Objectives are means over search cases; `best` is a candidate's number.

    Not `sealed`: program and scorer shared one process, so a program can forge its score.
    """

    run: int
    name: str
    problem: str
    status: str
    objective: str
    direction: str
    seed_objective: float | None
    best: int | None
    best_objective: float | None
    candidates: int
    valid: int
    sealed: bool

    @classmethod
    def of(cls, row: RunSummary) -> Self:
        """As plain data."""
        return cls(
            run=row.id,
            name=row.name,
            problem=row.problem,
            status=row.status,
            objective=row.objective,
            direction=row.direction,
            seed_objective=row.seed_objective,
            best=row.best_number,
            best_objective=row.best_objective,
            candidates=row.candidates,
            valid=row.valid,
            sealed=row.sealed,
        )


class RunsData(Data):
    """The runs of a database, newest first."""

    runs: list[RunData]


class WaitingData(Data):
    """A number that waits for an answer from outside until it `expires` (UTC); then it is handed out again."""

    number: int
    operator: str
    expires: str


class StatusData(Data):
    """How a run stands: `outcomes` counts candidates by what became of them."""

    run: RunData
    problem_folder: str
    reason: str
    seconds: float
    outcomes: dict[str, int]
    waiting: list[WaitingData]

    @classmethod
    def of(cls, store: Store, run: RunRow) -> Self:
        """Read it."""
        open_ = [row for row in store.open_questions(run.id) if row.last.asker == PERSON and not row.proposed]
        return cls(
            run=RunData.of(run.summary),
            problem_folder=run.problem_path,
            reason=run.stop_reason,
            seconds=run.summary.elapsed,
            outcomes={str(status): count for status, count in store.statuses(run.id).items()},
            waiting=[
                WaitingData(number=row.number, operator=row.last.operator, expires=_moment(row.last.expires))
                for row in open_
            ],
        )


class CandidateData(Data):
    """A candidate with its program and what its search evaluation said; not `sealed`, it could forge its score."""

    run: int
    number: int
    operator: str
    model: str
    idea: str
    parents: list[int]
    status: str | None
    objective: ScoreData | None
    metrics: dict[str, float]
    feedback: str
    artifacts: dict[str, str]
    verdict: VerdictData | None
    files: dict[str, str]
    sealed: bool

    @classmethod
    def of(cls, row: CandidateRow, *, sealed: bool) -> Self:
        """As plain data."""
        evaluation, origin = row.evaluation, row.origin
        return cls(
            run=row.run_id,
            number=row.number,
            operator=origin.operator,
            model=origin.model,
            idea=origin.idea,
            parents=list(origin.parents),
            status=None if evaluation is None else evaluation.status,
            objective=None if evaluation is None else ScoreData.of(evaluation.objective),
            metrics={} if evaluation is None else dict(evaluation.metrics),
            feedback="" if evaluation is None else evaluation.feedback,
            artifacts={} if evaluation is None else dict(evaluation.artifacts),
            verdict=None if row.verdict is None else VerdictData.of(row.verdict),
            files=row.program.as_dict(),
            sealed=sealed,
        )


class StepData(Data):
    """One candidate of a lineage; `step` is how the objective changed from its first parent."""

    number: int
    operator: str
    model: str
    idea: str
    status: str | None
    objective: float | None
    step: float | None
    outcome: str | None


class LineageData(Data):
    """A candidate and its first parents, back to the seed, newest first; not `sealed`, they could forge scores."""

    run: int
    steps: list[StepData]
    sealed: bool

    @classmethod
    def of(cls, run: RunRow, rows: Sequence[LineageRow]) -> Self:
        """As plain data."""
        steps = [_step(row, change) for row, change in zip(rows, changes(rows), strict=True)]
        return cls(run=run.id, steps=steps, sealed=run.sealed)


def _step(row: LineageRow, change: float | None) -> StepData:
    return StepData(
        number=row.number,
        operator=row.operator,
        model=row.model,
        idea=row.idea,
        status=row.status,
        objective=row.objective,
        step=change,
        outcome=row.outcome,
    )


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="seconds")
