"""The pages of operators and models, failures and cost in a real browser, against what the terminal says of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evolve.inspection.cost import Cost
from evolve.inspection.failures import Failures
from evolve.inspection.operators import Operators
from evolve.store import RunSummary, open_store
from tests.web.browser import READY
from tests.web.served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.slow  # a browser takes its time


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(READY)


def line(page: Page, label: str, name: str) -> Locator:
    """The row of a table that begins with a name."""
    rows = page.get_by_role("region", name=label).locator("tbody tr")
    return rows.filter(has=page.get_by_text(name, exact=True)).first


def column(page: Page, label: str, title: str) -> list[str]:
    """What a column of a table says, from the first row on."""
    table = page.get_by_role("region", name=label)
    titles = [heading.strip(" ↑↓\n") for heading in table.locator("th").all_inner_texts()]
    place = titles.index(title) + 1
    return [cell.strip() for cell in table.locator(f"tbody td:nth-child({place})").all_inner_texts()]


def test_operators_lead_from_a_count_to_its_candidates(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    run = runs["models"].id
    with open_store(ui.database, create=False, read_only=True) as store:
        found = Operators.of(store, store.run(run))
    mutate = next(line for line in found.operators if line.operator == "mutate").tally
    opened(page, ui.at(run, "operators"))
    assert column(page, "operators and models", "operator")[0] == "asked of models"
    row = line(page, "operators and models", "mutate")
    assert row.locator("td").nth(1).inner_text() == str(mutate.proposed)
    row.get_by_role("link").first.click()
    page.wait_for_url("**/candidates?operator=mutate")
    page.wait_for_selector(READY)
    assert f"{mutate.proposed}" in page.locator(".page").inner_text()


def test_operators_are_unfolded_and_sorted(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    opened(page, ui.at(runs["islands"].id, "operators"))
    folded = column(page, "operators and models", "operator")
    page.get_by_role("button", name="show").click()
    assert len(column(page, "operators and models", "operator")) > len(folded)
    page.get_by_role("button", name="proposed").click()
    counts = [int(count) for count in column(page, "operators and models", "proposed")]
    assert len(counts) > 5
    assert counts == sorted(counts, reverse=True)


def test_models_are_shown_with_what_they_cost(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    opened(page, ui.at(runs["models"].id, "operators"))
    page.get_by_role("button", name="models", exact=True).click()
    page.get_by_role("button", name="cost", exact=True).click()
    page.reload()  # the address holds all of it
    page.wait_for_selector(READY)
    models = column(page, "operators and models", "model")
    assert models[-1] == "built-in proposer"
    assert len(models) == 3
    costs = column(page, "operators and models", "cost")
    assert all(cost.startswith("$0.") for cost in costs[:-1])
    assert costs[-1] == "–"


def test_failures_lead_to_their_candidates_and_to_an_example(
    page: Page, ui: Served, runs: dict[str, RunSummary]
) -> None:
    run = runs["models"].id
    with open_store(ui.database, create=False, read_only=True) as store:
        kinds = Failures.of(store, store.run(run)).kinds
    failures = [failure for _, group in kinds for failure in group]
    opened(page, ui.at(run, "failures"))
    shown = page.locator(".failures-status")
    assert shown.count() == len(failures)
    for place, failure in enumerate(failures):
        text = shown.nth(place).inner_text()
        assert failure.status.value.replace("_", " ") in text
        assert all(" ".join(message.text.split()) in text for message in failure.messages)
    first = failures[0]
    shown.first.get_by_role("link", name=f"#{first.messages[0].example}", exact=True).click()
    page.wait_for_url(f"**/candidate?n={first.messages[0].example}")
    page.go_back()
    page.wait_for_selector(READY)
    page.locator(".failures-status h3 a").first.click()
    page.wait_for_url(f"**/candidates?status={first.status.value}")


def test_cost_adds_up_and_says_what_became_of_it(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    run = runs["models"].id
    with open_store(ui.database, create=False, read_only=True) as store:
        cost = Cost.of(store, store.run(run))
    opened(page, ui.at(run, "cost"))
    calls = [int(count) for count in column(page, "what became of the money", "calls")]
    assert calls == [part.bill.calls for part in cost.fates]
    page.get_by_role("button", name="operators", exact=True).click()
    assert column(page, "cost by operators", "operator") == [part.name for part in cost.operators]
    assert page.locator(".chart").count() == 2


def test_a_run_without_models_costs_time_alone(page: Page, ui: Served, runs: dict[str, RunSummary]) -> None:
    opened(page, ui.at(runs["islands"].id, "cost"))
    text = page.locator(".page").inner_text()
    assert "this run costs time alone" in text
    assert "$" not in text
    page.goto(ui.at(runs["empty"].id, "operators"))
    page.get_by_text("nothing was proposed yet").wait_for()
