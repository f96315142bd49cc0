"""The pages of one candidate and of all of them, in a real browser, served and from an exported file."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evolve.domain import Candidate, Direction, Estimate, Evaluation, Origin, Outcome, Program, Status, Verdict
from evolve.store import Evaluated, NewRun, Proposed, RunSummary, Told, open_store
from evolve.store.candidates import CandidateLine
from evolve.store.picking import CandidateFilter, Scored, SortKey
from evolve.web.export import export_html
from tests.web.browser import READY, show
from tests.web.served import Served, served

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow  # a browser takes its time

NUMBERS = ".candidates-link"
LONG_LIST, LONG_LINE, MANY_LINES, ARABIC = 120, 2_000_000, 50_000, "\u202egnp.exe"


def lines(
    ui: Served, run: int, wanted: CandidateFilter, key: SortKey = SortKey.NUMBER, **how: Any
) -> list[CandidateLine]:
    with open_store(ui.database, create=False, read_only=True) as store:
        return list(store.browse.candidate_page(run, wanted, key, limit=500, **how).lines)


def numbers(page: Page) -> list[int]:
    return [int(text) for text in page.locator(NUMBERS).all_inner_texts()]


def wait_for(page: Page, expected: list[int]) -> None:
    page.wait_for_function(
        f"want => JSON.stringify([...document.querySelectorAll('{NUMBERS}')].map((a) => +a.textContent)) === want",
        arg=str(expected).replace(" ", ""),
    )


def on(page: Page, number: int) -> None:
    page.wait_for_function(
        "n => document.querySelector('.candidate-head h2')?.textContent === `Candidate ${n}`", arg=number
    )
    page.wait_for_selector(READY, state="attached")


def test_the_list_is_filtered_sorted_and_paged(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    run = runs["models"].id
    show(page, ui.at(run, "candidates"))
    everybody = [line.number for line in lines(ui, run, CandidateFilter())]
    assert numbers(page) == everybody[:50]
    page.get_by_role("button", name="error").click()
    best_first = [line.number for line in lines(ui, run, CandidateFilter(), SortKey.OBJECTIVE)]  # less is better
    wait_for(page, best_first[:50])
    page.locator("select[name=status]").select_option("valid")
    valid = lines(ui, run, CandidateFilter(status=Status.VALID), SortKey.OBJECTIVE)
    wait_for(page, [line.number for line in valid][:50])
    page.locator("input[name=idea]").fill("spring")
    spring = [line.number for line in valid if "spring" in line.idea.lower()]
    wait_for(page, spring[:50])
    page.reload()
    wait_for(page, spring[:50])
    with page.expect_download() as downloading:
        page.get_by_role("link", name="CSV").click()
    rows = csv.DictReader(io.StringIO(Path(downloading.value.path()).read_text()))
    assert sorted(int(row["number"]) for row in rows) == sorted(spring)
    page.get_by_role("button", name="clear").click()
    wait_for(page, best_first[:50])


def test_the_list_goes_by_keys(page: Page, hostile: Served) -> None:
    show(page, hostile.at(2, "candidates"))
    everybody = list(range(LONG_LIST))
    page.keyboard.press("n")
    wait_for(page, everybody[50:100])
    page.go_back()
    wait_for(page, everybody[:50])
    page.locator("input[name=improved]").focus()  # no text is written there, so keys are the page's
    page.keyboard.press("n")
    wait_for(page, everybody[50:100])
    page.keyboard.press("p")
    wait_for(page, everybody[:50])
    page.evaluate("document.activeElement.blur()")
    for key in ("j", "j", "j", "k"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    on(page, everybody[1])
    page.keyboard.press("n")
    on(page, everybody[2])


def test_a_candidate_says_what_changed_and_leads_to_its_parent(
    page: Page, ui: Served, runs: dict[str, RunSummary]
) -> None:
    run = runs["models"]
    child = next(
        line
        for line in lines(ui, run.id, CandidateFilter(status=Status.VALID), SortKey.GAIN, descending=True)
        if line.model and line.parents and line.parents[0] != 0
    )
    with open_store(ui.database, create=False, read_only=True) as store:
        row, parent = store.candidate(run.id, child.number), store.candidate(run.id, child.parents[0])
        asked = store.asked(run.id, child.number)
    show(page, ui.at(run.id, "candidate", n=child.number))
    page.wait_for_selector(".diff")
    assert "gain " in page.inner_text(".candidate-verdict")
    old, new = (set(each.program.files[0].text.splitlines()) for each in (parent, row))
    assert {text for text in page.locator(".diff .gone code").all_inner_texts() if text} == {
        line for line in old - new if line
    }
    assert {text for text in page.locator(".diff .come code").all_inner_texts() if text} == {
        line for line in new - old if line
    }
    page.get_by_role("button", name="no other").click()
    page.wait_for_selector(".candidate-program .code:not(.diff)")
    shown = page.locator(".candidate-program .code code").all_text_contents()
    assert shown == row.program.files[0].text.splitlines()
    assert page.locator(".t-keyword", has_text="def").count() > 0
    answer = asked[-1].completion
    assert answer is not None
    assert "\n".join(
        page.locator(".candidate-answer").last.locator("code").all_text_contents()
    ) == answer.completion.text.rstrip("\n")
    assert row.evaluation is not None
    assert page.locator(".candidate-looks tbody tr").count() == len(row.evaluation.measurements)
    page.locator(".candidate-head a", has_text=str(parent.number)).first.click()
    on(page, parent.number)


def test_a_narrow_page_has_one_column(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    run = runs["models"]
    for address in (ui.at(run.id, "candidate", n=run.best_number), ui.at(run.id, "candidates")):
        show(page, address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    show(page, ui.at(run.id, "candidate", n=run.best_number, against="seed"))
    page.wait_for_selector(".diff.unified")
    assert page.locator(".code-pair").count() == 0


# ---------------------------------------------------------------- text that is made to harm


def program(number: int) -> Program:
    hostile = f"# <script>alert(1)</script> \x1b[31m {ARABIC} \udc80\n"
    files = {"a/<b>x</b>.py": hostile * (number + 1)}
    if number == 1:
        files["long.py"] = f"x = '{'a' * LONG_LINE}'\n"
    if number in (2, 3):
        files["many.py"] = "".join(f"x{at} = {at * (number if at % 1000 == 0 else 1)}\n" for at in range(MANY_LINES))
    if number == 4:
        files["many.py"] = "".join(f"y{at * 7919 % 100_003}\n" for at in range(MANY_LINES))
    if number == 5:  # each takes Prism minutes when it gets the whole of it
        files |= {"a.go": "'1e`" * 40_000, "b.js": ">" + "é" * 100_000, "c.cpp": ">:\"'''\n" * 20_000}
    return Program.of(files)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("hostile") / "evolve.db"
    with open_store(path, create=True) as store:
        run = store.create_run(NewRun("hostile", "p", "p", "p", "value", Direction.MAXIMIZE, 1, {}, "s"))
        for number in range(6):
            parents = (number - 1,) if number else ()
            made = Candidate(
                number, program(number), Origin("mutate", 0, parents, idea=f"<img src=x onerror=alert(1)> {ARABIC}")
            )
            got = Evaluation(Status.VALID, Estimate(float(number)), feedback="z" * 1_000_000)
            verdict = Verdict(Outcome.IMPROVED, 0, 1, None, True)
            store.append(
                run, [Proposed(made, ""), Evaluated(number, replace(got, wall=1.0)), Told(number, number, verdict, 1.0)]
            )
        long = store.create_run(NewRun("long", "p", "p", "p", "value", Direction.MAXIMIZE, 1, {}, "s"))
        everybody = [Candidate(number, Program.of({"a.py": ""}), Origin("mutate", 0)) for number in range(LONG_LIST)]
        store.append(long, [Proposed(each, "") for each in everybody])
    with served(path) as server:
        yield server


def test_no_text_freezes_a_page_or_becomes_part_of_it(page: Page, hostile: Served) -> None:
    show(page, hostile.at(1, "candidates"))
    for number in range(6):
        for against in ("parent", "code"):
            begun = time.monotonic()
            page.goto(hostile.at(1, "candidate", n=number, against=against))
            on(page, number)
            page.wait_for_function("() => !document.querySelector('.candidate-program > .empty')")
            assert time.monotonic() - begun < 10, (number, against)
            assert page.evaluate("document.querySelectorAll('*').length") < 8_000
            text = page.inner_text("main")
            assert "<script>alert(1)</script> \\x1b[31m \\u202egnp.exe \\udc80" in text
            assert ARABIC[0] not in text
            assert "\x1b" not in text
        if number == 1:
            assert f"{LONG_LINE - 1_994:,} more characters" in text
    assert page.locator("main script, main img, main b b").count() == 0


def test_far_away_changes_are_found_and_what_did_not_change_unfolds(page: Page, hostile: Served) -> None:
    show(page, hostile.at(1, "candidate", n=3))
    page.wait_for_selector(".diff .code-fold")
    many = page.locator(".code-text", has_text="many.py")
    assert "−49 +49 lines" in many.inner_text()
    first = many.locator(".code-fold").first
    assert first.inner_text() == "⋯ 997 unchanged lines"
    first.click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.code-fold')].some((fold) => fold.textContent.includes(' 497 '))"
    )
    show(page, hostile.at(1, "candidate", n=4))
    page.wait_for_selector(".candidate-program .code")
    assert "too different to align" in page.inner_text(".candidate-program")


# ---------------------------------------------------------------- from a file


def test_an_exported_file_sorts_and_filters_as_the_server_does(
    page: Page, ui: Served, runs: dict[str, RunSummary], tmp_path: Path
) -> None:
    run, path = runs["models"].id, tmp_path / "run.html"
    with open_store(ui.database, create=False, read_only=True) as store:
        export_html(store, store.run(run), path, most=2_000)
    show(page, path.as_uri())
    filters: list[tuple[str, CandidateFilter]] = [
        ("status=failed", CandidateFilter(status=Scored.FAILED)),
        ("status=valid&improved=1", CandidateFilter(status=Status.VALID, improved=True)),
        ("idea=SPRING&low=50", CandidateFilter(idea="spring", low=50.0)),
        ("new_best=1", CandidateFilter(new_best=True)),
    ]
    for asked, wanted in filters:
        for key in SortKey:
            for sort in (key.value, f"-{key.value}"):
                page.evaluate("to => { location.hash = to }", f"#/run/{run}/candidates?{asked}&sort={sort}")
                expected = lines(ui, run, wanted, key, descending=sort.startswith("-"))
                wait_for(page, [line.number for line in expected][:50])
    assert page.get_by_role("link", name="CSV").count() == 0
    best = runs["models"].best_number
    page.evaluate("to => { location.hash = to }", f"#/run/{run}/candidate?n={best}&against=seed")
    page.wait_for_selector(".diff")
