"""`evolve top`: a run at a glance in the terminal, as one frame that is drawn again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from evolve.domain import Estimate
from evolve.inspection.burn import Limit
from evolve.inspection.coverage import Coverage
from evolve.inspection.overview import Improvement, Overview, held_text
from evolve.inspection.points import Points
from evolve.inspection.spark import curve_values, spark
from evolve.inspection.verdict import Finding
from evolve.report import figures
from evolve.report.interval import LEVEL, t_interval
from evolve.report.sealing import notice
from evolve.report.text import one_line, plain
from evolve.store import RunStatus

WIDEST = 120
"""Columns a frame has at most; longer lines are hard to read."""
WIDE = 90
"""Columns from which ideas are shown beside improvements."""
SPARK_ROWS = 4
LABEL = 14
"""Columns kept for the labels of the curve: a number of six digits, its sign, point and exponent."""
BAR = 24
ISLANDS_SHOWN = 6
"""Islands shown one by one; more than that are summed up."""

_FINDINGS = {
    Finding.BETTER: "bold green",
    Finding.WORSE: "bold red",
    Finding.FAILED: "bold red",
    Finding.NOISE: "bold yellow",
    Finding.TOO_FEW: "yellow",
}
_STATUSES = {"running": "cyan", "finished": "green", "interrupted": "yellow", "failed": "red"}


def frame(overview: Overview, points: Points, width: int, height: int | None = None) -> RenderableType:
    """A run as a box `width` columns wide and, if that can be, at most `height` lines high."""
    width = min(WIDEST, width)
    inner = width - 4
    parts: list[RenderableType] = [_facts(overview, inner), *_curve(overview, points, inner)]
    rest = [_failures(overview), *_last_event(overview, inner)]
    listed = list(overview.improvements)
    if height is not None:
        taken = 2 + sum(_lines(part, inner) for part in [*parts, *rest])
        listed = listed[: max(1, height - taken - 1)]
    box = Group(*parts, *_improvements(listed, _unit(overview), inner), *rest)
    run = overview.run
    title = plain(f"evolve · {one_line(run.summary.problem, 40)} · run {run.id}")
    state = Text(run.status.value, style=_STATUSES.get(run.status, ""))
    return Panel(box, title=title, subtitle=state, title_align="left", subtitle_align="right", width=width)


def _lines(part: RenderableType, width: int) -> int:
    """How many lines a part takes."""
    if isinstance(part, Text):
        return max(1, sum(-(-len(line) // width) for line in part.plain.split("\n")))
    return part.row_count if isinstance(part, Table) else 1


def _facts(overview: Overview, width: int) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(overview, width):
        table.add_row(name, value)
    return table


def _rows(overview: Overview, width: int) -> Iterator[tuple[str, RenderableType]]:
    unit = _unit(overview)
    yield "best", _best(overview)
    if overview.run.summary.confirmed is not None:
        yield from _confirmed(overview, overview.run.summary.confirmed)
    if overview.held_out.seed is not None:
        yield "held out", Text(held_text(overview.held_out.best, unit), style="bold")
        yield "  seed", held_text(overview.held_out.seed, unit)
    if not overview.run.sealed:
        yield "scores", notice()
    verdict = overview.verdict
    doubted = verdict.finding is Finding.BETTER and not overview.run.sealed
    yield "verdict", Text(verdict.sentence, style="yellow" if doubted else _FINDINGS.get(verdict.finding, ""))
    yield "scored", _scored(overview)
    if overview.models:
        yield "models", plain(_models(overview))
    for limit in overview.burn.limits:
        yield limit.name, _limit(limit, width)
    ends = overview.burn.ends_first(overview.run)
    if ends is not None and ends.seconds_left is not None:
        yield "ends", f"in about {figures.seconds(ends.seconds_left)} at this pace, when {_by(ends)} used up"
    if overview.run.status is RunStatus.RUNNING:
        yield "workers", _workers(overview)
    elif overview.run.stop_reason:
        yield "ended", plain(one_line(overview.run.stop_reason, 200))
    for name, coverage in _islands(overview.coverage):
        yield name, _cells(coverage, width)


def _unit(overview: Overview) -> str:
    return one_line(overview.goal.unit, 20)


def _best(overview: Overview) -> Text:
    goal, summary, unit = overview.goal, overview.run.summary, _unit(overview)
    if overview.best is None:
        return Text("nothing valid yet")
    text = Text(figures.objective(overview.best, unit), style="bold green")
    sure = "" if summary.confirmed is None else ", confirmed"
    rest = f"{sure}  #{summary.best_number} · {one_line(goal.metric, 40)}, {goal.sense}"
    if overview.gain is not None:
        rest += f" · seed {figures.objective(summary.seed_objective, unit)} · {figures.signed(overview.gain)}"
    return text.append(rest, style="default not bold")


def _confirmed(overview: Overview, confirmed: Estimate) -> Iterator[tuple[str, str]]:
    """How sure the confirmed score is, and what the search made of the same program."""
    interval, looks = t_interval(confirmed), figures.plural(confirmed.n, "look")
    span = "no interval"
    if interval is not None:
        span = f"{LEVEL:.0%} interval {figures.number(interval.low)} to {figures.number(interval.high)}"
    yield "  interval", f"{span}, {looks} that chose nothing"
    search = figures.objective(overview.run.summary.best_objective, _unit(overview))
    yield "  search", f"{search}, search score (optimistic)"


def _scored(overview: Overview) -> str:
    summary = overview.run.summary
    failed = sum(overview.failures.values())
    if not summary.told:
        return "nothing yet"
    made = f"{figures.plural(overview.burn.evaluations, 'evaluation')} in {figures.seconds(summary.elapsed)}"
    pace = "" if overview.rate is None else f" · {rate_text(overview.rate)}"
    return f"{made}{pace} · {figures.plural(summary.told, 'candidate')}, {failed / summary.told:.0%} failed"


def rate_text(per_second: float) -> str:
    """Candidates per second, minute or hour, whichever is a number one can picture."""
    for unit, seconds in (("s", 1), ("min", 60)):
        if per_second * seconds >= 1:
            return f"{per_second * seconds:.3g}/{unit}"
    return f"{per_second * 3600:.2g}/h"


def _models(overview: Overview) -> str:
    names, money = overview.models, overview.burn.money
    who = one_line(names[0], 40) if len(names) == 1 else figures.plural(len(names), "model")
    spent = figures.spent(None if money.unknown else money.spent, money.spent_tokens)
    if overview.replay:
        return f"{who}, {overview.replay} answers for them: {spent} when recorded, nothing now"
    return f"{who} · {figures.plural(money.calls, 'answer')} · {spent}"


def _limit(limit: Limit, width: int) -> Text:
    if limit.used is None:
        return Text(f"unknown of {figures.dollars(limit.limit)} used: nobody knows a price")
    return _meter(limit.share or 0.0, f"{figures.left(limit.name, limit.used, limit.limit)} left", "green", width)


def _by(limit: Limit) -> str:
    return f"the {limit.name} {'are' if limit.name in ('evaluations', 'tokens') else 'is'}"


def _workers(overview: Overview) -> str:
    parts = ["?" if overview.workers is None else figures.count(overview.workers)]
    if overview.asked:
        parts.append(f"{figures.plural(overview.asked, 'candidate')} being asked for")
    if overview.waiting:
        parts.append(f"{figures.count(overview.waiting)} being evaluated")
    return " · ".join(parts)


def _islands(coverage: Sequence[Coverage]) -> list[tuple[str, Coverage]]:
    if len(coverage) <= ISLANDS_SHOWN:
        return [(f"island {each.island}", each) for each in coverage]
    known = [each.cells for each in coverage if each.cells is not None]
    cells = sum(known) if len(known) == len(coverage) else None
    together = Coverage(0, sum(each.held for each in coverage), cells, any(each.learning for each in coverage))
    return [(f"{len(coverage)} islands", together)]


def _cells(coverage: Coverage, width: int) -> Text:
    held, cells = coverage.held, coverage.cells
    if not cells:
        learning = "; bounds are still being learnt" if coverage.learning else ""
        return Text(f"{figures.plural(held, 'elite')}{learning}")
    share = held / cells
    return _meter(share, f"{figures.count(held)} of {figures.plural(cells, 'cell')} ({share:.0%})", "magenta", width)


def _meter(fraction: float, text: str, style: str, width: int) -> Text:
    size = min(BAR, max(6, width - len(text) - 16))
    return Text.assemble((figures.bar(fraction, size), style), f" {text}")


def _curve(overview: Overview, points: Points, width: int) -> list[RenderableType]:
    """The best so far as a filled curve over evaluations, with its highest and lowest value at the right."""
    if len(points.bests) < 2:
        return []
    columns = max(10, width - LABEL)
    values = curve_values(points, columns)
    labels = [figures.number(max(values)), *([""] * (SPARK_ROWS - 2)), figures.number(min(values))]
    rows = spark(values, SPARK_ROWS)
    lines = [Text.assemble((row, "cyan"), (f" {label}", "dim")) for row, label in zip(rows, labels, strict=True)]
    count = figures.plural(overview.burn.evaluations, "evaluation")
    left = "best so far"
    return [Text(""), *lines, Text(f"{left}{count:>{max(len(count) + 1, columns - len(left))}}", style="dim")]


def _improvements(rows: Sequence[Improvement], unit: str, width: int) -> list[RenderableType]:
    """One line each: figures in columns, which are never cut, then who made it, as far as the line goes."""
    if not rows:
        return []
    cells = [_figures(each, unit) for each in rows]
    widths = [max(len(row[index]) for row in cells) for index in range(4)]
    lines: list[RenderableType] = [Text("")]
    for each, row in zip(rows, cells, strict=True):
        elapsed, number, objective, step = (cell.rjust(size) for cell, size in zip(row, widths, strict=True))
        left = max(0, width - sum(widths) - 2 * len(widths))
        author = plain(one_line(_author(each, ideas=width >= WIDE), left), style="dim") if left else Text("")
        measured = ((elapsed, "dim"), f"  {number}  ", (objective, "green"), f"  {step}  ")
        lines.append(Text.assemble(*measured, author, no_wrap=True, overflow="ellipsis"))
    return lines


def _figures(each: Improvement, unit: str) -> list[str]:
    row, step = each.row, each.step
    change = "" if step is None else figures.step(step)
    return [figures.seconds(row.elapsed), f"#{row.number}", figures.objective(row.objective, unit), change]


def _author(each: Improvement, *, ideas: bool) -> str:
    row = each.row
    author = f"{row.operator} by {row.model}" if row.model else row.operator
    return f"{author} · {row.idea}" if row.idea and ideas else author


def _failures(overview: Overview) -> Text:
    shown = [f"{status.replace('_', ' ')} {figures.count(count)}" for status, count in overview.failures.items()]
    return Text.assemble(("failures  ", "dim"), ", ".join(shown) or "none")


def _last_event(overview: Overview, width: int) -> list[RenderableType]:
    if not overview.events:
        return []
    last = overview.events[0]
    return [Text(one_line(f"{figures.seconds(last.elapsed)}: {last.sentence}", width), style="cyan")]
