from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from evolve.domain import Direction, Estimate, Evaluation, Measurement, Split, Status
from evolve.inspection.verdict import Finding, Verdict, judge, p_text, verdict_json, verdict_of
from evolve.store import Evaluated, RunStatus, Store, open_store
from tests.report.compared_runs import add_run


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'evolve.db'}", create=True) as opened:
        yield opened


def held_out(values: Sequence[float]) -> Evaluation:
    looks = tuple(
        Measurement("holdout", Split.HOLDOUT, case, 0, Status.VALID, {"radius": value})
        for case, value in enumerate(values)
    )
    return Evaluation(Status.VALID, Estimate.of(values), {"radius": sum(values) / len(values)}, measurements=looks)


def judged(differences: Sequence[float], direction: Direction = Direction.MAXIMIZE) -> Verdict:
    best = {case: 10.0 + difference for case, difference in enumerate(differences)}
    return judge(best, dict.fromkeys(best, 10.0), direction)


@pytest.mark.parametrize(
    ("differences", "finding", "sentence"),
    [
        ([0.5] * 16, Finding.BETTER, "real: better than the seed on held-out cases, p < 0.001, n = 16 cases"),
        ([0.5] * 6, Finding.BETTER, "real: better than the seed on held-out cases, p = 0.031, n = 6 cases"),
        ([-0.5] * 7, Finding.WORSE, "worse than the seed on held-out cases, p = 0.016, n = 7 cases"),
        (
            [1.0, -0.5, 1.0, -0.75, 0.5, -0.25, 1.0, -1.0],
            Finding.NOISE,
            "within noise: better than the seed on held-out cases, but by no more than luck explains, p = 0.75,"
            " n = 8 cases",
        ),
        ([0.5, -0.5] * 4, Finding.NOISE, "within noise: as good as the seed on held-out cases, p = 1, n = 8 cases"),
        (
            [5.0],
            Finding.TOO_FEW,
            "too few cases to tell: better than the seed on the one held-out case; it takes 6 to tell from luck",
        ),
        (
            [1.0, 2.0, 3.0],
            Finding.TOO_FEW,
            "too few cases to tell: better than the seed on 3 held-out cases, p = 0.25; it takes 6 to tell from luck",
        ),
        (
            [0.0] * 14 + [1.0, 1.0],
            Finding.TOO_FEW,
            "too few cases differ: better than the seed, but on 2 of 16 held-out cases only, p = 0.5; it takes 6 to"
            " tell from luck",
        ),
        ([0.0] * 9, Finding.EQUAL, "no difference: the best scores exactly as the seed on each of 9 held-out cases"),
        ([0.0], Finding.EQUAL, "no difference: the best scores exactly as the seed on the one held-out case"),
    ],
)
def test_what_held_out_cases_say(differences: list[float], finding: Finding, sentence: str) -> None:
    verdict = judged(differences)
    assert (verdict.finding, verdict.sentence) == (finding, sentence)
    assert verdict.differing == sum(value != 0 for value in differences)


def test_a_test_that_drew_says_how_often_and_an_exact_one_says_that_it_is() -> None:
    exact = judged([0.5] * 20)
    assert (exact.exact, exact.of) == (True, 2**20)
    assert exact.sentence == "real: better than the seed on held-out cases, p < 0.001, n = 20 cases"
    drawn = judged([0.5] * 21)
    assert (drawn.exact, drawn.of, drawn.differing) == (False, 100_000, 21)
    assert drawn.sentence == "real: better than the seed on held-out cases, p < 0.001 (100,000 draws), n = 21 cases"
    assert judged([0.5] * 20 + [0.0] * 12).exact  # cases without a difference say nothing
    assert [verdict_json(each)["of"] for each in (exact, drawn)] == [2**20, 100_000]
    assert [verdict_json(each)["exact"] for each in (exact, drawn)] == [True, False]


def test_less_is_better_where_the_objective_is_minimised() -> None:
    assert judged([-0.5] * 8, Direction.MINIMIZE).finding is Finding.BETTER
    assert judged([0.5] * 8, Direction.MINIMIZE).finding is Finding.WORSE


def test_no_sample_of_fewer_than_six_cases_is_called_real() -> None:
    for n in range(1, 6):
        assert judged([100.0] * n).finding is Finding.TOO_FEW
    assert judged([100.0] * 6).finding is Finding.BETTER


def test_rounding_is_no_difference() -> None:
    seed = {case: 0.1 * (case + 1) for case in range(8)}
    assert judge({case: value * (1 + 1e-15) for case, value in seed.items()}, seed, Direction.MAXIMIZE).differing == 0
    verdict = judged([0.1, 0.2, -0.3, 0.1, 0.2, -0.3])
    assert verdict.sentence.startswith("within noise: as good as the seed")


def test_scores_on_different_cases_are_not_compared() -> None:
    assert judge({0: 1.0}, {0: 1.0, 1: 2.0}, Direction.MAXIMIZE).finding is Finding.UNTESTED


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (RunStatus.FINISHED, "not tested: this problem has no held-out cases"),
        (None, "not measured yet: held-out cases are measured when the run ends"),
        (
            RunStatus.INTERRUPTED,
            "not measured: the run was interrupted before its held-out cases were; evolve resume 1 goes on",
        ),
        (RunStatus.FAILED, "not measured: the run failed before its held-out cases were; evolve resume 1 goes on"),
    ],
)
def test_what_is_said_of_a_run_without_held_out_scores(store: Store, status: RunStatus | None, sentence: str) -> None:
    run = store.run(add_run(store, "a", 1, [1.0, 2.0], status=status))
    assert verdict_of(run, "radius", None, None).sentence == sentence


def test_a_best_that_changed_since_is_not_judged_by_the_scores_of_another(store: Store) -> None:
    number = add_run(store, "a", 1, [1.0, 2.0], status=RunStatus.INTERRUPTED)
    store.append(number, [Evaluated(0, held_out([1.0] * 8), Split.HOLDOUT)])
    seed = store.evaluation(number, 0, Split.HOLDOUT)
    assert verdict_of(store.run(number), "radius", seed, None).finding is Finding.PENDING


def test_the_seed_is_not_compared_with_itself(store: Store) -> None:
    run = store.run(add_run(store, "a", 1, [2.0, 1.0]))
    assert verdict_of(run, "radius", held_out([1.0] * 8), held_out([1.0] * 8)).sentence == (
        "nothing better than the seed was found"
    )
    empty = store.run(add_run(store, "b", 1, [], status=RunStatus.INTERRUPTED))
    assert verdict_of(empty, "radius", None, None).sentence == "nothing was scored"


def test_a_failure_on_held_out_cases_is_no_score(store: Store) -> None:
    run = store.run(add_run(store, "a", 1, [1.0, 2.0]))
    failed = Evaluation(Status.EDIT_NOT_APPLIED)
    found = verdict_of(run, "radius", held_out([1.0] * 8), failed)
    assert found.finding is Finding.FAILED
    assert found.sentence == "does not hold: the best of the search fails on held-out cases (edit not applied)"
    assert "cannot be compared" in verdict_of(run, "radius", failed, held_out([1.0] * 8)).sentence


def test_p_is_never_said_to_be_nothing() -> None:
    assert [p_text(p) for p in (0.2, 0.0123, 0.001, 0.00001)] == ["p = 0.2", "p = 0.012", "p = 0.001", "p < 0.001"]
