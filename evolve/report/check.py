"""The view of a check-up."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from evolve.domain import Evaluation, Status
from evolve.report import figures
from evolve.report.checks.attacks import AttackResult
from evolve.report.checkup import Checkup
from evolve.report.console import program_name, short_path
from evolve.report.findings import Finding, State
from evolve.report.interval import case_means
from evolve.report.runs import fact_table
from evolve.report.sealing import add_sealing
from evolve.report.text import bounded, one_line, plain

CASES_SHOWN = 12
"""Cases whose scores are listed; `--json` has all."""
FEEDBACK_LINES = 30
_STYLES = {State.OK: "", State.NOTE: "yellow", State.FAULT: "bold red"}
_CHARS = 500


def check_json(checkup: Checkup) -> dict[str, Any]:
    """A check-up as plain data. `noise` is the standard deviation of the objective between repeats."""
    return {
        "problem": checkup.problem.name,
        "sealed": checkup.problem.spec.evaluation.sealed,
        "unsealed_because": checkup.problem.unsealed_because,
        "ok": not checkup.faults,
        "faults": checkup.faults,
        "isolation": {
            "backend": checkup.isolation.backend,
            "level": checkup.isolation.level,
            "layers": list(checkup.isolation.layers),
            "missing": list(checkup.isolation.missing),
        },
        "seed": _evaluation_json(checkup, checkup.seed),
        "scores": list(checkup.scores),
        "noise": statistics.stdev(checkup.scores) if len(checkup.scores) > 1 else None,
        "seconds_per_evaluation": checkup.seed.wall,
        "workers": checkup.workers,
        "candidates_per_minute": 60 * checkup.rate,
        "holdout": None if checkup.holdout is None else _evaluation_json(checkup, checkup.holdout),
        "attacks": [_attack_json(result) for result in checkup.attacks],
        "findings": [_finding_json(finding) for finding in checkup.findings],
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "topic": finding.topic,
        "state": finding.state,
        "text": finding.text,
        "way_out": finding.way_out,
        "details": dict(finding.details),
    }


def _evaluation_json(checkup: Checkup, evaluation: Evaluation) -> dict[str, Any]:
    return {
        "status": evaluation.status,
        "objective": None if evaluation.objective is None else evaluation.objective.mean,
        "metrics": dict(evaluation.metrics),
        "measures": dict(evaluation.measures),
        "feedback": evaluation.feedback,
        "cases": [
            {
                "case": look.case,
                "status": look.status,
                "value": look.metrics.get(checkup.problem.spec.objective.metric),
                "wall": look.wall,
            }
            for look in evaluation.measurements
        ],
    }


def _attack_json(result: AttackResult) -> dict[str, Any]:
    return {
        "name": result.attack.name,
        "expect": sorted(result.attack.expect),
        "status": result.tried.outcome,
        "held": result.held,
    }


def check_view(checkup: Checkup) -> Iterator[RenderableType]:
    """A check-up for people."""
    spec = checkup.problem.spec
    yield plain(f"{spec.name} · {spec.summary}", style="bold")
    facts = fact_table()
    facts.add_row("objective", plain(f"{spec.objective.direction} {spec.objective.metric}"))
    _add_seed(facts, checkup, spec.objective.unit)
    add_sealing(facts, sealed=spec.evaluation.sealed, because=checkup.problem.unsealed_because)
    facts.add_row("isolation", plain(checkup.isolation.sentence()))
    for finding in checkup.findings:
        facts.add_row(plain(finding.topic), _line(finding))
    yield facts
    if checkup.seed.feedback.strip() and checkup.seed.status is not Status.VALID:
        yield Text(bounded(checkup.seed.feedback, FEEDBACK_LINES))
    yield _conclusion(checkup)


def _add_seed(facts: Table, checkup: Checkup, unit: str) -> None:
    seed = checkup.seed
    if seed.objective is None:
        return
    facts.add_row("seed", Text(figures.objective(seed.objective.mean, unit), style="bold"))
    facts.add_row("by case", _cases(checkup, seed))
    facts.add_row("measures", plain(", ".join(f"{k} {figures.number(v)}" for k, v in seed.measures.items())))
    facts.add_row("one evaluation", figures.seconds(seed.wall))


def _cases(checkup: Checkup, evaluation: Evaluation) -> str:
    means = case_means(evaluation, checkup.problem.spec.objective.metric)
    shown = [figures.number(value) for value in list(means.values())[:CASES_SHOWN]]
    more = f" … {len(means) - CASES_SHOWN} more" if len(means) > CASES_SHOWN else ""
    return f"{', '.join(shown)}{more}  ({figures.plural(len(means), 'case')})"


def _line(finding: Finding) -> Text:
    line = Text(one_line(finding.text, _CHARS), style=_STYLES[finding.state])
    if finding.way_out:
        line.append(f" → {one_line(finding.way_out, _CHARS)}", style="cyan")
    return line


def _conclusion(checkup: Checkup) -> Text:
    faults = [finding.topic for finding in checkup.findings if finding.state is State.FAULT]
    if faults:
        return Text(f"{figures.plural(len(faults), 'fault')}: {one_line(', '.join(faults))}", style="bold red")
    return plain(f"ready: {program_name()} run {short_path(checkup.problem.root)}", style="green")
