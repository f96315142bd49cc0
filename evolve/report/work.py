"""Work that is handed out, and what became of answers: as plain data and for people.

Nothing here ever shows a held-out case: answers are scored on search cases, and so are the programs they start from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict
from rich.console import Group, RenderableType
from rich.text import Text

from evolve.desk import Report
from evolve.domain import Estimate, Evaluation, Verdict
from evolve.handout import Editable, Work
from evolve.report import figures
from evolve.report.runs import fact_table
from evolve.report.sealing import UNSEALED, add_sealing
from evolve.report.text import bounded, clean, one_line, plain

FEEDBACK_LINES = 30
"""Lines of feedback shown; `--json` has all of them."""


class Data(BaseModel):
    """Plain data: what `--json` prints and what tools of the MCP server return."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EditableData(Data):
    """A file that may change: all of it, or only these lines (first and last, from 1)."""

    path: str
    lines: list[tuple[int, int]] | None

    @classmethod
    def of(cls, editable: Editable) -> Self:
        """As plain data."""
        return cls(path=editable.path, lines=list(editable.lines) or None)


class LimitsData(Data):
    """What one call of a program may use: seconds, seconds of CPU, bytes of memory and of output."""

    wall: float
    cpu: float
    memory: int
    output: int


class WorkData(Data):
    """Handed-out work: answer `prompt`, or change `files`, and tell it under `number` before it `expires` (UTC).

    `files` are those of candidate `base`. `step` is what a text answer should hold: an `edit`, or a `plan`, which is
    asked on about. `reason` says why the same number is asked again. Scores in the prompt of a run that is not `sealed`
    may be forged.
    """

    run: int
    number: int
    operator: str
    step: str
    parents: list[int]
    inspirations: list[int]
    base: int
    prompt: str
    files: dict[str, str]
    editable: list[EditableData]
    may_add: list[str]
    limits: LimitsData
    expires: str
    reason: str
    sealed: bool

    @classmethod
    def of(cls, work: Work) -> Self:
        """As plain data."""
        limits = work.limits
        return cls(
            run=work.run,
            number=work.number,
            operator=work.operator,
            step=work.step,
            parents=list(work.parents),
            inspirations=list(work.inspirations),
            base=work.base,
            prompt=work.prompt,
            files=dict(work.files),
            editable=[EditableData.of(editable) for editable in work.editable],
            may_add=list(work.addable),
            limits=LimitsData(wall=limits.wall, cpu=limits.cpu, memory=limits.memory, output=limits.output),
            expires=work.expires.isoformat(timespec="seconds"),
            reason=work.reason,
            sealed=work.sealed,
        )


class ScoreData(Data):
    """A measured objective: mean, standard error of the mean (None when looked at once), number of looks."""

    mean: float
    stderr: float | None
    n: int

    @classmethod
    def of(cls, estimate: Estimate | None) -> Self | None:
        """As plain data."""
        return None if estimate is None else cls(mean=estimate.mean, stderr=estimate.stderr, n=estimate.n)


class VerdictData(Data):
    """What the archive did with a candidate. `gain` is its score minus its parent's; more is always better."""

    outcome: str
    island: int
    cell: int | None
    replaced: int | None
    new_best: bool
    gain: float | None

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """As plain data."""
        return cls(
            outcome=verdict.outcome,
            island=verdict.island,
            cell=verdict.cell,
            replaced=verdict.replaced,
            new_best=verdict.new_best,
            gain=verdict.gain,
        )


class BestData(Data):
    """The run's best candidate now."""

    number: int
    objective: ScoreData | None


class ReportData(Data):
    """What became of an answer. With `again` it could not be used: mend it and tell the same number once more.

    Not `sealed`: program and scorer shared one process, so a program can forge its score.
    """

    run: int
    number: int
    status: str
    objective: ScoreData | None
    verdict: VerdictData | None
    metrics: dict[str, float]
    feedback: str
    artifacts: dict[str, str]
    best: BestData | None
    again: WorkData | None
    sealed: bool

    @classmethod
    def of(cls, report: Report) -> Self:
        """As plain data."""
        evaluation = report.evaluation
        best = None
        if report.best is not None:
            best = BestData(number=report.best, objective=ScoreData.of(report.best_objective))
        return cls(
            run=report.run,
            number=report.number,
            status="asked_again" if evaluation is None else evaluation.status,
            objective=None if evaluation is None else ScoreData.of(evaluation.objective),
            verdict=None if report.verdict is None else VerdictData.of(report.verdict),
            metrics={} if evaluation is None else dict(evaluation.metrics),
            feedback="" if evaluation is None else evaluation.feedback,
            artifacts={} if evaluation is None else dict(evaluation.artifacts),
            best=best,
            again=None if report.again is None else WorkData.of(report.again),
            sealed=report.sealed,
        )


# ---------------------------------------------------------------- for people


def work_view(work: Work, tell: str) -> list[RenderableType]:
    """The work's facts, its prompt as a model would get it, and the command `tell` that brings an answer back."""
    facts = fact_table()
    then = ": a text answer states a plan first" if work.step == "plan" else ""
    facts.add_row("operator", plain(f"{work.operator}{then}"))
    facts.add_row("program", f"candidate {work.run}/{work.base}")
    facts.add_row("parents", _numbers(work.run, work.parents))
    facts.add_row("inspirations", _numbers(work.run, work.inspirations))
    for line in _may_change(work):
        facts.add_row("may change", plain(line))
    limits = work.limits
    facts.add_row("limits", f"{limits.wall:g} s and {limits.memory / 1024**2:.0f} MB for one call")
    add_sealing(facts, sealed=work.sealed)
    facts.add_row("expires", f"{work.expires:%Y-%m-%d %H:%M} UTC; then somebody else may get it")
    return [
        Group(Text(f"work {work.number} of run {work.run}", style="bold"), facts, Text()),
        clean(work.prompt),
        Group(Text(), *_ways(tell)),
    ]


def folder_view(work: Work, folder: str, tell: str) -> list[RenderableType]:
    """What a folder of work holds and how to bring it back."""
    lines = [f"{folder}: PROMPT.md says what to do; edit {', '.join(each.path for each in work.editable)} in place"]
    if not work.sealed:
        lines.append(UNSEALED)
    return [*lines, Group(*(plain(f"  {line}") for line in _may_change(work))), f"then: {tell} --folder {folder}"]


def report_view(report: Report, unit: str, tell: str) -> list[RenderableType]:
    """What became of an answer."""
    if report.again is not None:
        return _again_view(report.again, tell)
    evaluation, verdict = report.evaluation, report.verdict
    assert evaluation is not None, "what is not asked again was scored"
    assert verdict is not None, "what was scored was told"
    facts = fact_table()
    facts.add_row("status", Text(evaluation.status, style="red" if evaluation.objective is None else "green"))
    if evaluation.objective is not None:
        facts.add_row("score", figures.estimate(evaluation.objective, unit))
    facts.add_row("verdict", _verdict(report.run, verdict))
    if verdict.gain is not None:
        facts.add_row("gain", f"{figures.signed(verdict.gain)} over its parent (more is better)")
    if report.best is not None:
        now = "this is the new best" if verdict.new_best else f"candidate {report.run}/{report.best}"
        facts.add_row("best", f"{now}: {figures.estimate(report.best_objective, unit)}")
    add_sealing(facts, sealed=report.sealed)
    title = Text(f"candidate {report.run}/{report.number}", style="bold")
    return [Group(title, facts, *_said(evaluation))]


def _again_view(again: Work, tell: str) -> list[RenderableType]:
    return [
        Text(f"nothing was scored yet, and number {again.number} is still yours", style="yellow"),
        Group(Text(), Text(clean(again.reason)), Text()),
        f"answer again: {tell} --file answer.md, or --folder DIR with the edited files",
    ]


def _said(evaluation: Evaluation) -> Iterator[RenderableType]:
    if evaluation.feedback.strip():
        yield Text("feedback", style="dim")
        yield Text(bounded(evaluation.feedback.strip("\n"), FEEDBACK_LINES))
    for name, text in evaluation.artifacts.items():
        yield Text(f"artifact {one_line(name)}", style="dim")
        yield Text(bounded(text.strip("\n"), FEEDBACK_LINES))


def _verdict(run: int, verdict: Verdict) -> str:
    words = {
        "new_cell": "new cell: the first program of its kind",
        "improved": f"improved: it takes the place of {run}/{verdict.replaced}",
        "not_added": "not added: its cell holds one as good or better",
        "rejected": "not added: a failure has no score",
    }
    place = "" if verdict.cell is None else f" (cell {verdict.cell} of island {verdict.island})"
    return f"{words[verdict.outcome]}{place}"


def _may_change(work: Work) -> Iterator[str]:
    for each in work.editable:
        blocks = ", ".join(_lines(*block) for block in each.lines)
        yield f"{each.path}: only {blocks}" if blocks else f"{each.path}: all of it"
    if work.addable:
        yield f"new files: {', '.join(work.addable)}"


def _lines(first: int, last: int) -> str:
    return f"new lines before line {first}" if last < first else f"lines {first} to {last}"


def _ways(tell: str) -> Iterator[RenderableType]:
    yield plain(f"an answer in a file:  {tell} --file answer.md   (- reads standard input)")
    yield plain(f"edited files:         {tell} --folder DIR")


def _numbers(run: int, numbers: tuple[int, ...]) -> str:
    return ", ".join(f"{run}/{number}" for number in numbers) or "–"


def as_json(data: BaseModel) -> Mapping[str, Any]:
    """Plain data for `console.show_json`."""
    return data.model_dump(mode="json")
