"""The way a person takes: from the list of runs to a map, from a cell to its candidate, and on to its parents."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evolve.domain import SEED_NUMBER
from evolve.store import RunSummary, open_store
from tests.web.browser import READY, Seen, show
from tests.web.served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow  # a browser takes its time

FILLED = """
(canvas) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const scale = canvas.getBoundingClientRect().width / width;
  const spots = [];
  for (let y = 6; y < height; y += 10) {
    for (let x = 6; x < width; x += 10) {
      const color = [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 3)];
      if (Math.max(...color) - Math.min(...color) > 60) spots.push({ x: x * scale, y: y * scale });
    }
  }
  return spots;
}
"""
"""Places where the map has a colour, which empty cells have not, in CSS pixels of the canvas."""


def numbered(page: Page) -> int:
    """The candidate the page is about."""
    page.wait_for_selector(".candidate-head h2")
    return int(re.sub(r"\D", "", page.inner_text(".candidate-head h2")))


def test_from_a_cell_to_its_candidate_to_its_parent(
    page: Page, ui: Served, runs: dict[str, RunSummary], database: Path
) -> None:
    run = runs["islands"]
    show(page, ui.address)
    page.get_by_role("link", name="islands", exact=True).click()
    page.get_by_role("link", name="Archive", exact=True).click()
    canvas = page.locator("canvas.archive-map")
    canvas.wait_for()
    pointed = page.locator(".archive-who a")
    for spot in canvas.evaluate(FILLED):
        canvas.hover(position=spot)
        pointed.wait_for()
        shown = int(re.sub(r"\D", "", pointed.inner_text()))
        if shown != SEED_NUMBER:
            break
    assert shown != SEED_NUMBER, "somebody else than the seed has a cell"
    canvas.click(position=spot)
    page.wait_for_url(re.compile("candidate"))
    assert numbered(page) == shown

    with open_store(database, create=False, read_only=True) as store:
        path = [row.number for row in store.lineage(run.id, shown)]
        assert len(path) > 1
    for parent in path[1:3]:
        page.locator(".candidate-head a", has_text=re.compile(f"^{parent}$")).first.click()
        page.wait_for_selector(f".candidate-head h2:text-is('Candidate {parent}')")
    page.go_back()
    page.wait_for_selector(f".candidate-head h2:text-is('Candidate {path[1]}')")


def test_the_keyboard_goes_the_same_way(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    run = runs["islands"]
    show(page, ui.at(run.id))
    page.keyboard.press("a")
    page.locator("canvas.archive-map").wait_for()
    page.locator("canvas.archive-map").focus()
    page.keyboard.press("Home")
    best = page.locator(".archive-who a")
    best.wait_for()
    number = int(re.sub(r"\D", "", best.inner_text()))
    page.keyboard.press("Enter")
    page.wait_for_selector(f".candidate-head h2:text-is('Candidate {number}')")
    page.keyboard.press("o")
    page.wait_for_selector("nav a[aria-current=page]:text-is('Overview')")
    page.keyboard.press("a")
    page.locator(".archive-slider input").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("told => location.hash.endsWith(`t=${told}`)", arg=run.told - 1)
    page.keyboard.press("o")
    page.wait_for_selector("nav a[aria-current=page]:text-is('Overview')")


def test_help_names_the_keys_and_gives_the_focus_back(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    show(page, ui.at(runs["islands"].id, "archive"))
    page.locator("canvas.archive-map").focus()
    page.keyboard.press("?")
    page.wait_for_selector(".help button:focus")
    named = page.inner_text(".help")
    assert all(words in named for words in ("next, previous candidate", "next, previous row", "move over the map"))
    page.keyboard.press("Escape")
    page.wait_for_selector("canvas.archive-map:focus")
    assert page.locator(".help").count() == 0


def test_addresses_of_nothing_are_answered_at_once(
    page: Page, ui: Served, runs: dict[str, RunSummary], seen: Seen
) -> None:
    for address in (f"{ui.address}#/nothing", ui.at(runs["islands"].id, "nothing")):
        show(page, address)
        assert "there is no such page" in page.inner_text("main")
    show(page, ui.at(999))
    assert "there is no run 999" in page.inner_text("main")
    seen.errors = [error for error in seen.errors if "404" not in error]


def test_every_tab_of_every_kind_of_run_opens(page: Page, ui: Served, runs: dict[str, RunSummary], seen: Seen) -> None:
    for run in runs.values():
        show(page, ui.at(run.id))
        tabs = page.locator("nav a").all_inner_texts()
        assert {"Overview", "Archive", "Lineage", "Candidate", "Candidates", "Failures", "Cost"} <= set(tabs)
        for tab in tabs[1:]:
            page.get_by_role("link", name=tab, exact=True).first.click()
            page.wait_for_selector(f"nav a[aria-current=page]:text-is('{tab}')")
            page.wait_for_selector(READY, state="attached")
            assert page.inner_text("main").strip(), f"{tab} of run {run.name!r} is empty"
            alerts = page.locator("main [role=alert]").all_inner_texts()
            assert not alerts, f"{tab} of run {run.name!r} says {alerts}"
            page.go_back()
    seen.errors = [error for error in seen.errors if "404" not in error]  # an empty run has no candidate to show
