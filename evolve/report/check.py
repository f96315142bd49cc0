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
from evolve.report.checkup import AttackResult, Checkup
from evolve.report.console import program_name, short_path
from evolve.report.interval import case_means
from evolve.report.runs import fact_table
from evolve.report.text import bounded, plain

CASES_SHOWN = 12
"""Cases whose scores are listed; `--json` has all."""
FEEDBACK_LINES = 30


def check_json(checkup: Checkup) -> dict[str, Any]:
    """A check-up as plain data. `noise` is the standard deviation of the objective between repeats."""
    noise = _noise(checkup)
    return {
        "problem": checkup.problem.name,
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
        "noise": noise,
        "seconds_per_evaluation": checkup.seed.wall,
        "workers": checkup.workers,
        "candidates_per_minute": 60 * checkup.rate,
        "holdout": None if checkup.holdout is None else _evaluation_json(checkup, checkup.holdout),
        "attacks": [_attack_json(result) for result in checkup.attacks],
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
        "status": result.evaluation.status,
        "held": result.held,
    }


def check_view(checkup: Checkup) -> Iterator[RenderableType]:
    """A check-up for people."""
    spec = checkup.problem.spec
    yield plain(f"{spec.name} · {spec.summary}", style="bold")
    facts = fact_table()
    unit = spec.objective.unit
    facts.add_row("objective", plain(f"{spec.objective.direction} {spec.objective.metric}"))
    _add_scores(facts, checkup, unit)
    facts.add_row("held out", _holdout(checkup, unit))
    facts.add_row("isolation", plain(checkup.isolation.sentence()))
    for result in checkup.attacks:
        facts.add_row(plain(f"attack {result.attack.name}"), _attack(result))
    yield facts
    if checkup.seed.feedback.strip() and checkup.seed.status is not Status.VALID:
        yield Text(bounded(checkup.seed.feedback, FEEDBACK_LINES))
    yield _conclusion(checkup)


def _add_scores(facts: Table, checkup: Checkup, unit: str) -> None:
    seed = checkup.seed
    if seed.objective is None:
        facts.add_row("seed", Text(f"not valid: {seed.status}", style="red"))
        return
    facts.add_row("seed", Text(figures.objective(seed.objective.mean, unit), style="bold"))
    facts.add_row("by case", _cases(checkup, seed))
    facts.add_row("measures", plain(", ".join(f"{k} {figures.number(v)}" for k, v in seed.measures.items())))
    facts.add_row("noise", _noise_sentence(checkup, unit))
    facts.add_row("one evaluation", figures.seconds(seed.wall))
    workers = figures.plural(checkup.workers, "worker")
    facts.add_row(
        "speed", f"at most {60 * checkup.rate:,.0f} candidates a minute with {workers}, if proposing cost nothing"
    )


def _cases(checkup: Checkup, evaluation: Evaluation) -> str:
    means = case_means(evaluation, checkup.problem.spec.objective.metric)
    shown = [figures.number(value) for value in list(means.values())[:CASES_SHOWN]]
    more = f" … {len(means) - CASES_SHOWN} more" if len(means) > CASES_SHOWN else ""
    return f"{', '.join(shown)}{more}  ({figures.plural(len(means), 'case')})"


def _noise(checkup: Checkup) -> float | None:
    # Exact, unlike a sum of floats: equal scores have no spread at all.
    return statistics.stdev(checkup.scores) if len(checkup.scores) > 1 else None


def _noise_sentence(checkup: Checkup, unit: str) -> str:
    noise, n = _noise(checkup), len(checkup.scores)
    if noise is None:
        return "not measured (one repeat)"
    if noise == 0:
        return f"none: the same score in {n} repeats"
    advice = "differences below a few times that are luck; raise stages.repeats"
    return f"standard deviation {figures.objective(noise, unit)} over {n} repeats: {advice}"


def _holdout(checkup: Checkup, unit: str) -> str | Text:
    if checkup.seed.status is not Status.VALID:
        return "not measured"
    if checkup.holdout is None:
        return Text("no held-out cases: cases('holdout') gives none, so only search scores can be told", style="yellow")
    if checkup.holdout.objective is None:
        return Text(f"the seed fails: {checkup.holdout.status}", style="red")
    estimate = checkup.holdout.objective
    return f"{figures.objective(estimate.mean, unit)} over {figures.plural(estimate.n, 'case')}"


def _attack(result: AttackResult) -> Text:
    status = result.evaluation.status
    if result.held:
        return Text(f"held off: {status}", style="green")
    return Text(f"{status}, should be {' or '.join(sorted(result.attack.expect))}", style="bold red")


def _conclusion(checkup: Checkup) -> Text:
    if checkup.faults:
        return Text("\n".join(f"fault: {fault}" for fault in checkup.faults), style="red")
    return plain(f"ready: {program_name()} run {short_path(checkup.problem.root)}", style="green")
