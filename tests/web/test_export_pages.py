"""An exported file in a real browser, opened from disk: the same pages, and nothing is asked of anybody."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.big_run import fill
from evolve.store import RunSummary, open_store
from evolve.web.export import export_html
from tests.web import hostile_run
from tests.web.browser import Seen, show

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow  # a browser takes its time

MOST_BYTES = 5_000_000
KEYS = "[...evolve.pages.values()].filter((each) => each.scope === 'run').map((each) => each.key)"


def export(database: Path, run_id: int, path: Path, most: int = 2_000) -> Path:
    with open_store(database, create=False, read_only=True) as store:
        export_html(store, store.run(run_id), path, most=most)
    return path


@pytest.fixture(scope="module")
def report(database: Path, runs: dict[str, RunSummary], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(database, runs["models"].id, tmp_path_factory.mktemp("exported") / "report.html")


GO = """async (fragment) => {
  location.hash = fragment;
  const frame = () => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
  for (let count = 0; count < 4; count += 1) await frame();
}"""
"""Leaves the page a few frames to hear of it and to ask, before it is waited for."""


def go(page: Page, fragment: str) -> None:
    page.evaluate(GO, fragment)
    page.wait_for_selector("html[data-ready='1']", state="attached")


def test_every_page_is_there(page: Page, seen: Seen, report: Path, runs: dict[str, RunSummary]) -> None:
    run = runs["models"]
    show(page, report.as_uri())
    assert page.evaluate("location.hash") == f"#/run/{run.id}/overview"
    keys = page.evaluate(KEYS)
    assert {"overview", "archive", "lineage", "candidates", "candidate", "operators", "failures", "cost"} <= set(keys)
    for key in keys:
        go(page, f"#/run/{run.id}/{key}")
        assert page.locator("main .empty.failed").count() == 0, f"{key}: {page.inner_text('main')}"
        assert len(page.inner_text("main")) > 80, key
    assert set(seen.requests) == {report.as_uri()}


def test_from_the_map_to_a_candidate_to_its_parent(page: Page, report: Path, runs: dict[str, RunSummary]) -> None:
    run = runs["models"]
    show(page, report.as_uri())
    page.get_by_role("link", name="Archive", exact=True).click()
    page.locator("canvas.archive-map").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**#/run/{run.id}/candidate?n=*")
    page.get_by_role("heading", name="Candidate ").wait_for()
    (parent, *_) = page.locator("main dt:text-is('parents') + dd a").all()
    number = parent.inner_text()
    parent.click()
    page.get_by_role("heading", name=f"Candidate {number}", exact=True).wait_for()
    assert page.evaluate("location.hash") == f"#/run/{run.id}/candidate?n={number}"


def test_candidates_are_sorted_and_filtered_without_a_server(
    page: Page, report: Path, runs: dict[str, RunSummary]
) -> None:
    run = runs["models"]
    show(page, report.as_uri())
    go(page, f"#/run/{run.id}/candidates?sort=objective&status=valid")
    first = page.locator("main tbody tr").first.inner_text()
    assert str(run.best_number) in first.split()[0]


def test_what_needs_other_runs_is_left_out(page: Page, report: Path, runs: dict[str, RunSummary]) -> None:
    show(page, report.as_uri())
    tabs = page.locator("nav a").all_inner_texts()
    assert "Overview" in tabs
    assert not {"Runs", "Compare"} & set(tabs)
    for other in ("#/run/77/archive", "#/compare"):
        go(page, other)
        assert page.inner_text("main") == f"this file holds run {runs['models'].id} alone"
    page.get_by_role("main").get_by_role("link").click()
    page.get_by_role("heading", name="Best so far").wait_for()


def test_it_says_what_it_is(page: Page, report: Path, runs: dict[str, RunSummary]) -> None:
    show(page, report.as_uri())
    run = runs["models"]
    foot = page.inner_text("footer")
    assert foot.startswith(f"Run {run.id} as it stood on 20")
    assert f"{run.candidates} candidates" in foot
    assert "Written by evolve" in foot
    as_of = re.search(r"as of (\d{4}-\d\d-\d\d \d\d:\d\d) UTC", page.inner_text("header"))
    assert as_of
    assert as_of[1] in foot


def test_every_candidate_has_its_code_and_conversation(page: Page, report: Path, runs: dict[str, RunSummary]) -> None:
    run = runs["models"]
    show(page, report.as_uri())
    for number in (0, run.best_number, run.candidates - 1):
        go(page, f"#/run/{run.id}/candidate?n={number}")
        assert "acceleration" in page.inner_text("main"), number
        assert page.locator("main .empty.failed").count() == 0


def test_what_was_left_out_is_said(page: Page, tmp_path: Path, database: Path, runs: dict[str, RunSummary]) -> None:
    run = runs["models"]
    path = export(database, run.id, tmp_path / "few.html", most=3)
    show(page, path.as_uri())
    assert f"{run.candidates} candidates, 3 of them whole" in page.inner_text("footer")
    go(page, f"#/run/{run.id}/candidate?n={run.best_number}")
    assert "acceleration" in page.inner_text("main")
    go(page, f"#/run/{run.id}/candidate?n={run.candidates - 1}")
    assert f"this file has 3 of {run.candidates} candidates whole" in page.inner_text("main")
    known = f"run {run.id} has no candidate 99999; its candidates are 0 to {run.candidates - 1}"
    for key in ("candidate", "lineage"):
        go(page, f"#/run/{run.id}/{key}?n=99999")
        assert known in page.inner_text("main"), key


def test_a_run_without_candidates(page: Page, tmp_path: Path, database: Path, runs: dict[str, RunSummary]) -> None:
    path = export(database, runs["empty"].id, tmp_path / "empty.html")
    show(page, path.as_uri())
    for key in page.evaluate(KEYS):
        go(page, f"#/run/{runs['empty'].id}/{key}")
        assert page.inner_text("main").strip(), key


def test_a_damaged_file_says_so(page: Page, seen: Seen, tmp_path: Path, report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    at = text.index('id="index">') + len('id="index">')
    path = tmp_path / "damaged.html"
    path.write_text(text[:at] + "AAAA" + text[at:], encoding="utf-8")
    page.goto(path.as_uri())
    page.wait_for_selector(".empty.failed")
    assert "This file cannot be read" in page.inner_text("body")
    seen.errors.clear()


def test_a_hostile_run_is_harmless(page: Page, tmp_path: Path) -> None:
    """What violates the policy, opens a dialog or asks for anything fails the fixture `page`."""
    with open_store(tmp_path / "hostile.db", create=True) as store:
        run_id = hostile_run.write(store)
        candidates = store.run(run_id).summary.candidates
    path = export(tmp_path / "hostile.db", run_id, tmp_path / "hostile.html")
    show(page, path.as_uri())
    addresses = [f"#/run/{run_id}/{key}" for key in page.evaluate(KEYS)]
    addresses += [f"#/run/{run_id}/candidate?n={number}" for number in range(candidates)]
    for address in addresses:
        go(page, address)
        assert page.locator("main .empty.failed").count() == 0, f"{address}: {page.inner_text('main')[:400]}"
        assert page.locator("main script, main iframe, main base, main img[src=x]").count() == 0, address


@pytest.mark.timeout(600)
def test_two_thousand_candidates_fit_into_a_mail(page: Page, tmp_path: Path) -> None:
    """With the code of each, and what a model was asked for it and answered."""
    with open_store(tmp_path / "large.db", create=True) as store:
        run_id = fill(store, 2_000, asked_every=1)
    path = export(tmp_path / "large.db", run_id, tmp_path / "large.html")
    print(f"2,000 candidates: {path.stat().st_size:,} bytes")
    assert path.stat().st_size < MOST_BYTES
    show(page, path.as_uri())
    shown = page.evaluate("performance.now()")
    print(f"shown {shown:.0f} ms after it was asked for")
    assert shown < 3_000
    go(page, f"#/run/{run_id}/candidate?n=1999")
    page.get_by_text("np.tanh").first.wait_for()
