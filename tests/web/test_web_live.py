"""Pages while a run goes on: a real `evolve run` writes, the real server reads, the page follows."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evolve.errors import EvolveError
from evolve.store import open_store
from tests.cli.conftest import COMMAND, environment
from tests.conftest import EVALUATE, write_tiny
from tests.web.browser import Seen, shifted, show, until
from tests.web.served import end, served

if TYPE_CHECKING:
    from playwright.sync_api import Page

STILL = 0.01
"""Sum of layout shifts that nobody sees (0.1 is what browsers call good)."""
FOLLOW = """
() => {
  window.__heard = [];
  evolve.onLive((message) => window.__heard.push(...message.tells.map((tell) => tell.position)));
}
"""
CHART = "main .u-over"
DRAWN = "document.querySelector('main .uplot canvas').toDataURL()"
"""The chart of the overview as it looks now."""
PATIENCE = 40.0


@dataclass(frozen=True)
class Running:
    """A run in progress and its database."""

    database: Path
    process: subprocess.Popen[bytes]

    def told(self) -> int:
        """How many candidates its log holds; 0 before there is any."""
        try:
            with open_store(self.database, create=False, read_only=True) as store:
                return store.run(1).summary.told
        except EvolveError:
            return 0


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A run of some ten candidates a second, with at least five told."""
    slow = EVALUATE.replace("    value = program", "    time.sleep(0.02)\n    value = program")
    folder = write_tiny(tmp_path / "tiny", evaluate_py=f"import time\n{slow}")
    command = [*COMMAND, "run", str(folder), "--db", str(tmp_path / "evolve.db"), "--evaluations", "120", "--quiet"]
    more = ["--seed", "3", "--set", "search.islands=2", "--set", "scaffold.polish=0", "--set", "workers.evaluations=1"]
    process = subprocess.Popen([*command, *more], cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL)
    run = Running(tmp_path / "evolve.db", process)
    try:
        deadline = time.monotonic() + 60
        while run.told() < 5 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert run.told() >= 5
        yield run
    finally:
        process.kill()
        process.wait(10)


def counted(page: Page) -> int:
    """The number of candidates that the head of the page names."""
    return int(page.inner_text("header .told").split()[0].replace(",", ""))


def heard(page: Page) -> list[int]:
    """The positions of all candidates the page was told of, in order of arrival."""
    return list(page.evaluate("window.__heard"))


@pytest.mark.slow
def test_a_page_follows_a_run_to_its_end_without_moving(page: Page, running: Running) -> None:
    with served(running.database) as ui:
        show(page, ui.at(1))
        page.evaluate(FOLLOW)
        page.wait_for_selector(CHART)
        first, before = counted(page), shifted(page)
        page.evaluate(f"window.__drawn = {DRAWN}")
        until(page, "window.__heard.length >= 10", PATIENCE)
        assert counted(page) > first
        until(page, f"window.__drawn !== {DRAWN}", PATIENCE)
        assert page.locator("header .status").inner_text() == "running"
        page.wait_for_selector("header .status.finished", timeout=1000 * PATIENCE)
        page.wait_for_timeout(500)
        positions = heard(page)
        assert counted(page) == running.told()
        assert positions == list(range(positions[0], running.told()))
        # Pages ask again at their own pace, and for the last time once the run has ended.
        until(page, "document.querySelector('main .overview-tiles').innerText.includes('120')")
        assert shifted(page) - before < STILL
        page.goto("about:blank")


@pytest.mark.slow
def test_a_server_that_comes_back_goes_on_where_the_page_was(page: Page, running: Running, seen: Seen) -> None:
    with served(running.database) as ui:
        show(page, ui.at(1))
        page.evaluate(FOLLOW)
        until(page, "window.__heard.length >= 5", PATIENCE)
        end(ui.process)
        page.wait_for_selector("header .pulse.lost", timeout=1000 * PATIENCE)
        assert page.inner_text("header [role=status]") == "no connection"
        away = running.told()
        with served(running.database, "--port", ui.port, "--token", ui.token):
            page.wait_for_selector("header .status.finished", timeout=1000 * PATIENCE)
            page.wait_for_timeout(500)
            positions = heard(page)
            assert positions == list(range(positions[0], running.told())), "nothing twice, nothing missing"
            assert positions[-1] > away
        page.wait_for_selector("header .pulse.lost", timeout=1000 * PATIENCE)
        page.keyboard.press("f")
        page.wait_for_selector("main [role=alert]:has-text('evolve ui does not answer; start it again')")
        assert page.inner_text("header [role=status]") == "no connection"
        with served(running.database, "--port", ui.port, "--token", ui.token):
            page.get_by_text("the seed counts nowhere").wait_for()
        page.keyboard.press("r")
        page.wait_for_selector("main [role=alert]:has-text('evolve ui does not answer; start it again')")
        with served(running.database, "--port", ui.port, "--token", ui.token):
            page.get_by_role("table").get_by_role("link", name="1", exact=True).wait_for()
            page.goto("about:blank")
    seen.errors = [error for error in seen.errors if "Failed to load resource: net::" not in error]
