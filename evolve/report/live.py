"""The live view of a run on a terminal."""

from __future__ import annotations

import re

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from evolve.domain import Direction
from evolve.engine import Progress
from evolve.events import Event, RunStarted
from evolve.report import figures
from evolve.report.sealing import notices
from evolve.report.text import one_line, plain
from evolve.report.watch import Improvement, Watch, beginning, coverage, under_way

WIDEST = 110
"""Columns the view uses at most; longer lines are hard to read."""
BAR = 24
AUTHOR = 48
"""Characters shown of who made an improvement: an operator, and the model's name."""
HINT = "Ctrl-C: finish and sum up · twice: stop at once · run again to go on"


class LiveDisplay:
    """Redraws one panel in place.

    Args:
        watch: What there is to show.
        out: A terminal.
    """

    def __init__(self, watch: Watch, out: Console) -> None:
        self._watch = watch
        # Redrawn by `tick` alone: a thread of rich's own would compete with the search for the interpreter.
        self._live = Live(console=out, auto_refresh=False, transient=True, vertical_overflow="ellipsis")
        self._live.start()

    def observe(self, event: Event) -> None:
        """Take note of an event; it is drawn at the next tick."""
        self._watch.observe(event)
        if isinstance(event, RunStarted) and event.resumed:
            self._live.console.print(plain(beginning(event)))

    def tick(self, progress: Progress | None) -> None:
        """Redraw."""
        width = min(WIDEST, self._live.console.width)
        self._live.update(panel(self._watch, progress, width), refresh=True)

    def stopping(self) -> None:
        """Say from the next tick on what is waited for."""
        self._watch.is_stopping = True

    def close(self) -> None:
        """Remove the panel: the summary that follows says more."""
        self._live.stop()


def panel(watch: Watch, progress: Progress | None, width: int) -> Panel:
    """The view as it stands, `width` columns wide."""
    inner = width - 4
    parts: list[RenderableType] = []
    if progress is not None:
        parts += [_facts(watch, progress, inner), _improvements(watch), _failures(watch)]
    parts += notices(sealed=watch.scene.sealed)
    if watch.note:
        parts.append(Text(one_line(watch.note, inner), style="cyan"))
    if watch.isolation:
        parts.append(plain(_short(watch.isolation), style="dim"))
    if watch.is_stopping:
        parts.append(Text(watch.waiting(progress), style="bold yellow"))
    else:
        parts.append(Text(HINT, style="dim"))
    return Panel(Group(*parts), title=_title(watch), title_align="left", width=width, border_style="blue")


def _short(isolation: str) -> str:
    """The isolation sentence without the list of what holds; what does not hold stays, and the summary has all."""
    return re.sub(r": .*?(?=; not isolated|$)", "", isolation, count=1)


def _title(watch: Watch) -> Text:
    scene = watch.scene
    return plain(f"evolve · {scene.problem} · run {scene.run_id}")


def _facts(watch: Watch, progress: Progress, width: int) -> Table:
    rate = watch.rate(progress)
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("best", _best(watch))
    table.add_row("scored", _scored(watch, progress, rate))
    if watch.models:
        table.add_row("models", plain(_models(watch, progress)))
    for name, used, limit in watch.used(progress):
        table.add_row(name, _meter(used / limit, f"{figures.left(name, used, limit)} left", "green", width))
    for name, held, cells in coverage(progress):
        share = held / cells if cells else 0.0
        text = f"{figures.count(held)} of {figures.plural(cells, 'cell')} ({share:.0%})"
        table.add_row(name, _meter(share, text, "magenta", width))
    return table


def _best(watch: Watch) -> Text:
    scene, best = watch.scene, watch.best
    if best is None:
        return Text("nothing valid yet")
    text = Text(figures.objective(best.objective, scene.unit), style="bold green")
    goal = "less" if scene.direction is Direction.MINIMIZE else "more"
    text.append(f"  {scene.metric} ({goal} is better)", style="default not bold")
    if watch.seed is not None:
        change = figures.signed(best.objective - watch.seed)
        text.append(f" · seed {figures.objective(watch.seed, scene.unit)} · {change}", style="default not bold")
    return text


def _scored(watch: Watch, progress: Progress, rate: float) -> str:
    done = f"{figures.plural(progress.evaluations, 'evaluation')} · {rate:.0f}/s{under_way(watch, progress)}"
    failed = sum(count for _, count in watch.failures())
    return f"{done} · {figures.plural(progress.told, 'candidate')}, {figures.count(failed)} failed"


def _models(watch: Watch, progress: Progress) -> str:
    names = watch.models[0] if len(watch.models) == 1 else figures.plural(len(watch.models), "model")
    asked = "" if watch.replay else f" · {progress.talking} being asked"
    return f"{names}{asked} · {watch.spent(progress)}"


def _meter(fraction: float, text: str, style: str, width: int) -> Text:
    size = min(BAR, max(6, width - len(text) - 16))
    return Text.assemble((figures.bar(fraction, size), style), f" {text}")


def _improvements(watch: Watch) -> Table:
    table = Table.grid(padding=(0, 2))
    for justify in ("left", "right", "right", "right", "right", "left"):
        table.add_column(justify=justify, no_wrap=True)
    for row in reversed(watch.improvements):
        table.add_row(*_improvement(row))
    return table


def _improvement(row: Improvement) -> list[RenderableType]:
    kind = "began at" if row.step is None else "improved" if row.step else "shorter"
    return [
        Text(kind, style="dim"),
        figures.seconds(row.elapsed),
        f"#{row.number}",
        Text(figures.number(row.objective), style="green"),
        figures.signed(row.step) if row.step else "",
        plain(one_line(row.author, AUTHOR), style="dim"),
    ]


def _failures(watch: Watch) -> Text:
    failures = watch.failures()
    shown = ", ".join(f"{status.replace('_', ' ')} {figures.count(count)}" for status, count in failures) or "none"
    return Text.assemble(("failures  ", "dim"), shown)
