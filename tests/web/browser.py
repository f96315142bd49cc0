"""A real headless Chromium for tests of pages, and a record of everything a page did that it should not have."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = (
    "--no-sandbox",  # tests run as root in containers; the pages are ours
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--hide-scrollbars",
)
WIDE = (1280, 900)
READY = 'html[data-ready="1"]'
"""What the page says once nothing is being asked any more."""
WATCHMAN = """
(() => {
  const tell = (violation) => window.__told_of_violation(violation);
  document.addEventListener("securitypolicyviolation", (event) => tell(
    `${event.effectiveDirective} blocked ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`));
  window.__shifted = 0;
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.__shifted += shift.value;
  }).observe({ type: "layout-shift", buffered: true });
  new MutationObserver(() => {
    if (document.documentElement.dataset.ready === "1") window.__ready_after = performance.now();
  }).observe(document, { subtree: true, attributeFilter: ["data-ready"] });
})();
"""
"""Runs before any script of a page: reports violations of its content security policy, sums layout shifts, and notes
when it was ready."""


def program() -> str | None:
    """The Chromium of this machine."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


@dataclass
class Seen:
    """What a page did. `foreign` are requests to anywhere but where it came from."""

    errors: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def foreign(self) -> list[str]:
        """Requests that left the origin of the first; a page from a file may ask for nothing but itself."""
        if not self.requests:
            return []
        first = urlsplit(self.requests[0])
        return [url for url in self.requests if not _at_home(first, url)]

    def check(self) -> None:
        """Fail on anything no page may do."""
        assert not self.violations, f"the page broke its content security policy: {self.violations}"
        assert not self.dialogs, f"the page opened dialogs: {self.dialogs}"
        assert not self.foreign, f"the page asked elsewhere: {self.foreign}"
        assert not self.errors, f"the page said on its console: {self.errors}"


def _at_home(first: Any, url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "data":
        return True
    home = (first.scheme, first.netloc, first.path if first.scheme == "file" else "")
    return home == (parts.scheme, parts.netloc, parts.path if parts.scheme == "file" else "")


class Chromium:
    """One browser process; every page gets a fresh profile.

    Playwright's synchronous API keeps a running event loop in the thread that started it, in which no `asyncio.run`
    of other tests would work. So that loop counts as running only within `at_work`.
    """

    def __init__(self) -> None:
        from playwright.sync_api import sync_playwright

        self._outside = asyncio._get_running_loop()
        self._driver = sync_playwright().start()
        self._browser: Browser = self._driver.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        self._loop = asyncio._get_running_loop()
        asyncio._set_running_loop(self._outside)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Calls of Playwright belong in here."""
        asyncio._set_running_loop(self._loop)
        try:
            yield
        finally:
            asyncio._set_running_loop(self._outside)

    @contextmanager
    def page(self, seen: Seen, size: tuple[int, int] = WIDE, **options: Any) -> Iterator[Page]:
        """A page in a profile of its own, which notes in `seen` what it does."""
        with self.at_work():
            context = self._browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
            context.set_default_timeout(10_000)
            try:
                yield watched(context, seen)
            finally:
                context.close()

    def close(self) -> None:
        """End the browser."""
        with self.at_work():
            self._browser.close()
            self._driver.stop()


def watched(context: BrowserContext, seen: Seen) -> Page:
    """A new page of this profile under watch."""
    context.expose_function("__told_of_violation", lambda text: seen.violations.append(text))
    context.add_init_script(WATCHMAN)
    context.on("request", lambda request: seen.requests.append(request.url))
    page = context.new_page()
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("console", lambda message: _heard(message, seen))

    def refuse(dialog: Any) -> None:
        seen.dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    return page


def _heard(message: Any, seen: Seen) -> None:
    if message.type in ("error", "warning"):
        seen.errors.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")


def shifted(page: Page) -> float:
    """The sum of the page's layout shifts so far that no input caused."""
    return float(page.evaluate("window.__shifted"))


def show(page: Page, address: str) -> None:
    """Load an address afresh and wait until the page has all it asks for."""
    page.goto("about:blank")  # a change of the part after # alone would load nothing
    page.goto(address)
    page.wait_for_selector(READY, state="attached")


def opened_after(page: Page) -> float:
    """Milliseconds from asking for the page's address until it last got ready."""
    return float(page.evaluate("window.__ready_after"))


def until(page: Page, condition: str, seconds: float = 10.0) -> None:
    """Wait until a JavaScript expression is true; Playwright's own `wait_for_function` breaks the pages' policy."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, f"still not so after {seconds:g} s: {condition}"
        page.wait_for_timeout(50)


def need() -> None:
    """Skip the test where there is no browser."""
    pytest.importorskip("playwright", reason="playwright is not installed: pip install -e '.[dev]'")
    if program() is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
