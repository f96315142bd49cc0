"""`evolve.optimize`: a function in this process scores texts, real engine, real database, no model."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evolve
from evolve.callable import ORIGIN, read
from evolve.domain import Status
from evolve.errors import DatabaseError, EvaluatorError, ProblemError, SettingsError
from evolve.events import CandidateTold, Event, RunStarted
from evolve.store import RunStatus, open_store
from tests.cli.conftest import run_evolve

REACTS = 1.0
"""Seconds within which even a busy machine notices a signal."""
CONFIG = "# what a service is given\nretries: 9\ntimeout: 30\n"


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"-?\d+\.?\d*", text)]


def near(text: str, case: float = 3.0) -> tuple[float, str]:
    """Two numbers, wanted near 3 and 7."""
    first, second = numbers(text)[:2]
    return -abs(first - case) - abs(second - 7.0), f"the numbers are {first} and {second}"


@pytest.fixture
def search(tmp_path: Path) -> Callable[..., Any]:
    """`evolve.optimize` on a database of this test, briefly and with a fixed seed."""

    def call(seed: Any, evaluate: Any, **given: Any) -> Any:
        settings = {"seed": 5, **given.pop("settings", {})}
        given.setdefault("evaluations", 40)
        return evolve.optimize(seed, evaluate, database=tmp_path / "evolve.db", settings=settings, **given)

    return call


def test_a_text_gets_better_and_the_result_says_how_sure_that_is(search: Callable[..., Any], tmp_path: Path) -> None:
    result = search(CONFIG, near, evaluations=80)
    assert result.seed_score == -29.0
    assert near(result.best)[0] == result.score > -29.0
    assert result.feedback == near(result.best)[1]
    assert (result.improved, result.finished) == (True, True)
    assert 60 < result.evaluations <= 80  # simplifying the winner may leave some over
    lines = repr(result).splitlines()
    assert lines[0].startswith("seed -29 → best ")
    assert lines[0].endswith("on the cases that chose it, more is better")
    assert lines[1] == "held out: nothing was, so the score is optimistic"
    assert lines[2].startswith(f"{result.evaluations} evaluations in ")
    assert lines[3].startswith("unsealed: ")
    assert lines[4].startswith(f"run 1 in {tmp_path / 'evolve.db'}; ")


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_a_tie_is_no_improvement_and_leaves_the_seed(search: Callable[..., Any], direction: str) -> None:
    result = search("aaa bbb 3\nccc\n", lambda text: 1.0, evaluations=60, direction=direction, holdout=lambda text: 2.0)
    assert (result.best, result.improved, result.number, result.score) == ("aaa bbb 3\nccc\n", False, 0, 1.0)
    assert (result.held_out_seed, result.held_out, result.difference.mean) == (2.0, 2.0, 0.0)
    assert repr(result).startswith("seed 1 → nothing better was found, ")


def test_what_was_kept_for_the_end_and_not_needed_is_said(search: Callable[..., Any]) -> None:
    result = search(CONFIG, near, evaluations=80, settings={"seed": 1})
    assert (result.reason, result.evaluations < 80) == ("80 evaluations used", True)
    left = 80 - result.evaluations
    assert f"finished: 80 evaluations were allowed, {left} of them kept for the winner and not needed" in repr(result)


def test_every_candidate_is_there_with_its_text_and_where_it_came_from(search: Callable[..., Any]) -> None:
    result = search(CONFIG, near)
    candidates = result.candidates
    assert [each.number for each in candidates] == list(range(len(candidates)))
    assert (candidates[0].text, candidates[0].operator, candidates[0].parents) == (CONFIG, "seed", ())
    assert candidates[result.number].text == result.best
    for each in candidates:
        assert (each.status is Status.VALID) == (each.score is not None)
        if each.status is Status.VALID:
            assert (each.score, each.feedback) == near(each.text)


def test_the_run_is_labelled_unsealed_and_says_that_there_is_no_sandbox(
    search: Callable[..., Any], tmp_path: Path
) -> None:
    result = search(CONFIG, near, evaluations=5, name="my service")
    with open_store(result.database, create=False, read_only=True) as store:
        row = store.run(result.run)
    assert not row.sealed
    assert row.isolation["layers"] == ["scored by a function in your own process"]
    assert (row.summary.name, row.summary.problem) == ("my service", "my_service")
    refused = run_evolve(tmp_path, "resume", "1")
    assert refused.code == 2
    assert refused.err.count("\n") == 1
    assert f"{ORIGIN}{__name__}.near" in refused.err
    assert "evolve.optimize(..., resume=True)" in refused.err


def test_cases_are_averaged_and_held_out_ones_judge_seed_and_winner(search: Callable[..., Any]) -> None:
    seen: list[float] = []

    def evaluate(text: str, case: float) -> float:
        seen.append(case)
        return near(text, case)[0]

    result = search(CONFIG, evaluate, cases=[2.0, 3.0, 4.0], holdout=[2.5, 3.5])
    assert result.seed_score == pytest.approx(sum(near(CONFIG, case)[0] for case in (2.0, 3.0, 4.0)) / 3)
    assert result.held_out == pytest.approx(sum(near(result.best, case)[0] for case in (2.5, 3.5)) / 2)
    assert result.difference.mean == pytest.approx(result.held_out - result.held_out_seed)
    assert sorted(seen[-4:]) == [2.5, 2.5, 3.5, 3.5]  # at the very end, for seed and winner alone
    assert set(seen[:-4]) == {2.0, 3.0, 4.0}
    assert repr(result).splitlines()[1].startswith("held out: seed -29 → best ")


def test_held_out_data_may_have_a_function_of_its_own(search: Callable[..., Any]) -> None:
    result = search(CONFIG, near, direction="maximize", holdout=lambda text: near(text, 4.0)[0])
    assert (result.held_out_seed, result.held_out) == (-28.0, near(result.best, 4.0)[0])
    assert "one measurement of each: no proof either way" in repr(result)


def test_less_can_be_better_and_a_target_ends_the_search(search: Callable[..., Any]) -> None:
    result = search(CONFIG, lambda text: -near(text)[0], direction="minimize", target=20.0, evaluations=500)
    assert result.score < 29.0
    assert result.reason == "target 20 reached"
    assert "less is better" in repr(result)


def test_luck_is_measured_and_the_winner_is_reported_by_looks_that_chose_nothing(search: Callable[..., Any]) -> None:
    draw = random.Random(1)
    result = search(CONFIG, lambda text: near(text)[0] + draw.gauss(0.0, 1.0), evaluations=120)
    assert result.confirmed is not None
    assert result.score == result.confirmed.mean
    assert abs(result.score - near(result.best)[0]) < 2.0
    assert "looks that chose nothing" in repr(result)


def test_an_async_function_and_a_loop_that_runs_already(search: Callable[..., Any]) -> None:
    async def evaluate(text: str) -> float:
        await asyncio.sleep(0)
        return near(text)[0]

    async def notebook() -> Any:
        return search(CONFIG, evaluate)

    assert asyncio.run(notebook()).score > -29.0


def test_one_call_at_a_time_unless_more_are_allowed(search: Callable[..., Any]) -> None:
    def watched(most: list[int]) -> Callable[[str], float]:
        running, lock = [0], threading.Lock()

        def evaluate(text: str) -> float:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            time.sleep(0.005)
            with lock:
                running[0] -= 1
            return near(text)[0]

        return evaluate

    alone, three = [0], [0]
    search(CONFIG, watched(alone))
    search(CONFIG, watched(three), workers=3)
    assert (alone[0], three[0]) == (1, 3)


def test_several_files_are_given_as_they_came(search: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "seed"
    (folder / "sub").mkdir(parents=True)
    files = {"a.conf": "first: 9\n", "sub/b.conf": "second: 30\n"}
    for path, text in files.items():
        (folder / path).write_text(text)

    def evaluate(given: dict[str, str]) -> float:
        assert sorted(given) == ["a.conf", "sub/b.conf"]
        return near("".join(given.values()))[0]

    for seed in (files, folder):
        result = search(seed, evaluate)
        assert result.candidates[0].text == files
        assert set(result.best) == set(files)
    assert (folder / "a.conf").read_text() == "first: 9\n"
    alone = search(folder / "a.conf", lambda text: -numbers(text)[0], evaluations=5)
    assert alone.candidates[0].text == "first: 9\n"


def test_python_source_is_edited_as_python(search: Callable[..., Any]) -> None:
    seed = "def area(r):\n    return 3.0 * r * r\n"

    def evaluate(text: str) -> float:
        names: dict[str, Any] = {}
        exec(text, names)
        return -abs(names["area"](2.0) - 12.566)

    result = search(seed, evaluate)
    assert result.score > result.seed_score
    compile(result.best, "best", "exec")


def test_what_a_function_raises_is_a_candidates_failure_with_its_traceback(search: Callable[..., Any]) -> None:
    def fragile(text: str) -> float:
        if text == CONFIG:
            return 0.0
        return {}["missing"]

    result = search(CONFIG, fragile)
    assert (result.best, result.improved, result.score) == (CONFIG, False, 0.0)
    assert "nothing better was found" in repr(result)
    failed = result.candidates[1]
    assert failed.status is Status.CRASH
    assert failed.feedback.splitlines()[0] == "Traceback (most recent call last):"
    assert "in fragile" in failed.feedback.splitlines()[1]  # not in our own frames
    assert failed.feedback.endswith("KeyError: 'missing'")


class Skipped(BaseException):
    """As pytest.skip() and pytest.fail() raise: no Exception."""


@pytest.mark.parametrize("kind", ["plain", "async"])
@pytest.mark.parametrize(
    ("raised", "end"),
    [
        (SystemExit(0), "SystemExit: 0"),
        (Skipped("not here"), "Skipped: not here"),
        (asyncio.CancelledError(), "RuntimeError: the function raised CancelledError"),
    ],
)
def test_a_candidate_cannot_end_the_search(
    search: Callable[..., Any], kind: str, raised: BaseException, end: str
) -> None:
    def plain(text: str) -> float:
        if text == CONFIG:
            return 0.0
        raise raised

    async def later(text: str) -> float:
        await asyncio.sleep(0)
        return plain(text)

    result = search(CONFIG, plain if kind == "plain" else later, evaluations=6)
    assert (result.best, result.finished) == (CONFIG, True)
    failures = result.candidates[1:]
    assert len(failures) >= 4
    assert all(each.status is Status.CRASH and each.feedback.endswith(end) for each in failures)


def test_a_seed_that_ends_the_script_is_an_error(search: Callable[..., Any]) -> None:
    def leaves(text: str) -> float:
        raise SystemExit("no licence")

    with pytest.raises(EvaluatorError, match=r"on the seed, evaluate\(\) raised SystemExit: no licence"):
        search(CONFIG, leaves)


@pytest.mark.parametrize("kind", ["plain", "async"])
def test_what_it_raises_on_the_seed_is_raised_with_its_cause(search: Callable[..., Any], kind: str) -> None:
    def plain(text: str) -> float:
        raise LookupError("no data here")

    async def later(text: str) -> float:
        raise LookupError("no data here")

    with pytest.raises(EvaluatorError, match=r"on the seed, evaluate\(\) raised LookupError: no data here") as raised:
        search(CONFIG, plain if kind == "plain" else later)
    assert isinstance(raised.value.__cause__, LookupError)


class Tensor:
    """Stands for an array of one number of any library."""

    shape = ()

    def __float__(self) -> float:
        return 2.5


@pytest.mark.parametrize(
    ("returned", "score"),
    [(1, 1.0), (True, 1.0), (np.float32(0.5), 0.5), (np.array(2), 2.0), (Fraction(1, 4), 0.25), (Tensor(), 2.5)],
)
def test_numbers_of_all_kinds_are_scores(returned: object, score: float) -> None:
    assert read(returned).metrics == {"score": score}
    assert read((returned, "well")).metrics == {"score": score}
    assert read({"score": returned}).metrics == {"score": score}


def test_a_dict_brings_feedback_further_numbers_and_texts() -> None:
    said = read({"score": 2, "feedback": "longer", "length": 7, "log": "line", "rows": [1, 2]})
    assert said.metrics == {"score": 2.0, "length": 7.0}
    assert said.feedback == "longer"
    assert said.artifacts == {"log": "line", "rows": "[1, 2]"}
    assert read((1.0, None)).feedback == ""


@pytest.mark.parametrize(
    ("returned", "text"),
    [
        (None, r"gave None \(NoneType\) as score; return a number"),
        ("0.5", r"gave '0.5' \(str\) as score"),
        (float("nan"), "gave nan as score, which is no finite number"),
        (10**400, "no finite number"),
        ((1.0, "a", "b"), "returned 3 values; return a number"),
        ({"accuracy": 1.0}, r"a dict without 'score' \(accuracy\)"),
        ({"score": 1.0, "loss": float("inf")}, "gave inf as loss"),
        (np.array([1.0, 2.0]), "as score; return a number"),
        (Decimal("NaN"), "as score"),
        ([0.5], r"\(list\) as score"),
    ],
)
def test_what_is_no_score_is_said_in_a_sentence(returned: object, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read(returned)


def test_a_seed_without_a_score_ends_the_search(search: Callable[..., Any]) -> None:
    with pytest.raises(
        EvaluatorError, match=r"on the seed, evaluate\(\) gave None \(NoneType\) as score; return a number"
    ):
        search(CONFIG, lambda text: None)


def test_a_candidate_without_a_score_is_wrong(search: Callable[..., Any]) -> None:
    result = search(CONFIG, lambda text: 0.0 if text == CONFIG else None, evaluations=5)
    assert result.candidates[1].status is Status.WRONG
    assert result.candidates[1].feedback.startswith("evaluate() gave None")


def test_ctrl_c_ends_the_search_and_gives_what_there_is_and_the_run_can_go_on(search: Callable[..., Any]) -> None:
    calls = [0]

    def evaluate(text: str) -> float:
        calls[0] += 1
        if calls[0] == 12:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(REACTS)
        return near(text)[0]

    result = search(CONFIG, evaluate, evaluations=10_000)
    assert (result.finished, result.reason) == (False, "interrupted")
    assert 12 <= calls[0] < 30
    assert "stopped: interrupted" in repr(result)
    assert len(result.candidates) >= 10

    again = search(CONFIG, evaluate, evaluations=40, resume=True)
    assert (again.run, again.evaluations, again.finished) == (result.run, 40, True)
    assert calls[0] < 55  # what was scored is not scored again
    assert search(CONFIG, evaluate, evaluations=2).run == result.run + 1


def test_ctrl_c_twice_ends_it_at_once_and_gives_the_run_back(search: Callable[..., Any], tmp_path: Path) -> None:
    release = threading.Event()
    calls = [0]

    def evaluate(text: str) -> float:
        calls[0] += 1
        if calls[0] == 5:
            for _ in range(2):
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(REACTS)
            release.wait(10.0)
        return near(text)[0]

    with pytest.raises(KeyboardInterrupt):
        search(CONFIG, evaluate, evaluations=10_000)
    release.set()
    with open_store(tmp_path / "evolve.db", create=False, read_only=True) as store:
        assert store.run(1).summary.status is RunStatus.INTERRUPTED


def test_events_are_heard(search: Callable[..., Any]) -> None:
    heard: list[Event] = []
    search(CONFIG, near, evaluations=6, on_event=heard.append)
    started = next(event for event in heard if isinstance(event, RunStarted))
    assert started.isolation == "no sandbox: scored by a function in your own process"
    assert sum(isinstance(event, CandidateTold) for event in heard) == 6


def test_measures_settings_and_budgets_reach_the_run(search: Callable[..., Any]) -> None:
    def evaluate(text: str) -> dict[str, float]:
        return {"score": near(text)[0], "lines": text.count("\n")}

    settings = {"search.islands": 2, "search": {"migration": "none"}}
    result = search(CONFIG, evaluate, measures={"lines": (0, 8)}, settings=settings, evaluations=None, budget="7evals")
    assert result.evaluations == 7
    with open_store(result.database, create=False, read_only=True) as store:
        row = store.run(result.run)
    assert row.settings["search"]["islands"] == 2
    assert row.settings["search"]["migration"] == "none"
    assert row.settings["budget"] == {**row.settings["budget"], "evaluations": 7, "seconds": None}
    assert [(axis["name"], axis["low"], axis["high"]) for axis in row.spec["measures"]] == [("lines", 0.0, 8.0)]


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"direction": "up"}, SettingsError, "direction is 'up'; give 'maximize' or 'minimize'"),
        ({"cases": []}, SettingsError, "cases is empty"),
        ({"holdout": [1]}, SettingsError, "holdout has cases, but evaluate takes none"),
        ({"cases": [1], "holdout": near}, SettingsError, "holdout is a function, but evaluate takes cases"),
        ({"budget": "7 apples"}, SettingsError, "budget '7 apples' has no unit evolve knows"),
        ({"budget": "2evals"}, SettingsError, "sets the limit on evaluations a second time"),
        ({"budget": "2usd"}, SettingsError, "without a model nothing is paid for"),
        ({"api_base": "http://127.0.0.1:1/v1"}, SettingsError, "has no effect without a model"),
        ({"settings": {"search.isands": 2}}, SettingsError, "search.isands is not a setting; did you mean"),
        ({"settings": {"llm.source": "replay"}}, SettingsError, "leave it out"),
        ({"measures": "lines"}, SettingsError, r"give a list of names, as in \['lines'\]"),
        ({"measures": {"lines": (3, 1)}}, ProblemError, "low 3.0 must be less than high 1.0"),
        (
            {"measures": ["lines"]},
            EvaluatorError,
            r"measure 'lines' .* evaluate\(\) returned \(score\); correct measures=",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    search: Callable[..., Any], given: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        search(CONFIG, near, **given)


def one(text: str) -> float:
    return 1.0


def two(text: str, case: float) -> float:
    return 1.0


def keyword(text: str, *, case: float) -> float:
    return 1.0


@pytest.mark.parametrize(
    ("evaluate", "given", "text"),
    [
        (two, {}, r"evaluate takes two arguments; give cases=\[...\], or let it take evaluate\(text\)"),
        (one, {"cases": [1]}, r"evaluate takes one argument; leave cases out, or let it take evaluate\(text, case\)"),
        (one, {"holdout": two}, r"holdout takes \(text, case\); let it take holdout\(text\)"),
        (keyword, {"cases": [1]}, r"let it take evaluate\(text, case\)"),
    ],
)
def test_a_function_of_other_arguments_is_refused(
    search: Callable[..., Any], evaluate: Any, given: dict[str, Any], text: str
) -> None:
    with pytest.raises(SettingsError, match=text):
        search(CONFIG, evaluate, **given)


def test_functions_whose_arguments_are_free_are_called(search: Callable[..., Any]) -> None:
    assert search(CONFIG, lambda *texts: float(len(texts)), cases=[1], evaluations=3).seed_score == 2.0
    assert search("7", float, evaluations=3).seed_score == 7.0


def test_seeds_that_are_none(search: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prompt.txt").write_text("be kind")
    (tmp_path / "empty").mkdir()
    for seed, text in (
        ("prompt.txt", r"a file is called so; give Path\('prompt.txt'\)"),
        (tmp_path / "nowhere", "does not exist"),
        (tmp_path / "empty", "is empty"),
        ({}, "the seed has no file"),
        (b"x", "the seed is bytes; give a text as str, a Path, or {path: text}"),
        (3, "the seed is int; give"),
        ({"a.txt": 3}, r"seed\['a.txt'\] is int"),
        ({"../a.txt": "x"}, "use letters, digits"),
        ({"a.py": "def ("}, "a.py line 1"),
    ):
        with pytest.raises(ProblemError, match=text):
            search(seed, near)
    with pytest.raises(SettingsError, match="evaluate is str; give a function"):
        search(CONFIG, "near")
    with pytest.raises(DatabaseError, match="in memory only"):
        evolve.optimize(CONFIG, near, database="sqlite://", evaluations=2)


def test_importing_evolve_brings_nothing_heavy() -> None:
    assert evolve.__all__ == ["optimize"]
    with pytest.raises(AttributeError, match="no attribute 'optimise'"):
        evolve.optimise  # noqa: B018 - looking is the test
