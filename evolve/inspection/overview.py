"""How a run stands, on one page: scores and whether they hold, budget, pace, what happened last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from evolve.archive.board import event_of
from evolve.domain import SEED_NUMBER, Estimate, Evaluation, Split, Status
from evolve.inspection.burn import Burn, burn_json, calls_of
from evolve.inspection.coverage import Coverage
from evolve.inspection.goal import Goal, goal_json
from evolve.inspection.verdict import Verdict, verdict_json, verdict_of
from evolve.report import figures
from evolve.report.given import parameters_text
from evolve.report.interval import LEVEL, Difference, Interval, confirmed_json, paired_difference, t_interval
from evolve.report.runs import evaluations as run_ones
from evolve.report.runs import isolation_sentence, run_json
from evolve.store import EventRow, RunRow, RunStatus, Store
from evolve.store.recent import LatestRow

IMPROVEMENTS, LATEST, EVENTS = 8, 10, 8
"""How many of the last new bests, candidates and events are listed."""
MODELS_READY = "models_ready"
"""The kind of the event at the start of a sitting with models: `evolve.recording.CARDS`, without its imports."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Seed and best on the held-out cases, and their difference case by case, as far as they were measured."""

    seed: Evaluation | None
    best: Evaluation | None
    difference: Difference | None

    @classmethod
    def of(cls, store: Store, run: RunRow, metric: str) -> HeldOut:
        """Read it."""
        seed = store.evaluation(run.id, SEED_NUMBER, Split.HOLDOUT)
        number = run.summary.best_number
        if number is None or number == SEED_NUMBER:
            return cls(seed, seed if number == SEED_NUMBER else None, None)
        best = store.evaluation(run.id, number, Split.HOLDOUT)
        return cls(seed, best, paired_difference(best, seed, metric, run.summary.direction))


@dataclass(frozen=True, slots=True)
class Improvement:
    """A new best, and by how much its objective differs from the best before (None for the first one)."""

    row: LatestRow
    step: float | None


@dataclass(frozen=True, slots=True)
class Note:
    """An event of the run in a sentence, after `elapsed` run seconds."""

    seq: int
    elapsed: float
    position: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Overview:
    """A run at a glance, live or ended. `rate` is candidates per second lately (None when it does not go on).

    `asked` and `waiting` count candidates under way in a running run: being asked for, and proposed but not scored.
    """

    run: RunRow
    goal: Goal
    held_out: HeldOut
    verdict: Verdict
    burn: Burn
    statuses: Mapping[Status, int]
    rate: float | None
    asked: int
    waiting: int
    coverage: Sequence[Coverage]
    improvements: Sequence[Improvement]
    latest: Sequence[LatestRow]
    events: Sequence[Note]

    @classmethod
    def of(cls, store: Store, run: RunRow, coverage: Sequence[Coverage] | None = None) -> Overview:
        """Read it. `coverage`, if given, is taken as it is: to follow a long log costs more than all the rest."""
        goal = Goal.of(run)
        statuses = store.statuses(run.id)
        held_out = HeldOut.of(store, run, goal.metric)
        going = run.status is RunStatus.RUNNING
        summary = run.summary
        return cls(
            run,
            goal,
            held_out,
            verdict_of(run, goal.metric, held_out.seed, held_out.best),
            Burn.of(run, run_ones(statuses) + store.further_looks(run.id), store.money(run.id), calls_of(store, run)),
            statuses,
            _rate(store, run) if going else None,
            store.browse.asked_now(run.id) if going else 0,
            max(0, summary.candidates - summary.told) if going else 0,
            Coverage.of(store, run) if coverage is None else coverage,
            _improvements(store.browse.improvements(run.id, IMPROVEMENTS + 1)),
            store.browse.latest(run.id, LATEST),
            tuple(_notes(store.browse.last_events(run.id, EVENTS))),
        )

    @property
    def best(self) -> float | None:
        """What the best is worth: by the looks that chose nothing if there were some, else by those that chose it."""
        summary = self.run.summary
        return summary.best_objective if summary.confirmed is None else summary.confirmed.mean

    @property
    def gain(self) -> float | None:
        """How far the best is from the seed; None without either."""
        seed, best = self.run.summary.seed_objective, self.best
        return None if seed is None or best is None else best - seed

    @property
    def failures(self) -> dict[Status, int]:
        """How many candidates failed in each way, most frequent first."""
        return {status: count for status, count in self.statuses.items() if status is not Status.VALID}

    @property
    def models(self) -> list[str]:
        """The models the run asks, by name."""
        return [str(model["name"]) for model in self.run.settings.get("llm", {}).get("models", ())]

    @property
    def replay(self) -> str:
        """What answers instead of them: "" when they are asked."""
        llm = self.run.settings.get("llm", {})
        if llm.get("source") != "replay":
            return ""
        return "a recording" if llm.get("recording") is None else f"run {llm['recording']}"

    @property
    def workers(self) -> int | None:
        """How many evaluations are made at once; None for runs that do not say."""
        workers: int | None = self.run.settings.get("workers", {}).get("evaluations")
        return workers


def _rate(store: Store, run: RunRow) -> float | None:
    pace = store.browse.pace(run.id)
    # To now and not to the last candidate: a run that hangs is seen to slow down.
    seconds = max(pace.until, run.summary.elapsed) - pace.since
    return pace.told / seconds if pace.told and seconds > 0 else None


def _improvements(rows: Sequence[LatestRow]) -> tuple[Improvement, ...]:
    """Rows from newest to oldest as improvements; of the oldest of a full list the step is not known, and it goes."""
    steps = [Improvement(row, _step(row.objective, before.objective)) for row, before in pairwise(rows)]
    first = [Improvement(rows[-1], None)] if rows and len(rows) <= IMPROVEMENTS else []
    return (*steps, *first)


def _step(objective: float | None, before: float | None) -> float | None:
    return None if objective is None or before is None else objective - before


def _notes(rows: Sequence[EventRow]) -> Iterator[Note]:
    for row in rows:
        event = event_of(row.kind, row.data)
        yield Note(row.seq, row.elapsed, row.position, _sentence(row) if event is None else str(event))


def _sentence(row: EventRow) -> str:
    if row.kind != MODELS_READY:
        return row.kind.replace("_", " ")
    return f"models ready: {', '.join(str(card.get('name')) for card in row.data.get('cards', ()))}"


def overview_json(overview: Overview) -> dict[str, Any]:
    """An overview as plain data; `best_objective`, as in every list of runs, is by the looks that chose the best.

    `best.objective` is by looks that chose nothing where there were some (`confirmed`), and `best.gain` is its distance
    from the seed; `best.search_objective` is then the optimistic one.
    """
    run = overview.run
    return {
        **run_json(run.summary),
        "reason": run.stop_reason,
        "strategy": run.settings.get("search", {}).get("strategy", "evolve"),
        "goal": goal_json(overview.goal),
        "best": _best_json(overview),
        "confirmed": confirmed_json(run.summary.confirmed),
        "held_out": _held_out_json(overview.held_out),
        "given": {"parameters": parameters_text(run.summary.parameters), "holdout": run.holdout},
        "verdict": verdict_json(overview.verdict),
        "isolation": {"level": run.isolation.get("level"), "sentence": isolation_sentence(run.isolation)},
        "budget": burn_json(overview.burn, run),
        "workers": overview.workers,
        "rate": overview.rate,
        "asked": overview.asked,
        "waiting": overview.waiting,
        "coverage": [asdict(each) for each in overview.coverage],
        "improvements": [{**latest_json(each.row), "step": each.step} for each in overview.improvements],
        "latest": [latest_json(row) for row in overview.latest],
        "failures": {status.value: count for status, count in overview.failures.items()},
        "models": {"names": overview.models, "replay": overview.replay},
        "events": [asdict(note) for note in overview.events],
    }


def _best_json(overview: Overview) -> dict[str, Any]:
    summary = overview.run.summary
    return {
        "number": summary.best_number,
        "objective": overview.best,
        "gain": overview.gain,
        "search_objective": summary.best_objective,
    }


def latest_json(row: LatestRow) -> dict[str, Any]:
    """A told candidate as plain data."""
    return {**asdict(row), "status": row.status.value, "outcome": row.outcome.value}


def _held_out_json(held_out: HeldOut) -> dict[str, Any]:
    difference = held_out.difference
    return {
        "level": LEVEL,
        "seed": _evaluation_json(held_out.seed),
        "best": _evaluation_json(held_out.best),
        "difference": None
        if difference is None
        else {
            "mean": difference.mean,
            **_interval_json(difference.interval),
            "cases": difference.n,
            "better": difference.better,
        },
    }


def _evaluation_json(evaluation: Evaluation | None) -> dict[str, Any] | None:
    if evaluation is None:
        return None
    estimate = evaluation.objective
    return {
        "status": evaluation.status.value,
        "mean": None if estimate is None else estimate.mean,
        **_interval_json(None if estimate is None else t_interval(estimate)),
        "cases": None if estimate is None else estimate.n,
    }


def _interval_json(interval: Interval | None) -> dict[str, float | None]:
    return {"low": None if interval is None else interval.low, "high": None if interval is None else interval.high}


def held_text(evaluation: Evaluation | None, unit: str) -> str:
    """What a program got on held-out cases, with its interval, for people."""
    if evaluation is None:
        return "not measured"
    if evaluation.objective is None:
        return f"fails: {evaluation.status.replace('_', ' ')}"
    return estimate_text(evaluation.objective, unit, "case")


def estimate_text(estimate: Estimate, unit: str, noun: str) -> str:
    """A mean with its interval and over how many cases or looks it is."""
    interval, over = t_interval(estimate), figures.plural(estimate.n, noun)
    shown = figures.objective(estimate.mean, unit)
    if interval is None:
        return f"{shown}  (no interval, {over})"
    span = f"{figures.number(interval.low)} to {figures.number(interval.high)}"
    return f"{shown}  ({LEVEL:.0%} interval {span}, {over})"
