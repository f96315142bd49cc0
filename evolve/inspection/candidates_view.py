"""A page of a list of candidates in the terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from evolve.domain import Status
from evolve.inspection.candidates import CandidateList
from evolve.report import figures
from evolve.report.listing import Column, Listing
from evolve.report.sealing import notices
from evolve.report.text import one_line, plain
from evolve.store.candidates import CandidateLine

_IDEA = 80
_DASH = "–"

_COLUMNS = (
    Column("number"),
    Column("status", text=True),
    Column("objective"),
    Column("gain", optional=True),
    Column("operator", text=True),
    Column("archive", text=True, optional=True),
    Column("island", optional=True),
    Column("after", optional=True),
    Column("parents", text=True, optional=True),
    Column("cost", optional=True),
    Column("model", text=True, optional=True),
    Column("idea", text=True, optional=True),
)


def candidates_view(found: CandidateList) -> RenderableType:
    """The lines as a table, under a sentence that says which ones of how many they are."""
    if not found.lines:
        return Text(_nothing(found))
    first = found.offset + 1
    last = found.offset + len(found.lines)
    span = f"{figures.count(first)} to {figures.count(last)} of {figures.count(found.total)}, sorted by {found.order}"
    more = f"; --offset {last} shows the next ones" if last < found.total else ""
    rows = [_row(line, found) for line in found.lines]
    return Group(Listing(_COLUMNS, rows), Text(f"{span}{more}", style="dim"), *notices(sealed=found.sealed))


def _nothing(found: CandidateList) -> str:
    if not found.there:
        return "no candidates yet"
    if not found.total:
        return "no candidate is like that"
    beyond = f"--offset {found.offset} is beyond the end"
    return f"{beyond}: there {'is' if found.total == 1 else 'are'} {figures.count(found.total)} of them"


def _row(line: CandidateLine, found: CandidateList) -> list[RenderableType]:
    return [
        f"{found.run_id}/{line.number}",
        status_text(line.status),
        figures.objective(line.objective, found.unit),
        _DASH if line.gain is None else figures.signed(line.gain),
        plain(one_line(line.operator, 30)),
        _archive(line),
        str(line.island),
        _DASH if line.elapsed is None else figures.seconds(line.elapsed),
        ", ".join(map(str, line.parents)) or _DASH,
        cost_text(line),
        plain(one_line(line.model, 40)),
        plain(one_line(line.idea, _IDEA)),
    ]


def status_text(status: Status | None) -> Text:
    """A status with its colour; `open` before there is one."""
    if status is None:
        return Text("open", style="dim")
    return Text(status, style="green" if status is Status.VALID else "red")


def cost_text(line: CandidateLine) -> str:
    """What its completions cost; a dash where no model was asked."""
    if not line.asked:
        return _DASH
    return "unknown" if line.cost is None else figures.dollars(line.cost)


def _archive(line: CandidateLine) -> Text:
    if line.outcome is None:
        return Text(_DASH)
    words = line.outcome.replace("_", " ")
    return Text(f"{words}, best" if line.new_best else words, style="bold" if line.new_best else "")
