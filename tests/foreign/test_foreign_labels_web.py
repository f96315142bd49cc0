"""The pages of an unsealed run keep a badge in sight, wide and narrow, served and exported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from evolve.report.sealing import UNSEALED
from evolve.store import open_store
from evolve.web.export import export_html
from tests.conftest import write_tiny
from tests.foreign.test_foreign_labels import TOML, search
from tests.web import browser
from tests.web.served import Served, served

pytestmark = pytest.mark.slow
PAGES = (
    "overview", "archive", "candidates", "candidate", "lineage", "tree", "operators", "failures", "cost",
)  # fmt: skip
BADGE = "header.top .unsealed"


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Runs 1 and 2 are unsealed, run 3 is sealed."""
    home = tmp_path_factory.mktemp("labelled")
    with open_store(home / "evolve.db", create=True) as store:
        forgeable = write_tiny(home / "forgeable", problem_toml=TOML)
        search(store, forgeable, name="one with a name that is rather long for a narrow screen", seed=1)
        search(store, forgeable, name="two", seed=2)
        search(store, write_tiny(home / "tiny"), name="sealed", seed=1)
    with served(home / "evolve.db") as server:
        yield server


@pytest.fixture(scope="module")
def chromium() -> Iterator[browser.Chromium]:
    browser.need()
    with closing(browser.Chromium()) as started:
        yield started


def in_sight(page: browser.Page, selector: str) -> bool:  # type: ignore[name-defined]
    box = page.locator(selector).bounding_box()
    width, height = page.viewport_size["width"], page.viewport_size["height"]
    return box["x"] >= 0 and box["x"] + box["width"] <= width and 0 <= box["y"] < box["y"] + box["height"] <= height


@pytest.mark.parametrize("width", [1280, 420])
def test_every_page_of_the_run_has_a_badge_that_stays(chromium: browser.Chromium, ui: Served, width: int) -> None:
    seen = browser.Seen()
    with chromium.page(seen, (width, 700)) as page:
        for name in PAGES:
            browser.show(page, ui.at(1, name))
            page.mouse.wheel(0, 5000)
            assert in_sight(page, BADGE), name
        assert page.locator(BADGE).get_attribute("title") == UNSEALED
        browser.show(page, ui.at(1))
        assert UNSEALED in page.inner_text(".overview-verdict")
        browser.show(page, ui.at(3))
        assert page.locator(".unsealed").count() == 0
        assert "unsealed" not in page.inner_text("main")
    seen.check()


def test_lists_and_comparisons_label_runs(chromium: browser.Chromium, ui: Served) -> None:
    seen = browser.Seen()
    with chromium.page(seen, (420, 900)) as page:
        browser.show(page, f"{ui.address}#/runs")
        rows = page.locator("tbody tr").all_inner_texts()
        assert ["unsealed" in row for row in rows] == [False, True, True]
        browser.show(page, f"{ui.address}#/compare?arms=1|2")
        main = page.inner_text("main")
        assert "2 (unsealed) and 1 (unsealed)" in main
        assert f"{UNSEALED}: runs 1, 2" in main
        page.evaluate("document.querySelectorAll('.compare-picker').forEach((each) => { each.open = true; })")
        colours = page.locator(".compare-choices .unsealed").evaluate_all(
            "(badges) => badges.map((badge) => { const { color, backgroundColor, fontSize } = getComputedStyle(badge);"
            " return [color, backgroundColor, fontSize]; })"
        )
        page.goto(f"{ui.address}#/run/1")
        plain = page.locator(BADGE).evaluate(
            "(badge) => { const { color, backgroundColor, fontSize } = getComputedStyle(badge);"
            " return [color, backgroundColor, fontSize]; }"
        )
        assert colours
        assert all(each == plain for each in colours), "the badge looks as it does elsewhere"
        browser.show(page, f"{ui.address}#/compare?arms=1|3")
        assert "run 1 is unsealed" in page.inner_text('[role="alert"]')
    seen.check()


def test_an_exported_file_has_the_badge(chromium: browser.Chromium, ui: Served, tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    with open_store(ui.database, create=False, read_only=True) as store:
        export_html(store, store.run(1), path, most=100)
    seen = browser.Seen()
    with chromium.page(seen, (420, 700)) as page:
        browser.show(page, f"{path.as_uri()}#/run/1/lineage")
        assert in_sight(page, BADGE)
    seen.check()
