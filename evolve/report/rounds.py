"""What a series of rounds found: who won each round, how general it is, and which older champions still beat it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from evolve.domain import Evaluation
from evolve.duels import Duels, Key
from evolve.problem import Objective
from evolve.report import figures
from evolve.report.interval import t_interval
from evolve.report.listing import Column, Listing
from evolve.report.sealing import notices
from evolve.report.text import plain
from evolve.rounds import Outcome, Round, Rounds

MATRIX_ROUNDS = 12
"""Most rounds whose duels are shown as a table; `--json` has all of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One round that is over; `beaten_by` is the share of older champions that beat its own."""

    round: Round
    outcome: Outcome
    beaten_by: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A series as far as it has come. `note` says why it has not come further, if something stopped it."""

    name: str
    objective: Objective
    rows: tuple[Row, ...]
    duels: Duels
    database: str
    note: str = ""

    @classmethod
    def of(cls, rounds: Rounds, duels: Duels, database: str, note: str = "") -> Standing:
        """Read what every champion got; all their duels are measured."""
        done = rounds.finished()
        keys = [each.key for each in done]
        rows = [Row(each, rounds.outcome(each), duels.beaten_by(keys[: place + 1])) for place, each in enumerate(done)]
        return cls(rounds.name, rounds.objective, tuple(rows), duels, database, note)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Run and candidate of every champion, oldest first."""
        return tuple(row.round.key for row in self.rows)

    @property
    def triples(self) -> int:
        """How many triples of champions there are."""
        return math.comb(len(self.rows), 3)

    @property
    def sealed(self) -> bool:
        """Whether no program could have forged its score."""
        return all(row.round.run.sealed for row in self.rows)


def standing_json(standing: Standing) -> dict[str, Any]:
    """All of it as plain data; `matrix[i][j]` is what champion i + 1 got with j + 1 as its only opponent."""
    objective = standing.objective
    return {
        "series": standing.name,
        "objective": {"metric": objective.metric, "direction": objective.direction, "unit": objective.unit},
        "rounds": [_row_json(row) for row in standing.rows],
        "matrix": [[_score_json(standing.duels, one, other) for other in standing.keys] for one in standing.keys],
        "cycles": standing.duels.cycles(standing.keys),
        "triples": standing.triples,
        "sealed": standing.sealed,
        "note": standing.note,
        "database": standing.database,
    }


def _row_json(row: Row) -> dict[str, Any]:
    run, number = row.round.key
    score, held = row.outcome.score, row.outcome.holdout
    return {
        "round": row.round.number,
        "run": run,
        "candidate": number,
        "opponents": [list(key) for key in row.round.opponents],
        "score": None if score is None else asdict(score),
        "confirmed": row.outcome.confirmed,
        "holdout": None if held is None else _held_json(held),
        "beaten_by": row.beaten_by,
    }


def _held_json(held: Evaluation) -> dict[str, Any]:
    interval = None if held.objective is None else t_interval(held.objective)
    return {
        "status": held.status,
        "mean": None if held.objective is None else held.objective.mean,
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
        "cases": None if held.objective is None else held.objective.n,
    }


def _score_json(duels: Duels, one: Key, other: Key) -> dict[str, Any]:
    score = duels.scores[one, other]
    return {"status": score.status, **({} if score.estimate is None else asdict(score.estimate))}


def standing_view(standing: Standing) -> Iterator[RenderableType]:
    """The same for people."""
    objective = standing.objective
    goal = "less" if objective.direction.sign < 0 else "more"
    yield plain(f"series {standing.name} · {objective.metric}, {goal} is better", style="bold")
    yield from notices(sealed=standing.sealed)
    columns = (
        Column("round"),
        Column("champion"),
        Column("against", text=True),
        Column(figures.heading("score", objective.unit)),
        Column(figures.heading("held out", objective.unit), text=True),
        Column("beaten by older champions"),
    )
    yield Listing(columns, [_cells(row) for row in standing.rows])
    if standing.triples:
        cycles = f"{standing.duels.cycles(standing.keys)} of {standing.triples}"
        yield plain(f"triples of champions that go round (a beats b beats c beats a): {cycles}")
    if standing.note:
        yield plain(standing.note, style="yellow")


def _cells(row: Row) -> Sequence[RenderableType]:
    run, number = row.round.key
    met, outcome = len(row.round.opponents), row.outcome
    older = row.round.number - 1
    beaten = "–" if row.beaten_by is None else f"{round(row.beaten_by * older)} of {older} ({row.beaten_by:.0%})"
    score = "–" if outcome.score is None else figures.number(outcome.score.mean)
    return (
        str(row.round.number),
        f"{run}/{number}",
        plain(figures.plural(met, "champion") if met else "the problem's own"),
        plain(f"{score} confirmed" if outcome.confirmed else score),
        plain(_held(outcome.holdout)),
        beaten,
    )


def _held(held: Evaluation | None) -> str:
    if held is None:
        return "no held-out cases"
    if held.objective is None:
        return str(held.status)
    interval = t_interval(held.objective)
    mean = figures.number(held.objective.mean)
    return mean if interval is None else f"{mean} ({figures.number(interval.low)} to {figures.number(interval.high)})"


def matrix_view(standing: Standing) -> Iterator[RenderableType]:
    """All champions against all: what the one of each row got with that of each column as its only opponent."""
    if len(standing.rows) > MATRIX_ROUNDS:
        return
    yield plain(
        "score of the champion of each row against the one of each column, * and green where it wins", style="bold"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("round", justify="right")
    for row in standing.rows:
        table.add_column(str(row.round.number), justify="right")
    for row in standing.rows:
        cells = [_duel(standing.duels, row.round.key, other) for other in standing.keys]
        table.add_row(str(row.round.number), *cells)
    yield table


def _duel(duels: Duels, one: Key, other: Key) -> Text:
    score = duels.scores[one, other]
    text = str(score.status) if score.estimate is None else f"{score.estimate.mean:.3g}"
    wins = duels.beats(one, other)
    return plain(f"*{text}" if wins else text, style="green" if wins else "")
