from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from evolve.domain import Outcome, Relook, Status
from evolve.inspection.cost import SLICES, Cost
from evolve.inspection.cost_json import cost_json
from evolve.inspection.cost_view import cost_view
from evolve.store import Looked, Store, open_store
from tests.store.inspected import Writer
from tests.store.store_samples import NEW_RUN, asked

CALL = {"step": "edit", "cost": 0.25, "wall": 1.0}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'evolve.db'}", create=True) as opened:
        yield opened


def read(run: Writer) -> Cost:
    return Cost.of(run.store, run.store.run(run.run_id))


def drawn(run: Writer, width: int = 100) -> str:
    console = Console(width=width, color_system=None, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(cost_view(read(run)))
    return captured.get()


def plain_json(run: Writer) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(json.dumps(cost_json(read(run)), allow_nan=False))
    return data


@pytest.fixture
def paid(store: Store) -> Writer:
    """Seven calls of 25 cents, in a run with a budget."""
    run = Writer.begin(store, budget={"money": 5.0, "evaluations": 20}, workers={"evaluations": 2})
    run.add(
        model="m", gain=0.5, new_best=True, wall=2.0, elapsed=10.0, calls=({**CALL, "at": 4.0}, {**CALL, "at": 6.0})
    )
    run.add(model="m", gain=0.5, wall=2.0, elapsed=20.0, calls=({**CALL, "at": 15.0},))
    run.add(model="n", gain=-0.5, wall=2.0, elapsed=30.0, calls=({**CALL, "at": 25.0},))
    run.add(Status.DUPLICATE, model="n", elapsed=35.0, calls=({**CALL, "at": 34.0},))
    run.add(Status.CRASH, model="n", wall=1.0, elapsed=40.0, calls=({**CALL, "at": 38.0},))
    run.add(None, model="n", operator="rewrite", calls=({**CALL, "at": 39.0},))
    run.add(operator="tune", wall=1.0, elapsed=40.0, outcome=Outcome.NOT_ADDED)
    return run


def test_money_is_added_up_by_who_for_what_and_what_became_of_it(paid: Writer) -> None:
    cost = read(paid)
    assert cost.total.cost == cost.burn.money.cost == 1.75
    assert [(part.name, part.bill.cost) for part in cost.fates] == [
        ("new_best", 0.5),
        ("improved", 0.25),
        ("valid", 0.25),
        ("not_run", 0.25),
        ("failed", 0.25),
        ("pending", 0.25),
    ]
    assert {part.name: part.bill.cost for part in cost.models} == {"m": 0.75, "n": 1.0}
    assert {part.name: part.bill.cost for part in cost.operators} == {"mutate": 1.5, "rewrite": 0.25}
    for parts in (cost.models, cost.operators, cost.steps, cost.fates):
        assert sum(part.bill.cost for part in parts) == cost.total.cost
    data = plain_json(paid)
    assert data["dollars_per"] == {"candidates": 0.35, "evaluated": 0.4375, "improved": 0.875, "new_best": 1.75}


def test_the_budget_says_what_is_left_and_when_it_ends(paid: Writer) -> None:
    shown = drawn(paid)
    assert "35 % used, $3.25 of $5 left" in shown
    assert "30 % used, 14 of 20 left" in shown  # the seed and five others; a duplicate is not evaluated
    paid.store.append(paid.run_id, [asked(paid.number)])
    assert "$0.50 reserved" in drawn(paid)


def test_seconds_are_those_of_models_evaluations_and_waiting(paid: Writer) -> None:
    cost = read(paid)
    assert cost.times.evaluating == pytest.approx(8.0 + 0.5)  # the seed's among them
    assert cost.times.busy == pytest.approx(8.5 / (2 * 40.0))
    assert cost.times.calls_at_once == pytest.approx(7 / 40.0)
    journey = cost.asked_for
    assert (journey.candidates, journey.span, journey.models, journey.evaluation) == (5, 7.0 + 6 + 6 + 2 + 3, 6.0, 7.0)
    # 24 s in all, of which 6 s were models and 7 s evaluation
    assert "4.8 s from question to result: 1.2 s of models, 1.4 s of evaluation, 2.2 s of waiting" in " ".join(
        drawn(paid, 200).split()
    )


def test_the_course_grows_to_the_sums(paid: Writer) -> None:
    data = plain_json(paid)
    course = data["course"]
    assert len(course["elapsed"]) == len(course["told"]) == SLICES
    assert course["elapsed"][-1] == pytest.approx(40.0, rel=1e-5)
    assert course["told"][-1] == 7
    assert {model["name"]: model["cost"][-1] for model in course["models"]} == {"m": 0.75, "n": 1.0}
    [first] = [model for model in course["models"] if model["name"] == "m"]
    at = dict(zip(course["elapsed"], first["cost"], strict=True))
    assert max(cost for elapsed, cost in at.items() if elapsed < 4.0) == 0.0
    assert max(cost for elapsed, cost in at.items() if elapsed < 15.0) == 0.5


def test_an_unknown_price_is_not_zero(store: Store) -> None:
    run = Writer.begin(store, budget={"money": 5.0})
    run.add(model="m", gain=0.5, calls=({**CALL, "cost": None}, CALL))
    data = plain_json(run)
    assert data["total"]["cost"] is None
    assert data["total"]["known"] == 0.25
    assert set(data["dollars_per"].values()) == {None}
    [limit] = data["burn"]["limits"]
    assert (limit["name"], limit["used"]) == ("money", None)
    shown = drawn(run)
    assert "nobody knows how much of $5 is used" in shown
    assert "1 call of unknown price; all others cost $0.25" in shown


def test_prices_reach_up_to_what_attempts_without_an_answer_may_have_cost(store: Store) -> None:
    run = Writer.begin(store)
    run.add(model="m", gain=0.5, new_best=True, elapsed=2.0, calls=(CALL,))
    run.add(model="m", gain=0.5, elapsed=3.0, calls=(CALL,))
    assert "per improvement $0.25, 2 of them" in " ".join(drawn(run).split())
    run.add(Status.NO_EDIT, model="m", elapsed=4.0, calls=({**CALL, "cost": 0.0, "lost": 1.0},))
    data = plain_json(run)
    assert (data["dollars_per"]["improved"], data["most_per"]["improved"]) == (0.25, 0.75)
    assert (data["dollars_per"]["new_best"], data["most_per"]["new_best"]) == (0.5, 1.5)
    shown = drawn(run)
    assert "$0.25 to $0.75, 2 of them" in shown
    assert "$0.50 to $1.50, 1 of them" in shown


def test_a_run_of_the_built_in_proposer_costs_time_alone(store: Store) -> None:
    run = Writer.begin(store)
    assert plain_json(run)["asks"] is False
    number = run.add(operator="tune", wall=3.0, elapsed=4.0, outcome=Outcome.NOT_ADDED)
    store.append(run.run_id, [Looked(1, Relook(number, Status.VALID, {1: 1.0, 2: 1.25}, wall=0.75))])
    shown = drawn(run)
    assert "this run costs time alone" in shown
    assert "search: 2 looks in 750 ms" in shown
    assert "slots busy" not in shown  # how long looks held one is not known
    assert "$" not in shown


def test_a_replay_paid_nothing(store: Store) -> None:
    run = Writer.begin(store, llm={"source": "replay", "recording": 3})
    run.add(model="m", gain=0.5, elapsed=2.0, calls=(CALL,))
    shown = drawn(run)
    assert "run 3: nothing is asked or paid now" in shown
    assert "they cost $0.25 when recorded, nothing now" in shown
    assert "from question to result" not in shown
    assert plain_json(run)["times"]["asking"] == 0


def test_a_run_that_has_just_begun(store: Store) -> None:
    run = Writer(store, store.create_run(replace(NEW_RUN, settings={"llm": {"models": [{"name": "m"}]}})))
    data = plain_json(run)
    assert (data["asks"], data["course"]["elapsed"], data["times"]["busy"]) == (True, [], None)
    assert "0 answers" in drawn(run)


@pytest.mark.parametrize("width", [60, 200])
def test_tables_fit_and_names_do_no_harm(paid: Writer, width: int) -> None:
    hostile = "\x1b[2J[bold red]x[/]\u202eexe\u200b\n" + "數" * 300
    paid.add(model=hostile, operator=hostile, gain=0.5, calls=(CALL,))
    shown = drawn(paid, width)
    assert not {"\x1b", "\u202e", "\u200b"} & set(shown)
    assert "\\x1b[2J[bo" in shown
    assert max(map(cell_len, shown.splitlines())) <= width
    for heading in ("cost", "share", "what became of it"):
        assert heading in shown
