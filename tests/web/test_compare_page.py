"""The comparison page: the same words and figures as `evolve compare`, and runs to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from evolve.domain import Relook, Series, Status
from evolve.report.compare_data import compare_csv
from evolve.report.compare_latex import compare_latex
from evolve.report.compare_words import track_verdicts
from evolve.report.comparison import Comparison, compare
from evolve.report.naming import find_arms
from evolve.store import Looked, RunSummary, Store, open_store
from evolve.web.answers.compare import answer
from evolve.web.query import Query
from tests.report.compared_runs import add_run
from tests.web import browser
from tests.web.served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow  # a browser takes its time


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


def asked(store: Store, arms: str) -> dict[str, Any]:
    return answer(Query(store, params={"arms": arms}))


def compared(database: Path) -> Comparison:
    """What `evolve compare evolve best-of-n` prints."""
    with open_store(database, create=False, read_only=True) as opened:
        return compare(opened, find_arms(opened, ("evolve", "best-of-n")))


def test_an_answer_holds_the_comparison_or_says_why_there_is_none(store: Store) -> None:
    for name, lead in (("plain", 0.0), ("clever", 1.0)):
        for seed in range(6):
            add_run(store, name, seed, [0.0, 1.0 + lead + seed / 10], cost=0.1)
    add_run(store, "other", 1, [1.0], problem="else", problem_digest="else")
    found = asked(store, "plain|7,8,9,10,11,12")
    assert found["refused"] == ""
    comparison = found["comparison"]
    assert [arm["runs"] for arm in comparison["arms"]] == [[*range(1, 7)], [*range(7, 13)]]
    evaluations, money = comparison["tracks"]
    assert evaluations["verdicts"][0]["head"] == "7,8,9,10,11,12 is better than plain at 2 evaluations"
    assert [track["climb"]["axis"] for track in (evaluations, money)] == ["evaluations", "money"]
    assert comparison["csv"].startswith("arm,run,seed,axis,amount,best,sealed\nplain,1,0,")
    assert "\\toprule" in comparison["latex"]
    assert len(found["choices"]) == 13
    for arms, said in (
        ("plain", ""),
        ("plain|other", "different problems"),
        ("plain|nobody", "no run called 'nobody'"),
    ):
        found = asked(store, arms)
        assert found["comparison"] is None
        assert said in found["refused"]
        assert len(found["choices"]) == 13


def test_runs_to_choose_from_have_the_best_that_chose_nothing(store: Store) -> None:
    run = add_run(store, "noisy", 1, [0.0, 9.0])
    store.append(run, [Looked(2, Relook(1, Status.VALID, {100: 3.0, 101: 5.0}, series=Series.CONFIRM))])
    assert [choice["best"] for choice in asked(store, "")["choices"]] == [4.0]


def test_arms_are_picked_and_told_apart_in_the_words_of_the_terminal(
    page: Page, ui: Served, runs: dict[str, RunSummary]
) -> None:
    browser.show(page, f"{ui.address}#/compare")
    assert "Choose two arms or more" in page.inner_text(".panel")
    for name in ("evolve", "best-of-n"):
        page.click(f".compare-choices button:has(b:text-is('{name}'))")
    page.wait_for_selector(".compare-verdict")
    assert page.evaluate("location.hash") == "#/compare?arms=evolve%7Cbest-of-n"
    comparison = compared(ui.database)
    terminal = [str(verdict) for track in comparison.tracks for verdict in track_verdicts(track)]
    verdicts = page.locator(".compare-verdict").all_inner_texts()
    assert verdicts[: len(terminal)] == terminal
    assert len(verdicts) == len(terminal) + len(comparison.held_out)
    assert page.locator(".compare-climbs canvas").count() == page.locator(".compare-climbs .panel").count() >= 1
    assert page.locator(f".compare-runs a[href='#/run/{runs['evolve'].id}/overview']").count() == 1
    # The other arm first: the address and the chips turn around.
    page.click("button[aria-label='put best-of-n first']")
    browser.until(page, "location.hash === '#/compare?arms=best-of-n%7Cevolve'")


def test_the_files_are_those_of_the_command(page: Page, ui: Served) -> None:
    browser.show(page, f"{ui.address}#/compare?arms={quote('evolve|best-of-n')}")
    comparison = compared(ui.database)
    for label, printed in (("save .csv", compare_csv(comparison)), ("save .tex", compare_latex(comparison))):
        with page.expect_download() as begun:
            page.get_by_role("button", name=label).click()
        assert begun.value.path().read_text() == printed


def test_typed_arms_that_cannot_be_compared_are_refused_on_the_page(
    page: Page, ui: Served, runs: dict[str, RunSummary]
) -> None:
    browser.show(page, f"{ui.address}#/compare")
    page.fill("input[aria-label=arms]", f"evolve | {runs['noisy'].id}")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert "different problems cannot be compared" in page.inner_text("[role=alert]")
    # Once an arm is chosen, there are only runs of its problem to choose from.
    names = page.locator(".compare-choices b").all_inner_texts()
    assert {"evolve", "best-of-n"} <= set(names)
    assert "islands" not in names
