"""Problems whose scores are times: one program at a time, side by side, and a check that equals look equal."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from evolve.domain import Estimate, Evaluation, Program, Series, Split, Status
from evolve.events import Event, TimingDoubtful
from evolve.problem import Problem, load_problem
from evolve.sandbox.base import CaseResult, Job
from evolve.store import Store, open_store
from evolve.timing import DOUBTFUL, seed_against_itself
from tests.conftest import PROBLEM_TOML, literal_error, write_tiny
from tests.noisy_runs import settings, sit

SEED = Program.of({"x.py": ""})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


@pytest.fixture
def timed(tmp_path: Path) -> Problem:
    return load_problem(write_tiny(tmp_path / "timed", problem_toml=f"{PROBLEM_TOML}\n[evaluation]\ntiming = true\n"))


class Machine:
    """Times programs: gets slower all the time, with a little jitter, and remembers in what order it ran what."""

    def __init__(self, drift: float = 0.0) -> None:
        self.drift = drift
        self.ran: list[str] = []
        self.jitter = random.Random(3)

    def look(self, job: Job, case: int) -> CaseResult:
        if job.split is Split.SEARCH:
            self.ran.append(job.program.digest)
        seconds = literal_error(job.program.files[0].text) + self.jitter.gauss(0, 0.2) + self.drift * len(self.ran)
        return CaseResult(case, Status.VALID, {"error": seconds, "spread": seconds % 1.0})


def test_programs_are_timed_one_at_a_time(store: Store, timed: Problem) -> None:
    """A job takes 2 ms here: with five workers and no order among them, 60 looks would take 24 ms."""
    heard: list[Event] = []
    result, _ = sit(
        store,
        timed,
        settings("workers.evaluations=5", evaluations=60),
        Machine().look,
        delay=lambda _: 0.002,
        heard=heard,
    )
    assert result.elapsed >= 60 * 0.002


def test_a_challenger_is_timed_in_turn_with_the_incumbent(store: Store, timed: Problem) -> None:
    machine = Machine(drift=0.01)
    result, _ = sit(store, timed, settings(evaluations=150), machine.look)
    duels = [row for row in store.tells(result.run_id) if row.number and len(row.relooks) > 1]
    assert len(duels) > 2
    digests = {row.number: store.candidate(result.run_id, row.number).program.digest for row in duels}
    for row in duels[:-1]:  # the budget may end in the middle of the last pair
        challenger = next(relook for relook in row.relooks if relook.number == row.number)
        rivals = [relook for relook in row.relooks if relook.number != row.number]
        looked = set(challenger.values)
        assert all(set(rival.values) <= looked for rival in rivals), "every look at a rival is half of a pair"
        assert sum(len(rival.values) for rival in rivals) == len(looked)
    text = "".join("c" if digest in digests.values() else "." for digest in machine.ran)
    assert "cc" in text, "ABBA: the same one twice where two pairs meet"


def test_two_equal_copies_look_equal_and_a_drifting_machine_is_no_difference() -> None:
    draw = random.Random(5)

    async def again(_program: Program, look: int, series: Series) -> Evaluation:
        assert series is Series.CHECK
        return Evaluation(Status.VALID, Estimate(1.0 + 0.3 * look + draw.gauss(0, 0.05)))

    outcome = asyncio.run(seed_against_itself(again, SEED))
    assert outcome is not None
    assert outcome.p > DOUBTFUL


def test_a_machine_that_favours_one_of_two_is_found_out(store: Store, timed: Problem) -> None:
    """The second of the two copies is always a little faster: a cache that is warm by then."""

    async def again(_program: Program, look: int, _series: Series) -> Evaluation:
        pair, place = divmod(look, 2)
        copy = place if pair % 2 == 0 else 1 - place
        return Evaluation(Status.VALID, Estimate(1.0 - 0.1 * copy + 0.001 * look))

    outcome = asyncio.run(seed_against_itself(again, SEED))
    assert outcome is not None
    assert outcome.p <= DOUBTFUL


def test_a_check_of_a_program_that_fails_says_nothing() -> None:
    async def again(_program: Program, _look: int, _series: Series) -> Evaluation:
        return Evaluation(Status.CRASH)

    assert asyncio.run(seed_against_itself(again, SEED)) is None


def test_a_run_on_a_machine_that_times_badly_says_so(store: Store, timed: Problem) -> None:
    looks = 0

    def uneven(job: Job, case: int) -> CaseResult:
        nonlocal looks
        pair, place = divmod(looks, 2)
        looks += 1
        first = (place if pair % 2 == 0 else 1 - place) == 0
        return CaseResult(case, Status.VALID, {"error": 1.0 + 0.5 * first + 0.001 * looks, "spread": 0.5})

    heard: list[Event] = []
    sit(store, timed, settings(evaluations=5), uneven, heard=heard)
    (warning,) = [event for event in heard if isinstance(event, TimingDoubtful)]
    assert warning.p <= DOUBTFUL
