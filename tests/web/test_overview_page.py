"""The overview page in a real browser, against what the same run's JSON says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evolve.assembly import inputs_of
from evolve.inspection.overview import Overview, overview_json
from evolve.problem import load_problem
from evolve.session import choose_run
from evolve.store import RunSummary, open_store
from tests.rps import PROBLEM_TOML, settings, write_rps
from tests.web.browser import READY
from tests.web.served import Served, served

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow  # a browser takes its time

PLOT = ".chart-box .u-over"


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(READY)


def test_scores_and_verdict_are_those_of_the_run(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    run = runs["models"].id
    with open_store(ui.database, create=False, read_only=True) as store:
        data = overview_json(Overview.of(store, store.run(run), ()))
    opened(page, ui.at(run))
    said = page.locator(".overview-verdict").inner_text()
    assert said.lower().startswith(data["verdict"]["sentence"].lower())
    titles, values = (page.locator(name).all_inner_texts() for name in (".overview-tile h3", ".overview-value"))
    tiles = dict(zip(titles, values, strict=True))
    assert tiles["best, search cases"].startswith(f"{data['best_objective']:.6g}")
    assert tiles["best, held out"].startswith(f"{data['held_out']['best']['mean']:.6g}")
    assert tiles["evaluations"] == str(data["budget"]["evaluations"])
    assert tiles["money"].startswith("$")
    assert page.locator(".overview-sources li").count() > 0


def test_the_best_of_a_noisy_run_is_the_confirmed_one(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    run = runs["noisy"]
    assert run.confirmed is not None
    assert run.best_objective is not None
    assert run.seed_objective is not None
    opened(page, ui.at(run.id))
    tile = page.locator(".overview-tile", has_text="best, confirmed").inner_text()
    assert f"{run.confirmed.mean:.6g}" in tile
    assert f"#{run.best_number} · +{run.confirmed.mean - run.seed_objective:.4g} · 95 % interval" in tile
    assert f"{run.confirmed.n} fresh looks" in tile
    assert f"search score (optimistic) {run.best_objective:.6g}" in tile
    verdict = page.locator(".overview-verdict").inner_text()  # over 32 held-out cases, which is too many to be exact
    assert "(100,000 draws), n = 32 cases" in verdict
    assert "sign-flip test with 100,000 random patterns of signs, two-sided" in verdict


def test_what_the_problem_was_given_is_shown(page: Page, tmp_path: Path) -> None:
    given = settings("problem.parameters.n=5")
    toml = PROBLEM_TOML.replace('name = "rps"\n', 'name = "rps"\nparameters = { n = 3 }\n', 1)
    folder = write_rps(tmp_path / "rps")
    (folder / "problem.toml").write_text(toml, encoding="utf-8")
    with open_store(tmp_path / "evolve.db", create=True) as store:
        choose_run(store, load_problem(folder, inputs_of(given.problem)), given)
    with served(tmp_path / "evolve.db") as server:
        opened(page, server.at(1))
        facts = page.locator("dl.facts").all_inner_texts()
        page.goto("about:blank")  # before the server goes
    assert any(re.search(r"parameters\s+n = 5\b", each) for each in facts)


def test_failures_have_the_same_share_as_on_their_own_page(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    run = runs["models"].id
    opened(page, ui.at(run))
    note = page.locator(".panel", has=page.get_by_role("heading", name="Failures")).locator(".note").first.inner_text()
    share, of = note.split(" of ")
    opened(page, ui.at(run, "failures"))
    assert f"of {of}, {share};" in page.locator(".panel .note").first.inner_text()


def test_the_last_label_of_the_axis_has_room(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    opened(page, ui.at(runs["models"].id))
    room = page.evaluate(
        """async () => {
            const { html, render, Chart, format } = evolve;
            const box = document.createElement("div");
            document.body.append(box);
            const series = [{ label: "best", kind: "step", x: [1, 9000], y: [2, 1] }];
            render(html`<${Chart} x=${{ format: format.count }} series=${series} />`, box);
            await new Promise((drawn) => setTimeout(drawn, 100));
            const right = (found) => box.querySelector(found).getBoundingClientRect().right;
            return right(".chart-box") - right(".u-over");
        }"""
    )
    assert room >= 16, "9,000 is some 31 pixels wide"


def test_the_axis_of_the_curve_is_part_of_the_address(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    opened(page, ui.at(runs["models"].id))
    page.get_by_role("button", name="money", exact=True).click()
    page.wait_for_function("location.hash.includes('axis=cost')")
    assert page.locator(".chart-x").inner_text() == "US dollars"
    page.reload()
    page.wait_for_selector(READY)
    assert page.locator(".chart-x").inner_text() == "US dollars"


def test_a_dot_says_who_it_is_and_leads_to_its_candidate(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    opened(page, ui.at(runs["models"].id))
    box = page.locator(PLOT).bounding_box()
    assert box is not None
    for across in range(4, int(box["width"]) - 4, 6):  # over the dots below the curve's beginning
        page.mouse.move(box["x"] + across, box["y"] + 0.5 * box["height"])
        tip = page.locator(".chart-tip").inner_text()
        if found := re.search(r"#(\d+)", tip):
            break
    else:
        pytest.fail("no dot was met on the way across the chart")
    assert "best so far" in tip
    page.mouse.click(box["x"] + across, box["y"] + 0.5 * box["height"])
    page.wait_for_function("location.hash.includes('candidate')")
    assert page.evaluate("location.hash").endswith(f"candidate?n={found[1]}")


@pytest.mark.parametrize("name", ["empty", "interrupted", "noisy"])
def test_runs_of_every_kind_have_an_overview(page: Page, ui: Served, runs: dict[str, RunSummary], name: str) -> None:
    opened(page, ui.at(runs[name].id))
    assert page.locator(".overview-verdict strong").inner_text()
    assert page.get_by_role("heading", name="Budget").count() == 1
    assert (page.locator(PLOT).count() == 1) is (name != "empty")


def test_it_fits_a_telephone(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    opened(page, ui.at(runs["models"].id))
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    assert page.locator(PLOT).evaluate("element => element.clientWidth") > 250


def test_one_awful_candidate_does_not_flatten_the_curve(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    opened(page, ui.at(runs["models"].id))
    low, high = page.evaluate(
        """() => evolve.chartDrawing.rangeOfY([
            {kind: "dots", x: [1, 2, 3], y: [2.5, 1e9, null]},
            {kind: "step", x: [1, 3], y: [3, 1]},
            {kind: "rule", value: 0.5}, {kind: "rule", value: -4000},
        ])"""
    )
    assert -0.5 < low < 0.5
    assert 3.0 < high < 4.5


def test_five_thousand_dots_are_drawn_at_once(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    opened(page, ui.at(runs["models"].id))
    seconds = page.evaluate(
        """async () => {
            const {html, render, Chart, format} = evolve;
            const x = Array.from({length: 5000}, (_, index) => index);
            const y = x.map((value) => Math.sin(value) + 1e-3 * value);
            const box = document.createElement("div");
            document.body.append(box);
            const axes = {x: {label: "n", format: format.count}, y: {label: "y", format: format.number}};
            const draw = (more) => {
                const begun = performance.now();
                const series = [{label: "dot", kind: "dots", color: 0, x, y: y.map((value) => value + more)}];
                render(html`<${Chart} x=${axes.x} y=${axes.y} series=${series} />`, box);
                return new Promise((done) => setTimeout(() => done(performance.now() - begun)));
            };
            await draw(0);
            const times = [];
            for (let more = 1; more < 6; more += 1) times.push(await draw(more));
            return Math.min(...times) / 1000;
        }"""
    )
    assert seconds < 0.2, f"drawn anew in {seconds:.3f} s"
