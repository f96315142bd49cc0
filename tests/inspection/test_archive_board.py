"""The archive retraced from the log is what the search's own islands held, at every tell and in every kind of run."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from evolve.archive.board import Board, Happening
from evolve.archive.islands import Islands
from evolve.archive.records import Dismissed
from evolve.config import Settings
from evolve.domain import Status
from evolve.events import CandidateTold, Event
from evolve.inspection.archive import ArchiveState
from evolve.inspection.archive_history import Piece, piece_json, piece_starts
from evolve.inspection.placing import Retraced
from evolve.problem import Problem, load_problem
from evolve.sandbox.base import CaseResult, Job, SealedProblem
from evolve.sandbox.scripted import Look, ScriptedSandbox
from evolve.session import Session, choose_run
from evolve.store import RunRow, Store, open_store
from evolve.store.placements import AdmittedRow
from tests.conftest import PROBLEM_TOML, literal_error, look, write_tiny
from tests.noisy_runs import SIZES, noisy, settings, sit

Cells = list[dict[int, tuple[int, float]]]
"""Number and score of the elite of every cell, by island."""

DECLARED = PROBLEM_TOML.replace("cells = 8", "low = 0.0\nhigh = 120.0\ncells = 6", 1).replace(
    "cells = 8", "low = 0.0\nhigh = 1.0\ncells = 5", 1
)
BOUNDED = PROBLEM_TOML.replace('direction = "minimize"', 'direction = "minimize"\nbound = -50.0')
ONE_BY_ONE = ("search.order=ordered", "search.window=1")
MOVING = ("search.islands=4", "search.migration_interval=17", "search.stagnation=25", "search.migration_rate=0.5")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


@dataclass
class Watched:
    """A run, and what its islands held after each tell that somebody saw."""

    run: RunRow
    session: Session
    seen: dict[int, Cells] = field(default_factory=dict)


def cells(islands: Islands) -> Cells:
    return [
        {
            islands.cell(island, number): (number, round(islands.entry(number).score, 9))
            for number in islands.elites(island)
        }
        for island in range(islands.count)
    ]


def watch(store: Store, problem: Problem, wanted: Settings, answer: Look = look) -> Watched:
    """Search, and look at the islands whenever something is evaluated or on disk: between any two tells, nearly."""

    def note() -> None:
        seen[session.search.told] = cells(session.search.islands)

    def observe(event: Event) -> None:
        if isinstance(event, CandidateTold):
            note()

    def answer_and_note(job: Job, case: int) -> CaseResult:
        note()
        return answer(job, case)

    def sandbox_for(_sealed: SealedProblem, _settings: Settings) -> ScriptedSandbox:
        return ScriptedSandbox(answer_and_note, SIZES)

    seen: dict[int, Cells] = {}
    run = choose_run(store, problem, wanted, new=True)
    session = Session(store, run, problem, wanted, [observe], sandbox_for)
    asyncio.run(session.run())
    note()
    return Watched(store.run(run.id), session, seen)


def held(store: Store, log: Retraced) -> Cells:
    """What the board of a retraced run holds, as `cells` says it of islands."""
    board, sign = log.board, log.run.summary.direction.sign
    numbers = [number for island in range(board.islands) for number in board.holders(island).values()]
    rows = log.elites(store, numbers)

    def score(number: int) -> float:
        return round(sign * log.worth.at(number, rows[number].objective, log.told), 9)

    return [
        {cell: (number, score(number)) for cell, number in board.holders(island).items()}
        for island in range(board.islands)
    ]


def brittle(job: Job, case: int) -> CaseResult:
    """Good programs crash now and then, on a later look."""
    result = noisy(job, case)
    if literal_error(job.program.files[0].text) < 6.0 and _chance(job) < 0.35:
        return CaseResult(case, Status.CRASH, feedback="ZeroDivisionError: now and then")
    return result


def forger(job: Job, case: int) -> CaseResult:
    """Good programs turn out to be beyond the bound on a later look, and take their descendants along."""
    result = noisy(job, case)
    if literal_error(job.program.files[0].text) < 6.0 and _chance(job) < 0.2:
        return replace(result, metrics={"error": -1000.0, "spread": 0.5})
    return result


def _chance(job: Job) -> float:
    return random.Random(f"{job.program.digest}:{job.seed}").random()


CASES = {
    "one island, learnt": (PROBLEM_TOML, ("search.islands=1",), look, {"BoundsFrozen"}),
    "islands, learnt": (PROBLEM_TOML, (*MOVING, "search.learn_first=20"), look, {"BoundsFrozen", "Migrated"}),
    "islands, declared": (DECLARED, (*MOVING, "search.stagnation=15"), look, {"Migrated", "Restarted"}),
    "frozen by the seed": (PROBLEM_TOML, (*MOVING, "search.learn_first=2"), look, {"BoundsFrozen", "Restarted"}),
    "cvt": (PROBLEM_TOML, (*MOVING, "search.archive=cvt", "search.cvt_cells=30"), look, {"Migrated", "BoundsFrozen"}),
    "noisy": (PROBLEM_TOML, (*MOVING, "seed=3"), brittle, {"Dismissed", "Migrated"}),
    "dismissed while bounds are learnt": (PROBLEM_TOML, ("search.learn_first=40", "seed=1"), brittle, {"Dismissed"}),
    "suspects": (BOUNDED, ("search.islands=3", "search.learn_first=10", "seed=1"), forger, {"Dismissed"}),
}


def played(data: dict[str, Any], sign: float) -> Iterator[tuple[int, Cells]]:
    """Every board of a piece of history, as a page plays it from its JSON."""
    worth = dict(zip(data["elites"]["number"], data["elites"]["objective"], strict=True))
    changes = deque(zip(*data["changes"].values(), strict=True))
    rescored = deque(zip(*data["rescored"].values(), strict=True))
    boards: list[dict[int, int]] = [{} for _ in range(data["islands"])]
    for told in range(data["starts"][data["piece"]], data["end"] + 1):
        while changes and changes[0][0] <= told:
            _, island, cell, number = changes.popleft()
            if number == -1:
                del boards[island][cell]
            else:
                boards[island][cell] = number
        while rescored and rescored[0][0] <= told:
            _, number, objective = rescored.popleft()
            worth[number] = objective
        yield (
            told,
            [{cell: (number, round(sign * worth[number], 9)) for cell, number in board.items()} for board in boards],
        )


@pytest.mark.parametrize(
    "name", [name if place % 4 == 0 else pytest.param(name, marks=pytest.mark.slow) for place, name in enumerate(CASES)]
)
def test_the_board_is_what_the_islands_held_at_every_tell(store: Store, tmp_path: Path, name: str) -> None:
    toml, overrides, answer, kinds = CASES[name]
    problem = load_problem(write_tiny(tmp_path / "tiny", problem_toml=toml))
    watched = watch(store, problem, settings(*ONE_BY_ONE, *overrides, evaluations=220), answer)
    run = watched.run
    assert kinds <= {event.kind for event in store.events(run.id)}, "this run does not show what it is for"
    assert len(watched.seen) > run.summary.told * 0.8
    history = piece_json(Piece.of(store, Retraced.of(store, run)))
    boards = dict(played(history, run.summary.direction.sign))
    assert len(boards) == run.summary.told + 1
    for told, expected in watched.seen.items():
        assert boards[told] == expected, f"after {told} tells"
    for told in [*range(0, run.summary.told, 19), run.summary.told]:
        assert held(store, Retraced.of(store, run, told)) == boards[told], f"after {told} tells"


def test_pieces_of_a_history_join(store: Store, tmp_path: Path) -> None:
    problem = load_problem(write_tiny(tmp_path / "tiny", problem_toml=PROBLEM_TOML))
    log = Retraced.of(store, watch(store, problem, settings(*MOVING, "seed=3", evaluations=300), brittle).run)
    whole = dict(played(piece_json(Piece.of(store, log)), -1.0))
    starts = piece_starts(log, 20)
    assert len(starts) > 3
    for index, start in enumerate(starts):
        piece = Piece.of(store, log, index, 20)
        boards = dict(played(piece_json(piece), -1.0))
        assert min(boards) == start
        assert max(boards) == piece.end == [*starts, log.told][index + 1]
        assert boards == {told: whole[told] for told in boards}
    assert Piece.of(store, log, 999, 20).index == len(starts) - 1


def test_a_run_is_followed_through_all_its_sittings(store: Store, tmp_path: Path) -> None:
    problem = load_problem(write_tiny(tmp_path / "tiny", problem_toml=PROBLEM_TOML))
    wanted = settings(*MOVING, "search.learn_first=20", "seed=3", evaluations=300)
    ended, session = sit(store, problem, wanted, brittle, new=True, stop_after=5)
    followed = Retraced.of(store, store.run(ended.run_id))
    assert followed.learning
    sittings = 0
    while not ended.finished:
        ended, session = sit(store, problem, wanted, brittle, stop_after=15)
        followed.update(store)
        assert held(store, followed) == cells(session.search.islands)
        sittings += 1
    assert sittings > 2
    at_once = Retraced.of(store, store.run(ended.run_id))
    assert not at_once.learning
    assert followed.board.changes == at_once.board.changes


def test_a_run_of_an_older_evolve_is_retraced_by_the_times_of_its_events(store: Store, tmp_path: Path) -> None:
    problem = load_problem(write_tiny(tmp_path / "tiny", problem_toml=PROBLEM_TOML))
    run = watch(store, problem, settings(*ONE_BY_ONE, *MOVING, "seed=3", evaluations=150), brittle).run
    new = {told: held(store, Retraced.of(store, run, told)) for told in range(0, run.summary.told + 1, 7)}
    with closing(sqlite3.connect(tmp_path / "evolve.db")) as connection:
        connection.execute("UPDATE events SET position = NULL")
        connection.execute("UPDATE runs SET spec = '{}'")
        connection.commit()
    old = store.run(run.id)
    assert {told: held(store, Retraced.of(store, old, told)) for told in new} == new
    state = ArchiveState.of(store, old)
    assert "an older evolve" in state.space.note
    assert {axis.name for axis in state.space.axes} == {"program_length", "spread"}
    assert all(elite.cell in state.space.points for island in state.islands for elite in island.elites)


def test_an_island_that_loses_its_last_elite_goes_on_from_the_seed() -> None:
    board = Board(2, lambda number, told: float(number))
    admissions = [AdmittedRow(0, 0, 0, 5), AdmittedRow(1, 3, 1, 5), AdmittedRow(2, 4, 1, 6), AdmittedRow(3, 7, 1, 6)]
    by_a_look = Happening(4, Dismissed(4, Status.SUSPECT, "forged", (3,)), before=True)
    board.follow(admissions, [by_a_look], 4)
    assert [dict(board.holders(island)) for island in (0, 1)] == [{5: 0}, {5: 0, 6: 7}]
    board.follow([], [Happening(4, Dismissed(7, Status.CRASH, "boom"))], 4)
    assert [dict(board.holders(island)) for island in (0, 1)] == [{5: 0}, {5: 0}]
