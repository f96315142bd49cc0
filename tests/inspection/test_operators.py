from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from evolve.domain import Outcome, Status
from evolve.inspection.operators import Family, Line, Operators, operators_json
from evolve.inspection.operators_view import models_view, operators_view
from evolve.store import Store, open_store
from tests.store.inspected import Writer

HOSTILE = "\x1b[2J[bold red]x[/]\u202eexe\u200b\n" + "數" * 300


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'evolve.db'}", create=True) as opened:
        yield opened


def drawn(view: RenderableType, width: int = 100) -> str:
    console = Console(width=width, color_system=None, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(view)
    return captured.get()


def asked(run: Writer) -> Operators:
    return Operators.of(run.store, run.store.run(run.run_id))


def by_name(lines: Sequence[Line]) -> dict[str, Line]:
    return {line.name: line for line in lines}


@pytest.fixture
def mixed(store: Store) -> Writer:
    run = Writer.begin(store)
    call = {"step": "edit", "cost": 0.25, "wall": 1.5}
    run.add(model="m", gain=0.5, new_best=True, wall=0.5, calls=(call, {**call, "step": "lesson"}))
    run.add(model="m", outcome=Outcome.NOT_ADDED, gain=-1.0, wall=0.5, calls=(call,))
    run.add(Status.NO_EDIT, model="m", calls=(call,))
    run.add(Status.OUTSIDE_REGION, model="m", operator="rewrite", calls=(call,))
    run.add(None, model="m", operator="rewrite", calls=(call,))
    run.add(operator="swap_symbol", gain=0.5, outcome=Outcome.IMPROVED, wall=1.0)
    run.add(Status.CRASH, operator="insert_term", wall=1.0)
    run.add(operator="tune", gain=0.0, outcome=Outcome.NOT_ADDED, wall=1.0)
    run.add(model="m", operator="simplify", gain=0.0, outcome=Outcome.NOT_ADDED, calls=(call,))
    run.add(operator="simplify", gain=0.0, outcome=Outcome.NOT_ADDED)
    return run


def test_operators_are_grouped_and_models_simplify_is_not_the_built_in_one(mixed: Writer) -> None:
    found = asked(mixed)
    assert [(line.family, line.tally.proposed) for line in found.families] == [
        (Family.ASKED, 6),
        (Family.EDIT, 2),
        (Family.TUNE, 1),
        (Family.SIMPLIFY, 1),
    ]
    assert [line.name for line in found.operators if line.family is Family.ASKED] == ["mutate", "rewrite", "simplify"]
    assert sum(line.tally.proposed for line in found.operators) == found.total.proposed == 10
    assert [line.model for line in found.models] == ["m", ""]


def test_a_line_says_how_far_candidates_got_and_what_they_took(mixed: Writer) -> None:
    found = asked(mixed)
    mutate = by_name(found.operators)["mutate"].tally
    assert (mutate.proposed, mutate.settled, mutate.parsed, mutate.applied, mutate.valid) == (3, 3, 2, 2, 2)
    assert (mutate.improved, mutate.new_cell, mutate.new_best) == (1, 1, 1)
    assert (mutate.bill.calls, mutate.bill.cost, mutate.bill.seconds) == (4, 1.0, 6.0)
    assert (mutate.dollars_per("improved").each, mutate.seconds_per("improved").each) == (1.0, 7.0)
    rewrite = by_name(found.operators)["rewrite"].tally
    assert (rewrite.proposed, rewrite.settled, rewrite.parsed, rewrite.applied) == (2, 1, 1, 0)
    assert rewrite.rate("improved").of == 1  # what is under way has not failed to improve
    assert rewrite.dollars_per("improved").each is None
    builtin = found.models[-1].tally
    assert (builtin.proposed, builtin.improved, builtin.bill.calls) == (4, 1, 0)
    assert builtin.seconds_per("improved").each == 3.0


def test_an_unknown_price_is_not_zero(store: Store) -> None:
    run = Writer.begin(store)
    run.add(model="m", gain=0.5, calls=({"cost": None, "lost": 0.125},))
    run.add(model="m", gain=0.5, calls=({"cost": 0.5},))
    data = operators_json(asked(run))
    [model] = data["models"]
    assert (model["bill"]["cost"], model["bill"]["known"], model["bill"]["unknown"]) == (None, 0.5, 1)
    assert model["bill"]["lost"] == data["money"]["lost"] == 0.125
    assert model["dollars_per"]["improved"] == {"each": None, "low": None, "high": None}
    shown = drawn(models_view(asked(run)))
    assert "unknown" in shown
    assert "1 call of unknown price" in shown


def test_what_attempts_without_an_answer_may_have_cost_is_in_the_highest_price_and_said(store: Store) -> None:
    run = Writer.begin(store)
    for _ in range(8):
        run.add(model="m", gain=0.5, new_best=True, calls=({"cost": 0.25},))
    assert "without an answer" not in drawn(models_view(asked(run)))
    before = asked(run).total.dollars_per("improved")
    run.add(None, model="m", calls=({"cost": 0.0, "lost": 6.0},))
    price = asked(run).total.dollars_per("improved")
    assert (price.each, price.low) == (before.each, before.low) == (0.25, 0.25)
    assert before.high is not None
    assert price.high == pytest.approx(4 * before.high)  # eight dollars instead of two
    for view in (models_view(asked(run)), operators_view(asked(run))):
        assert "$: without the up to $6 that attempts without an answer may have cost" in drawn(view)


def test_a_run_without_models_says_so(store: Store) -> None:
    run = Writer.begin(store)
    assert "nothing was proposed yet" in drawn(operators_view(asked(run)))
    run.add(operator="tune", gain=0.5)
    assert operators_json(asked(run))["asks"] is False
    assert "no model was asked" in drawn(models_view(asked(run)))
    shown = drawn(operators_view(asked(run)))
    assert "built-in tuning" in shown
    assert "$" not in shown


def test_a_replay_says_so(store: Store) -> None:
    run = Writer.begin(store, llm={"source": "replay", "recording": 7, "models": []})
    run.add(model="m", gain=0.5, calls=({},))
    assert "replays run 7" in drawn(models_view(asked(run)))
    assert operators_json(asked(run))["replay"] == "run 7"


@pytest.mark.parametrize("width", [60, 80, 200])
def test_tables_fit_and_names_do_no_harm(mixed: Writer, width: int) -> None:
    mixed.add(model=HOSTILE, operator=HOSTILE, gain=0.5, calls=({},))
    for view in (operators_view(asked(mixed)), models_view(asked(mixed))):
        shown = drawn(view, width)
        assert not {"\x1b", "\u202e", "\u200b"} & set(shown)
        assert "\\x1b[2J[bo" in shown
        assert max(map(cell_len, shown.splitlines())) <= width
        for heading in ("proposed", "valid", "better", "new best"):
            assert heading in shown
    json.dumps(operators_json(asked(mixed)), allow_nan=False)
