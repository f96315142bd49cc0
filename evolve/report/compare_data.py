"""A comparison for programs: as JSON, and as comma-separated values."""

from __future__ import annotations

import csv
import io
from typing import Any

from evolve.report.compare_words import shown
from evolve.report.comparison import Arm, Checkpoint, Comparison
from evolve.report.contest import Contest
from evolve.report.entrant import Entrant
from evolve.statistics import Interval

CSV_HEADER = ("arm", "run", "seed", "axis", "amount", "best", "sealed")
_FORMULA = ("=", "+", "-", "@")


def compare_json(comparison: Comparison) -> dict[str, Any]:
    """A comparison as plain data; differences are in units of the objective, `p` is corrected and `p_alone` is not."""
    return {
        "problem": comparison.problem,
        "objective": comparison.objective,
        "direction": comparison.direction,
        "sealed": all(entrant.run.sealed for arm in comparison.arms for entrant in arm.entrants),
        "arms": [_arm_json(arm) for arm in comparison.arms],
        "tracks": [
            {
                "axis": track.axis,
                "shortest": track.shortest,
                "checkpoints": [_checkpoint_json(comparison, point) for point in track.checkpoints],
            }
            for track in comparison.tracks
        ],
        "held_out": [_contest_json(contest) for contest in comparison.held_out],
        "remarks": list(comparison.remarks),
    }


def _arm_json(arm: Arm) -> dict[str, Any]:
    held_out = arm.held_out
    return {
        "arm": arm.label,
        "best": _interval_json(arm.final),
        "held_out": None if held_out is None else _interval_json(held_out),
        "runs": [_entrant_json(entrant) for entrant in arm.entrants],
    }


def _entrant_json(entrant: Entrant) -> dict[str, Any]:
    run, end = entrant.run, entrant.end
    return {
        "run": run.id,
        "sealed": run.sealed,
        "name": run.summary.name,
        "seed": run.seed,
        "status": run.status,
        "best": end.best,
        "held_out": entrant.held_out,
        "evaluations": end.evaluations,
        "money": end.cost,
        "tokens": end.tokens,
        "seconds": run.summary.elapsed,
    }


def _checkpoint_json(comparison: Comparison, checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "amount": checkpoint.amount,
        "arms": [
            {"arm": arm.label, "bests": list(bests), "median": _interval_json(median)}
            for arm, bests, median in zip(comparison.arms, checkpoint.bests, checkpoint.medians, strict=True)
        ],
        "contests": [_contest_json(contest) for contest in checkpoint.contests],
    }


def _interval_json(interval: Interval) -> dict[str, float]:
    return {"median": interval.median, "low": interval.low, "high": interval.high, "coverage": interval.coverage}


def _contest_json(contest: Contest) -> dict[str, Any]:
    return {
        "arm": contest.arm,
        "against": contest.against,
        "paired": contest.paired,
        "difference": _interval_json(contest.difference),
        "mean_difference": contest.mean,
        "superiority": contest.superiority,
        "wins": contest.wins,
        "ties": contest.ties,
        "losses": contest.losses,
        "p": contest.p,
        "p_alone": contest.outcome.p,
        "p_floor": contest.outcome.floor,
        "exact": contest.outcome.exact,
        "better": contest.better,
    }


def compare_csv(comparison: Comparison) -> str:
    """One line per run and checkpoint: best so far at that amount. Axis `final` is the end, `held_out` its held-out.

    `sealed` is 0 for a run whose programs could forge their scores, else 1.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_HEADER)
    for index, arm in enumerate(comparison.arms):
        for place, entrant in enumerate(arm.entrants):
            run = (_cell(arm.label), entrant.run.id, entrant.run.seed)
            sealed = int(entrant.run.sealed)
            for track in comparison.tracks:
                for point in track.checkpoints:
                    writer.writerow((*run, track.axis.value, point.amount, point.bests[index][place], sealed))
            writer.writerow((*run, "final", entrant.end.evaluations, entrant.end.best, sealed))
            if entrant.held_out is not None:
                writer.writerow((*run, "held_out", entrant.end.evaluations, entrant.held_out, sealed))
    return out.getvalue()


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula (OWASP, CSV injection: a leading quote)."""
    safe = shown(text)
    return f"'{safe}" if safe.startswith(_FORMULA) else safe
