"""How the winner of a noisy problem is shown: first by the looks that chose nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evolve.domain import Estimate
from evolve.problem import Problem
from evolve.report.candidate import candidate_json, candidate_view, measurements_view
from evolve.report.runs import RunDetails, run_details_json, run_json, run_view, runs_view
from evolve.report.summary import Summary, summary_json, summary_view
from evolve.store import Store, open_store
from tests.noisy_runs import settings, sit
from tests.report.test_report_views import printed, summary


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


def noisy_summary(problem: Problem, confirmed: Estimate | None) -> Summary:
    plain = summary(problem, None, None)
    return replace(plain, result=replace(plain.result, confirmed=confirmed, noise=0.5))


def test_a_confirmed_winner_comes_with_its_interval_and_the_search_score_is_called_optimistic(tiny: Problem) -> None:
    shown = noisy_summary(tiny, Estimate(1.75, 0.1, 16))
    seen = printed(*summary_view(shown, colour=False), width=160)
    assert (
        "best, confirmed            1.75 %  (95% interval 1.53686 to 1.96314) over 16 looks that chose nothing" in seen
    )
    assert "search score (optimistic)  1.5 % (standard error 0.01), by the looks that chose it" in seen
    assert "noise                      standard deviation 0.5 % of one look" in seen
    assert summary_json(shown)["confirmed"]["looks"] == 16
    assert summary_json(shown)["noise"] == 0.5


def test_a_winner_nobody_confirmed_is_called_optimistic(tiny: Problem) -> None:
    seen = printed(*summary_view(noisy_summary(tiny, None), colour=False), width=160)
    assert "best, search score (optimistic)" in seen
    assert "confirmed" not in seen


def test_without_noise_nothing_is_said_of_it(tiny: Problem) -> None:
    seen = printed(*summary_view(summary(tiny, None, None), colour=False), width=160)
    assert "best, search cases" in seen
    assert "confirmed" not in seen
    assert "looks" not in seen


def test_lists_and_pages_of_a_noisy_run_show_the_confirmed_score(store: Store, tiny: Problem) -> None:
    result, _ = sit(store, tiny, settings(evaluations=200))
    assert result.confirmed is not None
    mean = f"{result.confirmed.mean:.6g}"
    run = store.run(result.run_id)
    assert mean in printed(runs_view([run.summary]), width=160)
    details = RunDetails.of(store, run)
    page = printed(run_view(details), width=160)
    assert f"best, confirmed            {mean}" in page
    assert run_details_json(details)["confirmed"]["mean"] == result.confirmed.mean
    assert run_json(store.runs()[0])["confirmed"]["mean"] == result.confirmed.mean
    row = store.candidate(run.id, result.best_number or 0)
    seen = printed(candidate_view(row), width=160)
    assert f"confirmed                  {mean}" in seen
    assert "search score (optimistic)" in seen
    assert "confirm" in printed(measurements_view(row), width=200)
    assert candidate_json(row)["confirmed"]["looks"] == result.confirmed.n


def test_a_page_of_a_run_has_the_unit_of_its_objective(store: Store, tiny: Problem) -> None:
    result, _ = sit(store, tiny, settings(evaluations=60))
    run = store.run(result.run_id)
    in_grams = replace(run, spec={"objective": {**run.spec["objective"], "unit": "g"}})
    page = printed(run_view(RunDetails.of(store, in_grams)), width=160)
    assert re.search(r"seed program +[\d.]+ g *\n", page)
    assert re.search(r"best, confirmed +[\d.]+ g ", page)
    assert re.search(r"held out +[\d.]+ g .*seed program [\d.]+ g", page)
    assert re.search(r"objective \(g\) *\n", page)
