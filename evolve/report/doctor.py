"""The view of what `evolve doctor` found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from evolve.report import figures
from evolve.report.console import program_name
from evolve.report.findings import Finding, State
from evolve.report.runs import fact_table
from evolve.report.text import bounded, one_line, plain

_STYLES = {State.OK: "", State.NOTE: "yellow", State.FAULT: "bold red"}
_LINES = 10


def doctor_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """The findings as plain data; `ok` says that a run could start."""
    return {
        "ok": not faults(findings),
        "findings": [
            {
                "topic": finding.topic,
                "state": finding.state,
                "text": finding.text,
                "way_out": finding.way_out,
                "details": dict(finding.details),
            }
            for finding in findings
        ],
    }


def faults(findings: Sequence[Finding]) -> list[Finding]:
    """What keeps a run from starting."""
    return [finding for finding in findings if finding.state is State.FAULT]


def doctor_view(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    """The findings for people, on one screen."""
    table = fact_table()
    for finding in findings:
        text = Text(bounded(finding.text, _LINES, 400), style=_STYLES[finding.state])
        if finding.way_out:
            text.append(f"\n→ {one_line(finding.way_out, 400)}", style="cyan")
        table.add_row(plain(finding.topic), text)
    yield table
    bad = faults(findings)
    if bad:
        topics = ", ".join(dict.fromkeys(finding.topic for finding in bad))
        yield Text(f"{figures.plural(len(bad), 'fault')}: {one_line(topics)}", style="bold red")
    else:
        yield Text(f"ready: {program_name()} run PROBLEM", style="green")
