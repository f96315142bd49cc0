"""Views of runs: the list, and one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evolve.archive.records import Dismissed
from evolve.domain import SEED_NUMBER, Estimate, Split, Status
from evolve.report import figures
from evolve.report.given import add_given, marked
from evolve.report.interval import confirmed_json, confirmed_text
from evolve.report.listing import Column, Listing
from evolve.report.sealing import WORD, add_sealing, notice
from evolve.report.spending import Spending, add_spending, spending_json
from evolve.report.text import one_line, plain
from evolve.store import CurvePoint, RunRow, RunSummary, Store

CURVE_ROWS = 12
"""Improvements shown of a run; `--json` has all of them."""
ZERO = "zero"
"""The built-in scaffold."""
_DIGITS = 12
_UNIT = 40
"""Characters of a unit."""


def run_json(summary: RunSummary) -> dict[str, Any]:
    """One run of a list as plain data."""
    return {**asdict(summary), "created": summary.created.isoformat()}


def runs_view(rows: Sequence[RunSummary]) -> RenderableType:
    """The list of runs."""
    unsealed = not all(row.sealed for row in rows)
    columns = (
        Column("run"),
        Column("name", text=True),
        Column("status", text=True),
        Column("seed"),
        Column("best"),
        *([Column("", text=True)] if unsealed else []),
        Column("by", optional=True),
        Column("candidates", optional=True),
        Column("valid", optional=True),
        Column("time", optional=True),
        Column("created (UTC)", optional=True),
    )
    listed = Listing(columns, [_run_row(row, labelled=unsealed) for row in rows])
    return Group(listed, notice()) if unsealed else listed


def _run_row(row: RunSummary, *, labelled: bool) -> list[RenderableType]:
    return [
        str(row.id),
        plain(marked(row.name if row.name == row.problem else f"{row.name} ({row.problem})", row.parameters)),
        Text(row.status, style=_STYLES.get(row.status, "")),
        figures.objective(row.seed_objective),
        figures.objective(row.best_objective if row.confirmed is None else row.confirmed.mean),
        *([Text("" if row.sealed else WORD, style="yellow")] if labelled else []),
        "–" if row.best_number is None else str(row.best_number),
        figures.count(row.candidates),
        figures.count(row.valid),
        figures.seconds(row.elapsed),
        f"{row.created:%Y-%m-%d %H:%M}",
    ]


_STYLES = {"running": "cyan", "finished": "green", "interrupted": "yellow", "failed": "red"}


@dataclass(frozen=True, slots=True)
class RunDetails:
    """A run with what is shown beside it; `holdout` are its seed and its best on the held-out cases, if measured."""

    run: RunRow
    statuses: Mapping[Status, int]
    curve: Sequence[CurvePoint]
    holdout: tuple[Estimate | None, Estimate | None]
    database: str
    spending: Spending = field(default_factory=Spending)
    dismissed: Sequence[str] = ()
    """Why candidates were taken out of the run after they had been told, one sentence each."""

    @classmethod
    def of(cls, store: Store, run: RunRow) -> RunDetails:
        """Read them."""
        held = [
            None if number is None else store.evaluation(run.id, number, Split.HOLDOUT)
            for number in (SEED_NUMBER, run.summary.best_number)
        ]
        seed, best = (None if evaluation is None else evaluation.objective for evaluation in held)
        events = store.events(run.id, kinds=[Dismissed.__name__])
        return cls(
            run,
            store.statuses(run.id),
            store.best_curve(run.id),
            (seed, best),
            store.url,
            Spending.of(store, run),
            [str(Dismissed(**event.data)) for event in events],
        )


def run_details_json(details: RunDetails) -> dict[str, Any]:
    """All there is to know of one run as plain data."""
    run = details.run
    seed, best = details.holdout
    return {
        **run_json(run.summary),
        "problem_path": run.problem_path,
        "problem_digest": run.problem_digest,
        "reason": run.stop_reason,
        "ended": None if run.ended is None else run.ended.isoformat(),
        "random_seed": run.seed,
        "settings": dict(run.settings),
        "versions": dict(run.versions),
        "isolation": dict(run.isolation),
        "holdout": {
            "seed": None if seed is None else asdict(seed),
            "best": None if best is None else asdict(best),
        },
        "confirmed": confirmed_json(run.summary.confirmed),
        "dismissed": list(details.dismissed),
        "evaluations": evaluations(details.statuses),
        "strategy": details.spending.strategy,
        "scaffold": scaffold_of(run),
        "models": spending_json(details.spending),
        "statuses": {str(status): count for status, count in details.statuses.items()},
        "curve": [asdict(point) for point in details.curve],
        "database": details.database,
    }


def run_view(details: RunDetails) -> RenderableType:
    """One run: what it is, how it stands, how it got there."""
    run, statuses = details.run, details.statuses
    summary = run.summary
    facts = fact_table()
    reason = f" ({one_line(run.stop_reason)})" if run.stop_reason not in ("", None, summary.status) else ""
    facts.add_row("status", Text(f"{summary.status}{reason}", style=_STYLES.get(summary.status, "")))
    facts.add_row("problem", plain(f"{summary.problem} in {run.problem_path}"))
    add_given(facts, summary.parameters, run.holdout)
    facts.add_row("objective", plain(f"{summary.direction} {summary.objective}"))
    unit = one_line(run.unit, _UNIT)
    facts.add_row("seed program", plain(figures.objective(summary.seed_objective, unit)))
    _add_best(facts, summary, unit)
    add_sealing(facts, sealed=run.sealed)
    for sentence in details.dismissed:
        facts.add_row("taken out", plain(one_line(sentence, 400)))
    seed, best = details.holdout
    if best is not None:
        facts.add_row("held out", plain(f"{_over_cases(best, unit)}; seed program {_over_cases(seed, unit)}"))
    add_scaffold(facts, scaffold_of(run))
    add_spending(facts, details.spending)
    facts.add_row(
        "candidates", f"{figures.count(summary.candidates)}, {figures.count(evaluations(statuses))} of them run"
    )
    facts.add_row("outcomes", ", ".join(f"{status} {figures.count(n)}" for status, n in statuses.items()) or "–")
    facts.add_row("time", f"{figures.seconds(summary.elapsed)} at work, created {summary.created:%Y-%m-%d %H:%M} UTC")
    facts.add_row("random seed", str(run.seed))
    facts.add_row("isolation", plain(isolation_sentence(run.isolation)))
    facts.add_row("versions", plain(", ".join(f"{name} {version}" for name, version in run.versions.items())))
    return Group(plain(f"run {summary.id} · {summary.name}", style="bold"), facts, *_curve(details.curve, unit))


def _add_best(facts: Table, summary: RunSummary, unit: str) -> None:
    found = figures.objective(summary.best_objective, unit)
    if summary.confirmed is None:
        facts.add_row("best", plain(f"{found}{_by(summary)}"))
        return
    facts.add_row("best, confirmed", plain(f"{confirmed_text(summary.confirmed, unit)}{_by(summary)}"))
    facts.add_row("search score (optimistic)", plain(f"{found}, by the looks that chose it"))


def _by(summary: RunSummary) -> str:
    return "" if summary.best_number is None else f" by candidate {summary.id}/{summary.best_number}"


def _over_cases(estimate: Estimate | None, unit: str) -> str:
    if estimate is None:
        return "not measured"
    return f"{figures.estimate(estimate, unit)} over {figures.plural(estimate.n, 'case')}"


def evaluations(statuses: Mapping[Status, int]) -> int:
    """How many candidates were run; the others failed before that, as duplicates for instance."""
    return sum(count for status, count in statuses.items() if status.costs_evaluation)


def _curve(curve: Sequence[CurvePoint], unit: str) -> list[RenderableType]:
    """The latest bests, without those that look like the one before."""
    visible = [
        point
        for before, point in zip([None, *curve], curve, strict=False)
        if before is None or figures.number(point.objective) != figures.number(before.objective)
    ]
    if len(visible) < 2:
        return []
    shown = visible[-CURVE_ROWS:]
    title = f"improvements{f', the last {len(shown)} of {len(visible)}' if len(shown) < len(visible) else ''}"
    rows = [(figures.seconds(point.elapsed), str(point.number), figures.number(point.objective)) for point in shown]
    heading = plain(figures.heading("objective", unit))
    return [Text(title, style="bold"), Listing([Column("time"), Column("candidate"), Column(heading)], rows)]


def scaffold_of(run: RunRow) -> str:
    """Which scaffold a run uses: the digest of a stored one, else `zero`."""
    return str(run.settings.get("scaffold", {}).get("id") or ZERO)


def add_scaffold(facts: Table, scaffold: str) -> None:
    """Say which scaffold a run uses, unless it is the usual one."""
    if scaffold != ZERO:
        facts.add_row("scaffold", f"{scaffold[:_DIGITS]}, not the built-in one")


def isolation_sentence(isolation: Mapping[str, Any]) -> str:
    """What stood between candidates and the machine, in one line."""
    if not isolation:
        return "no candidate was run yet"
    from evolve.sandbox.base import Isolation, Level

    return Isolation(
        str(isolation["backend"]),
        Level(isolation["level"]),
        tuple(isolation["layers"]),
        tuple(isolation["missing"]),
        isolation.get("image", ""),
        isolation.get("note", ""),
    ).sentence()


def fact_table() -> Table:
    """A grid of names and what they stand for."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    return table
