"""What a sitting at a run ends with: scores on search and held-out cases, what changed, and where to look further."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from evolve.config import BudgetSettings
from evolve.domain import SEED_NUMBER, Evaluation, Status
from evolve.problem import Objective, Problem
from evolve.report import figures
from evolve.report.console import estimate_json, program_name
from evolve.report.diff import diff_view, unified
from evolve.report.exhausted import Used, ended, exhausted
from evolve.report.given import Parameters, add_given
from evolve.report.interval import (
    LEVEL,
    Difference,
    Interval,
    confirmed_json,
    confirmed_text,
    paired_difference,
    t_interval,
)
from evolve.report.runs import ZERO, add_scaffold, fact_table, isolation_sentence, scaffold_of
from evolve.report.sealing import add_sealing
from evolve.report.spending import Spending, add_spending, spending_json
from evolve.report.text import plain
from evolve.session import Result
from evolve.store import Store

DIFF_LINES = 60
"""Lines of the winner's diff in a summary; `evolve best --diff` shows all."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything the end of a sitting says. `diff` is the winner against the seed, empty when nothing beat it."""

    result: Result
    name: str
    problem: str
    objective: Objective
    isolation: Mapping[str, Any]
    statuses: Mapping[Status, int]
    diff: str
    database: str
    db_flag: str
    spending: Spending = field(default_factory=Spending)
    budget: BudgetSettings = field(default_factory=BudgetSettings)
    sealed: bool = True
    unsealed_because: str = ""
    parameters: Parameters = field(default_factory=dict)
    holdout_folder: str = ""
    scaffold: str = ZERO

    @classmethod
    def of(cls, store: Store, problem: Problem, result: Result, db_flag: str) -> Summary:
        """Read what the result does not hold from the database, which commands name by `db_flag`."""
        run = store.run(result.run_id)
        diff = ""
        if result.best_number not in (None, SEED_NUMBER):
            texts = store.programs(result.run_id, [SEED_NUMBER, result.best_number])
            labels = (str(SEED_NUMBER), str(result.best_number))
            diff = unified(texts[SEED_NUMBER], texts[result.best_number], labels)
        return cls(
            result,
            run.summary.name,
            problem.name,
            problem.spec.objective,
            run.isolation,
            store.statuses(result.run_id),
            diff,
            store.url,
            db_flag,
            Spending.of(store, run),
            BudgetSettings.model_validate(run.settings["budget"]),
            run.sealed,
            problem.unsealed_because,
            run.summary.parameters,
            run.holdout,
            scaffold_of(run),
        )

    def difference(self) -> Difference | None:
        """Winner minus seed, over the held-out cases."""
        result, objective = self.result, self.objective
        return paired_difference(result.holdout_best, result.holdout_seed, objective.metric, objective.direction)


def summary_json(summary: Summary) -> dict[str, Any]:
    """A summary as plain data."""
    result, objective = summary.result, summary.objective
    difference = summary.difference()
    return {
        "run": result.run_id,
        "name": summary.name,
        "problem": summary.problem,
        "sealed": summary.sealed,
        "unsealed_because": summary.unsealed_because,
        "parameters": dict(summary.parameters),
        "holdout_folder": summary.holdout_folder,
        "finished": result.finished,
        "reason": result.reason,
        "objective": {"metric": objective.metric, "direction": objective.direction, "unit": objective.unit},
        "seed": estimate_json(result.seed),
        "best": None if result.best is None else {"number": result.best_number, **asdict(result.best)},
        "confirmed": confirmed_json(result.confirmed),
        "noise": result.noise,
        "holdout": {
            "level": LEVEL,
            "seed": _held_json(result.holdout_seed),
            "best": _held_json(result.holdout_best),
            "difference": None if difference is None else _difference_json(difference),
        },
        "references": _references(objective),
        "statuses": {str(status): count for status, count in summary.statuses.items()},
        "evaluations": result.evaluations,
        "elapsed": result.elapsed,
        "strategy": summary.spending.strategy,
        "scaffold": summary.scaffold,
        "models": spending_json(summary.spending),
        "isolation": dict(summary.isolation),
        "diff": summary.diff,
        "database": summary.database,
    }


def _held_json(evaluation: Evaluation | None) -> dict[str, Any] | None:
    if evaluation is None:
        return None
    estimate = evaluation.objective
    interval = None if estimate is None else t_interval(estimate)
    return {
        "status": evaluation.status,
        "mean": None if estimate is None else estimate.mean,
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
        "cases": None if estimate is None else estimate.n,
    }


def _difference_json(difference: Difference) -> dict[str, Any]:
    interval = difference.interval
    return {
        "mean": difference.mean,
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
        "cases": difference.n,
        "better": difference.better,
    }


def _references(objective: Objective) -> list[dict[str, Any]]:
    """Baselines and the best known value, best first."""
    known = [{"name": name, **reference.model_dump()} for name, reference in objective.baselines.items()]
    if objective.best_known is not None:
        known.append({"name": "best known", **objective.best_known.model_dump()})
    return sorted(known, key=lambda row: -objective.direction.sign * row["value"])


def summary_view(summary: Summary, *, colour: bool) -> Iterator[RenderableType]:
    """A summary for people."""
    result = summary.result
    state = "finished" if result.finished else "interrupted"
    why = "" if result.reason == state else f": {ended(result.reason, result.evaluations)}"
    yield plain(f"run {result.run_id} of {summary.problem} {state}{why}", style="bold")
    yield _facts(summary)
    if summary.diff:
        yield Text(f"\nwhat candidate {result.run_id}/{result.best_number} changed in the seed", style="bold")
        yield diff_view(summary.diff, colour=colour, lines=DIFF_LINES)
    yield _commands(summary)


def _facts(summary: Summary) -> RenderableType:
    result, objective = summary.result, summary.objective
    unit, goal = objective.unit, "less" if objective.direction.sign < 0 else "more"
    facts = fact_table()
    add_given(facts, summary.parameters, summary.holdout_folder)
    facts.add_row("objective", plain(f"{objective.metric}{f' in {unit}' if unit else ''}, {goal} is better"))
    add_sealing(facts, sealed=summary.sealed, because=summary.unsealed_because)
    facts.add_row("seed, search cases", figures.estimate(result.seed, unit))
    if result.best is None:
        facts.add_row("best, search cases", "no valid candidate")
    else:
        _add_best(facts, summary)
    _add_holdout(facts, summary)
    for row in _references(objective):
        facts.add_row(
            f"reference: {row['name'].replace('_', ' ')}",
            plain(f"{figures.objective(row['value'], unit)}  ({row['source']})"),
        )
    facts.add_row("evaluations", f"{figures.count(result.evaluations)} in {figures.seconds(result.elapsed)}")
    add_scaffold(facts, summary.scaffold)
    add_spending(facts, summary.spending)
    outcomes = ", ".join(f"{status} {figures.count(count)}" for status, count in summary.statuses.items())
    facts.add_row("outcomes", outcomes or "–")
    facts.add_row("isolation", plain(isolation_sentence(summary.isolation)))
    return facts


def _add_best(facts: Any, summary: Summary) -> None:
    """The winner: on a noisy problem first by the looks that chose nothing."""
    result, unit = summary.result, summary.objective.unit
    found = figures.estimate(result.best, unit)
    text = Text(found if result.confirmed is None else confirmed_text(result.confirmed, unit), style="bold green")
    text.append(f"  candidate {result.run_id}/{result.best_number}", style="default not bold")
    if not result.noise:
        facts.add_row("best, search cases", text)
    elif result.confirmed is None:
        facts.add_row("best, search score (optimistic)", text)
    else:
        facts.add_row("best, confirmed", text)
        facts.add_row("search score (optimistic)", plain(f"{found}, by the looks that chose it"))
    if result.noise:
        facts.add_row("noise", f"standard deviation {figures.objective(result.noise, unit)} of one look, at the seed")


def _add_holdout(facts: Any, summary: Summary) -> None:
    result, unit = summary.result, summary.objective.unit
    if result.holdout_best is None:
        facts.add_row(
            "held out", "this problem has no held-out cases: the search score is all there is, and it is optimistic"
        )
        return
    facts.add_row("seed, held-out cases", _held(result.holdout_seed, unit))
    facts.add_row("best, held-out cases", Text(_held(result.holdout_best, unit), style="bold"))
    difference = summary.difference()
    if difference is not None and result.best_number != SEED_NUMBER:
        facts.add_row("paired difference", _difference(difference, unit))


def _held(evaluation: Evaluation | None, unit: str) -> str:
    if evaluation is None:
        return "not measured"
    if evaluation.objective is None:
        return f"{evaluation.status}: not a single score holds when a case fails"
    interval = t_interval(evaluation.objective)
    cases = figures.plural(evaluation.objective.n, "case")
    return f"{figures.objective(evaluation.objective.mean, unit)}  {_range(interval)} over {cases}"


def _range(interval: Interval | None) -> str:
    if interval is None:
        return "(no interval)"
    return f"({LEVEL:.0%} interval {figures.number(interval.low)} to {figures.number(interval.high)})"


def _difference(difference: Difference, unit: str) -> Text:
    interval = difference.interval
    if interval is None:
        return Text(f"{figures.signed(difference.mean)} {unit} on one case: no interval, so no proof either way")
    shown = f"({LEVEL:.0%} interval {figures.signed(interval.low)} to {figures.signed(interval.high)})"
    word = "better than the seed" if difference.better else "not shown to be better than the seed"
    text = Text(f"{figures.signed(difference.mean)}{f' {unit}' if unit else ''}  {shown}  ")
    return text.append(word, style="green" if difference.better else "yellow")


def _commands(summary: Summary) -> RenderableType:
    run, db, evolve = summary.result.run_id, summary.db_flag, program_name()
    rows = [
        (f"{evolve} best {run} -o winner{db}", "write its files into winner/"),
        (f"{evolve} show {run}/best --eval{db}", "every measurement of it"),
        (f"{evolve} lineage {run}{db}", "how it came about"),
        (f"{evolve} show {run}{db}", "the whole run"),
    ]
    if not summary.result.finished:
        rows.append((f"{evolve} resume {run}{db}", "go on"))
    elif more := _more(summary):
        rows.append((f"{evolve} resume {run} {more}{db}", "give the run more"))
    table = fact_table()
    table.columns[0].style = "cyan"
    for command, meaning in rows:
        table.add_row(plain(command), meaning)
    return Group(Text("\nlook further", style="bold"), table)


def _more(summary: Summary) -> str:
    """Flags that double the limits which ended the run; "" for a replay, which has no more answers to give."""
    result, spending = summary.result, summary.spending
    if spending.replay:
        return ""
    used = Used(result.evaluations, result.elapsed, spending.money, result.reason)
    return " ".join(each.doubled for each in exhausted(summary.budget, used))
