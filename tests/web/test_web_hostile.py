"""A run that tries to break out of its page by every text somebody else may write (tests/web/hostile_run.py).

What `page` fails its tests for (dialogs, violations of the policy, requests to elsewhere, errors) holds here too.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from evolve.store import open_store
from tests.web import hostile_run
from tests.web.browser import show
from tests.web.hostile_run import POISONS, giants
from tests.web.served import Served, served

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow  # a browser takes its time

PAGES = ("overview", "archive", "lineage", "candidates", "operators", "failures", "cost")
OPEN_SECONDS, ANSWER_SECONDS = 3.0, 0.5
"""How long a page may take to open, and an open one to answer, where nobody else is at work."""
QUICK = ("one long line", "many lines", "marks alone")
"""The giants that every test run looks at; the others are in its slow part."""
FIRST_GIANT = len(POISONS) + 1
FIRST_FAILED = FIRST_GIANT + len(list(giants()))

INTRUDERS = """
() => {
  const found = [];
  const never = "script:not([src^='static/']), style, iframe, object, embed, img, base, form[action], frame, audio, " +
    "video, link:not([href^='static/']), meta[http-equiv], [srcdoc]";
  for (const element of document.querySelectorAll(never)) found.push(element.outerHTML.slice(0, 200));
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name)) found.push(`${name}=${value}`);
      const leads = ["href", "src", "action", "formaction", "xlink:href", "data"].includes(name);
      if (leads && !/^(#|api\\/|static\\/)/.test(value)) found.push(`${name}=${value.slice(0, 200)}`);
    }
  }
  return found;
}
"""
"""Elements and attributes that none of our pages has."""
HIDDEN = """
() => {
  const hidden = /[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff]/;
  const seen = ["title", "aria-label", "placeholder", "alt"];
  const found = [];
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const texts = node.nodeType === 3 ? [node.data] : seen.map((name) => node.getAttribute(name) || "");
    for (const text of texts) {
      const match = hidden.exec(text);
      const about = match && escape(text.slice(Math.max(0, match.index - 20), match.index + 20));
      if (match) found.push(`${node.nodeName} in ${node.parentElement.className}: ${about}`);
    }
  }
  return found.slice(0, 5);
}
"""
"""Text or attributes in which characters hide or move others about."""
TAMPERED = "Object.keys(Object.prototype).length > 0 || 'polluted' in {} || ({}).constructor !== Object"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The inspector before the hostile run, which is run 1."""
    path = tmp_path_factory.mktemp("hostile") / "evolve.db"
    with open_store(path, create=True) as store:
        hostile_run.write(store)
    with served(path) as server:
        yield server


def busy() -> float:
    """How many times as long things take as on an idle machine."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def open_within_bounds(page: Page, address: str) -> None:
    began = time.monotonic()
    show(page, address)
    opened = time.monotonic()
    assert page.evaluate("1 + 1") == 2
    answered = time.monotonic()
    assert opened - began < OPEN_SECONDS * busy(), f"{address} took {opened - began:.1f} s to open"
    assert answered - opened < ANSWER_SECONDS * busy(), (
        f"{address} was frozen for {answered - opened:.1f} s after it had opened"
    )


def check_harmless(page: Page) -> None:
    assert page.evaluate(INTRUDERS) == []
    assert page.evaluate(HIDDEN) == []
    assert not page.evaluate(TAMPERED)
    assert page.locator("[role=alert]").all_inner_texts() == [], "the page failed on hostile text"


@pytest.mark.parametrize("name", PAGES)
def test_no_text_breaks_out_of_a_page(page: Page, hostile: Served, name: str) -> None:
    open_within_bounds(page, hostile.at(1, name))
    check_harmless(page)
    assert "<script>alert(1)</script>" in page.inner_text("body"), "hostile text is shown as the text it is"


def test_the_list_of_runs_and_the_comparison_show_names_as_text(page: Page, hostile: Served) -> None:
    for place in ("#/runs", "#/compare?arms=1|%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"):
        open_within_bounds(page, f"{hostile.address}{place}")
        assert page.evaluate(INTRUDERS) == []
        assert page.evaluate(HIDDEN) == []
    assert page.evaluate("document.title").startswith("Compare")


@pytest.mark.parametrize("number", [1, 5, 9, FIRST_FAILED])
def test_no_text_breaks_out_of_a_candidate(page: Page, hostile: Served, number: int) -> None:
    see_candidate(page, hostile, number)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(number, id=name, marks=() if name in QUICK else pytest.mark.slow)
        for number, (name, _) in enumerate(giants(), start=FIRST_GIANT)
    ],
)
def test_no_text_is_too_large_for_a_candidate(page: Page, hostile: Served, number: int) -> None:
    see_candidate(page, hostile, number)


def test_no_text_of_any_candidate_breaks_out(page: Page, hostile: Served) -> None:
    for number in [*range(1, FIRST_GIANT), *range(FIRST_FAILED, FIRST_FAILED + len(POISONS))]:
        see_candidate(page, hostile, number)


def see_candidate(page: Page, hostile: Served, number: int) -> None:
    """Open it, and everything on it that can be opened."""
    open_within_bounds(page, hostile.at(1, "candidate", n=number))
    check_harmless(page)
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    page.wait_for_timeout(50)
    check_harmless(page)


@pytest.mark.parametrize(
    "query",
    [
        "n=__proto__",
        "n=-1",
        "n=99999999999999999999999",
        "n=1e9",
        "n=%3Cscript%3Ealert(1)%3C/script%3E",
        "n=1&against=%3Cimg%20src=x%20onerror=alert(1)%3E",
        "n=constructor&__proto__=1&constructor=2",
    ],
)
def test_addresses_are_as_untrusted_as_texts(page: Page, hostile: Served, seen: Any, query: str) -> None:
    page.goto(f"{hostile.address}#/run/1/candidate?{query}")
    page.wait_for_selector("main", timeout=5_000)
    page.wait_for_timeout(300)
    assert page.evaluate(INTRUDERS) == []
    assert not page.evaluate(TAMPERED)
    assert page.inner_text("main").strip()
    seen.errors = [error for error in seen.errors if "Failed to load resource" not in error]  # refused, as it should be


@pytest.mark.parametrize(
    "place", ["#/run/1/%3Cscript%3E", "#/__proto__", "#/run/1/constructor", "#/run/0x1/", "#/run/999/overview"]
)
def test_pages_that_are_not_there_say_so(page: Page, hostile: Served, seen: Any, place: str) -> None:
    page.goto(f"{hostile.address}{place}")
    page.wait_for_selector("[role=alert]", timeout=5_000)
    assert page.evaluate(INTRUDERS) == []
    seen.errors = [error for error in seen.errors if "status of 404" not in error]
