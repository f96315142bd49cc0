"""Fixtures of page tests: a rich database, the real server before it, and a browser that is watched.

`page` fails its test when the page logged an error, broke its content security policy, opened a dialog or asked
anything of another origin. A test that provokes such a thing clears it from `seen`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evolve.store import RunSummary, open_store
from tests.cli.conftest import environment
from tests.web import browser
from tests.web.served import Served, served

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHARE, PACE = 0.12, 0.01
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small database of real runs of every kind (tests/web/runs_for_pages.py). Not to be written to."""
    path = tmp_path_factory.mktemp("pages") / "evolve.db"
    making = [sys.executable, "-m", "tests.web.runs_for_pages", path, "--share", SHARE, "--pace", PACE]
    made = subprocess.run(
        list(map(str, making)), cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=150, check=False
    )
    assert made.returncode == 0, made.stderr
    return path


@pytest.fixture(scope="session")
def runs(database: Path) -> dict[str, RunSummary]:
    """The newest run of each name in `database`."""
    with open_store(database, create=False, read_only=True) as store:
        return {row.name: row for row in reversed(store.runs())}


@pytest.fixture(scope="session")
def ui(database: Path) -> Iterator[Served]:
    """The real `evolve ui` over `database`, in a process of its own."""
    with served(database) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[browser.Chromium]:
    """One browser for all tests; skips them where there is none."""
    browser.need()
    with closing(browser.Chromium()) as started:
        yield started


@pytest.fixture
def seen() -> browser.Seen:
    """What the page of this test did."""
    return browser.Seen()


@pytest.fixture
def page(chromium: browser.Chromium, seen: browser.Seen) -> Iterator[Page]:
    """A page with a fresh profile, 1280 x 900."""
    with chromium.page(seen) as opened:
        yield opened
    seen.check()
