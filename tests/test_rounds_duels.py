"""Duels of champions: both ways by the problem's own evaluator, measured once, and what is made of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from evolve.domain import Candidate, Direction, Estimate, Evaluation, Origin, Outcome, Program, Relook, Status, Verdict
from evolve.duels import Arena, Duels, Key, Score, stored
from evolve.errors import SandboxUnavailable
from evolve.problem import load_problem
from evolve.sandbox.base import CaseResult, Job, SealedProblem
from evolve.sandbox.scripted import ScriptedSandbox
from evolve.session import choose_run
from evolve.store import Evaluated, Looked, Proposed, Store, Told, open_store
from tests.rps import EVALUATE, Referee, settings, write_rps

MIXES = ("[1.0, 0.0, 0.0]", "[0.0, 1.0, 0.0]", "[0.0, 0.0, 1.0]", "[0.1, 0.8, 0.1]")
"""Rock, paper, scissors, and almost paper."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_rps(tmp_path / "rps")


def entered(store: Store, folder: Path, texts: tuple[str, ...] = MIXES) -> list[Key]:
    """A run for each of these programs, in which it is the only candidate."""
    problem = load_problem(folder)
    keys = []
    for text in texts:
        run = choose_run(store, problem, settings(), new=True)
        evaluation = Evaluation(Status.VALID, Estimate(0.5))
        candidate = Candidate(0, Program.of({"mix.py": f"WEIGHTS = {text}\n"}), Origin("seed", 0))
        told = Told(0, 0, Verdict(Outcome.NEW_CELL, 0, 0, new_best=True), 0.0)
        store.append(run.id, [Proposed(candidate, text), Evaluated(0, evaluation), told])
        keys.append((run.id, 0))
    return keys


def measured(store: Store, folder: Path, keys: list[Key], referee: Any) -> Duels:
    return asyncio.run(Arena(store, folder, settings(), keys, referee).measure())


def test_all_meet_all_both_ways(store: Store, folder: Path) -> None:
    keys, referee = entered(store, folder), Referee()
    duels = measured(store, folder, keys, referee)
    author: dict[str, Any] = {}
    exec(EVALUATE, author)
    for one, mine in zip(keys, MIXES, strict=True):
        for other, theirs in zip(keys, MIXES, strict=True):
            wanted = author["points"](author["mixture"](mine), author["mixture"](theirs))
            score = duels.scores[one, other]
            assert score.estimate is not None
            assert score.estimate.mean == pytest.approx(wanted, abs=1e-12)
    assert [[champion["round"] for champion in given] for given in referee.champions] == [[1], [2], [3], [4]]
    rock, paper, scissors, almost = keys
    assert duels.beats(paper, rock)
    assert not duels.beats(rock, paper)
    assert not duels.beats(rock, rock)
    assert duels.beaten_by([rock]) is None
    assert duels.beaten_by([rock, paper, scissors]) == 0.5
    assert duels.beaten_by([rock, paper, scissors, almost]) == 1 / 3  # by scissors; paper ties, but for rounding
    assert duels.cycles(keys) == 2
    assert duels.cycles([rock, paper, almost]) == 0


def test_what_is_measured_is_kept(store: Store, folder: Path) -> None:
    keys = entered(store, folder)
    before = measured(store, folder, keys[:3], Referee())
    later = Referee()
    after = measured(store, folder, keys, later)
    assert {pair: after.scores[pair] for pair in before.scores} == before.scores
    assert len(later.champions) == 4  # the new one against the three old ones, and all against the new one
    assert stored(store, keys, Direction.MAXIMIZE).scores == after.scores
    nothing = Referee()
    assert measured(store, folder, keys, nothing).scores == after.scores
    assert nothing.champions == []


def test_a_program_that_fails_has_lost(store: Store, folder: Path) -> None:
    rock, broken, other = keys = entered(store, folder, ("[1.0, 0.0, 0.0]", "[]", "[ ]"))

    def referee(sealed: SealedProblem, _: object) -> ScriptedSandbox:
        def look(job: Job, case: int) -> CaseResult:
            works = "1.0" in job.program.files[0].text
            status = Status.VALID if works else Status.CRASH
            return CaseResult(case, status, {"points": 0.0, "rock": 0.0} if works else {})

        return ScriptedSandbox(look, {"search": 1})  # type: ignore[dict-item]

    duels = measured(store, folder, keys, referee)
    assert duels.scores[broken, rock] == Score(Status.CRASH, None)
    assert duels.beats(rock, broken)
    assert not duels.beats(broken, rock)
    assert not duels.beats(broken, other)
    assert not duels.beats(other, broken)


def test_noisy_scores_are_looked_at_often(store: Store, folder: Path) -> None:
    keys = entered(store, folder, MIXES[:2])
    for run_id, number in keys:
        store.append(run_id, [Looked(1, Relook(number, Status.VALID, {1: 0.75}))])
    duels = measured(store, folder, keys, Referee())
    assert {score.estimate.n for score in duels.scores.values() if score.estimate} == {settings().noise.final_looks}


def test_less_may_be_better() -> None:
    one, other = (1, 0), (2, 0)
    scores = {(one, other): Score(Status.VALID, Estimate(1.0)), (other, one): Score(Status.VALID, Estimate(2.0))}
    assert Duels(scores, Direction.MINIMIZE).beats(one, other)
    assert Duels(scores, Direction.MAXIMIZE).beats(other, one)


def test_what_the_sandbox_failed_at_is_tried_again(store: Store, folder: Path) -> None:
    keys, wanted = entered(store, folder, MIXES[:2]), settings("sandbox.retries=0")
    calls = 0

    def failing(sealed: SealedProblem, given: Any) -> ScriptedSandbox:
        judge = Referee()(sealed, given)

        class Flaky(ScriptedSandbox):
            async def run(self, job: Job) -> tuple[CaseResult, ...]:
                nonlocal calls
                calls += 1
                if calls == 1:
                    raise SandboxUnavailable("gone")
                return await judge.run(job)

        return Flaky(lambda job, case: CaseResult(case, Status.CRASH), judge._cases)

    first = asyncio.run(Arena(store, folder, wanted, keys, failing).measure())
    assert len(first.scores) == 3
    again = asyncio.run(Arena(store, folder, wanted, keys, failing).measure())
    assert len(again.scores) == 4
    assert calls == 5


def test_duels_have_cases_no_round_was_won_on(store: Store, folder: Path) -> None:
    keys = entered(store, folder, MIXES[:2])
    seeds: Mapping[str, set[int]] = {"cases": set()}

    def noting(sealed: SealedProblem, given: Any) -> ScriptedSandbox:
        seeds["cases"].add(sealed.case_seed)
        assert json.loads(sealed.evaluator["champions.json"])
        return Referee()(sealed, given)

    measured(store, folder, keys, noting)
    assert len(seeds["cases"]) == 1
