"""The archive page in a real browser, against what `evolve archive --json` says of the same run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from evolve.inspection.archive import ArchiveState, archive_json
from evolve.store import RunSummary, open_store
from tests.web.browser import READY
from tests.web.served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow  # a browser takes its time

MAP, WHO, FACTS = "canvas.archive-map", ".archive-who", ".archive-body .facts"


PIXELS = """(canvas, points) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  return points.map(([across, down]) => {
    const first = 4 * (Math.floor(down * height) * width + Math.floor(across * width));
    return [...data.slice(first, first + 3)];
  });
}"""
"""Red, green and blue at points that are given as shares of a canvas, to the right and down."""


def lightness(shade: list[int]) -> float:
    red, green, blue = shade
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def archive(ui: Served, run: int, told: int | None = None) -> dict[str, Any]:
    with open_store(ui.database, create=False, read_only=True) as store:
        return archive_json(ArchiveState.of(store, store.run(run), told))


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(READY)
    page.wait_for_selector(MAP)


def middle(data: dict[str, Any], place: list[int]) -> tuple[float, float]:
    """The middle of a cell as shares of the map: to the right, and down."""
    columns, rows = (axis["cells"] for axis in data["axes"])
    return (place[0] + 0.5) / columns, 1 - (place[1] + 0.5) / rows


def test_every_cell_shows_its_elite_and_empty_ones_nobody(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    run = runs["models"].id
    data = archive(ui, run)
    island = data["islands"][1]
    opened(page, ui.at(run, "archive", island=1))
    box = page.locator(MAP).bounding_box()
    assert box is not None
    elites = island["elites"]
    for place, number, objective in zip(elites["place"], elites["number"], elites["objective"], strict=True):
        across, down = middle(data, place)
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
        said = page.locator(WHO).inner_text()
        assert said.startswith(f"candidate {number} {objective:.6g}"), place
    free = next([x, y] for x in range(12) for y in range(10) if [x, y] not in elites["place"])
    across, down = middle(data, free)
    page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
    assert page.locator(WHO).inner_text().startswith("empty")


def test_an_address_that_asks_for_what_is_not_there_becomes_that_of_what_is_shown(
    page: Page, ui: Served, runs: dict[str, RunSummary]
) -> None:
    run = runs["models"].id
    axes = [axis["name"] for axis in archive(ui, run)["axes"]]
    opened(page, ui.at(run, "archive", island=77, t=999_999, x="nothing", y=axes[0]))
    page.wait_for_function("wanted => location.hash.endsWith(wanted)", arg=f"/archive?x={axes[1]}&y={axes[0]}")
    opened(page, ui.at(run, "archive", island=-1, t=3))
    page.wait_for_function("location.hash.endsWith('/archive?t=3')")
    assert page.locator(".archive-time > p").get_attribute("title") is not None


def test_brighter_is_better_and_empty_cells_are_not_coloured(
    page: Page, ui: Served, runs: dict[str, RunSummary]
) -> None:
    run = runs["models"].id
    data = archive(ui, run)
    elites = data["islands"][0]["elites"]
    opened(page, ui.at(run, "archive"))
    columns, rows = (axis["cells"] for axis in data["axes"])
    places = [(x, y) for x in range(columns) for y in range(rows)]
    # Near a corner of each cell: the best has a ring in its middle.
    points = [[(x + 0.2) / columns, 1 - (y + 0.2) / rows] for x, y in places]
    shades = dict(zip(places, page.locator(MAP).evaluate(PIXELS, points), strict=True))
    cells = {tuple(place): objective for place, objective in zip(elites["place"], elites["objective"], strict=True)}
    best, worst = min(cells, key=lambda place: cells[place]), max(cells, key=lambda place: cells[place])
    assert lightness(shades[best]) > lightness(shades[worst]) + 50
    for place, (red, green, blue) in shades.items():
        assert (max(red, green, blue) - min(red, green, blue) > 30) == (place in cells), place


def test_the_slider_shows_the_archive_as_it_was(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    run = runs["learnt-bounds"]
    early, middle_, now = 3, run.told // 2, run.told
    for told in (early, middle_, now):
        opened(page, ui.at(run.id, "archive", t=told))
        filled = [island["filled"] for island in archive(ui, run.id, told)["islands"]]
        shown = page.locator(".archive-islands button .note").all_inner_texts()
        assert [int(text.split()[0]) for text in shown] == filled, told
        best = archive(ui, run.id, told)["islands"][0]["best"]
        assert page.locator(FACTS).inner_text().endswith(f"by {best}")
    slider = page.get_by_role("slider", name="candidates told")
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_function("location.hash.includes('t=0')")
    assert page.locator(".archive-islands button .note").first.inner_text() == "0 elites"
    page.keyboard.press("ArrowRight")
    page.wait_for_function("location.hash.includes('t=1')")
    assert page.locator(".archive-islands button .note").first.inner_text() == "1 elite"


def test_playing_ends_at_now(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    run = runs["learnt-bounds"]
    opened(page, ui.at(run.id, "archive", t=run.told - 4))
    page.get_by_role("button", name="play").click()
    page.get_by_role("button", name="play").wait_for()
    page.wait_for_function("!location.hash.includes('t=')")
    assert page.locator(".archive-time output").inner_text() == f"{run.told} of {run.told}"


def test_keys_lead_through_cells_to_the_candidate(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    run = runs["islands"].id
    data = archive(ui, run)
    island = data["islands"][2]
    opened(page, ui.at(run, "archive"))
    page.get_by_role("group", name="islands").get_by_role("button").nth(2).click()
    page.wait_for_function("location.hash.includes('island=2')")
    page.locator(MAP).focus()
    page.keyboard.press("Home")
    assert page.locator(WHO).inner_text().startswith(f"candidate {island['best']} ")
    page.locator(".archive-code:has-text('.py')").wait_for()
    elites = island["elites"]
    x, y = elites["place"][elites["number"].index(island["best"])]
    beside = {tuple(place): number for place, number in zip(elites["place"], elites["number"], strict=True)}
    page.keyboard.press("ArrowLeft")
    said = page.locator(WHO).inner_text()
    expected = beside.get((x - 1, y))
    assert said.startswith("empty" if expected is None else f"candidate {expected} ")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash.includes('candidate')")
    assert page.evaluate("location.hash").endswith(f"candidate?n={island['best']}")


def test_axes_turn_and_the_address_keeps_them(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    run = runs["models"].id
    data = archive(ui, run)
    opened(page, ui.at(run, "archive"))
    names = [axis["name"] for axis in data["axes"]]
    page.get_by_label("right").select_option(names[1])
    page.wait_for_function(f"location.hash.includes('x={names[1]}')")
    assert page.locator(".archive-right b").inner_text() == f"{names[1]} →"
    assert page.locator(".archive-up b").inner_text() == f"{names[0]} →"
    page.reload()
    page.wait_for_selector(MAP)
    assert page.locator(".archive-right b").inner_text() == f"{names[1]} →"


def test_a_run_without_candidates_has_an_archive(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    opened(page, ui.at(runs["empty"].id, "archive"))
    assert "nobody has a cell yet" in page.locator("main").inner_text()
