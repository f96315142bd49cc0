from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from evolve.domain import Direction, Origin
from evolve.inspection.lineage import Lineage, Stretch, lineage_json
from evolve.inspection.lineage_view import lineage_view
from evolve.store import Evaluated, NewRun, Proposed, Store, Told, open_store
from tests.store.store_samples import FAILED, NEW_RUN, candidate, scored, verdict

HOSTILE = "\x1b[2J[bold red]x[/]\u202eexe\u200b\n" + "數" * 3_000
Origins = Mapping[int, tuple[tuple[int, ...], float | None]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'evolve.db'}", create=True) as opened:
        yield opened


@pytest.fixture
def family(store: Store) -> Callable[..., int]:
    """Makes a run of candidates with these parents and objectives (None failed); its number."""

    def make(origins: Origins, run: NewRun = NEW_RUN, idea: str = "", model: str = "", **shown: tuple[int, ...]) -> int:
        run_id = store.create_run(run)
        for number, (parents, objective) in origins.items():
            origin = Origin("mutate", number, parents, shown.get(f"to{number}", ()), idea=idea, model=model)
            evaluation = FAILED if objective is None else scored(objective)
            told = Told(number, number, verdict(new_best=not number), number / 10)
            made = replace(candidate(number), origin=origin)
            store.append(run_id, [Proposed(made, ""), Evaluated(number, evaluation), told])
        return run_id

    return make


def drawn(store: Store, run_id: int, number: int, width: int = 100, **options: bool) -> str:
    """What a person sees, with one line of it a line."""
    console = Console(width=width, color_system=None, file=None, record=True, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(lineage_view(Lineage.of(store, store.run(run_id), number), **options))
    return captured.get()


CHAIN: Origins = {
    0: ((), 1.0),
    1: ((0,), 2.0),
    2: ((1,), 1.5),
    3: ((2, 1), 1.75),
    4: ((3,), None),
    5: ((4,), 3.0),
    6: ((5,), 2.5),
    7: ((6,), 2.75),
}


def test_steps_say_how_the_objective_changed_and_whether_it_is_better_than_ever(
    store: Store, family: Callable[..., int]
) -> None:
    lineage = Lineage.of(store, store.run(family(CHAIN)), 7)
    assert [step.row.number for step in lineage.steps] == [7, 6, 5, 4, 3, 2, 1, 0]
    assert [step.change for step in lineage.steps] == [0.25, -0.5, None, None, 0.25, -0.5, 1.0, None]
    assert [step.row.number for step in lineage.steps if step.better] == [5, 1, 0]


def test_fewer_is_better_where_the_objective_is_minimised(store: Store, family: Callable[..., int]) -> None:
    run_id = family({0: ((), 3.0), 1: ((0,), 2.0), 2: ((1,), 4.0)}, replace(NEW_RUN, direction=Direction.MINIMIZE))
    lineage = Lineage.of(store, store.run(run_id), 2)
    assert [(step.change, step.gain, step.better) for step in lineage.steps] == [
        (2.0, -2.0, False),
        (-1.0, 1.0, True),
        (None, None, True),
    ]


def test_stretches_without_a_better_score_are_one_line_unless_all_are_wanted(
    store: Store, family: Callable[..., int]
) -> None:
    run_id = family(CHAIN)
    lineage = Lineage.of(store, store.run(run_id), 7)
    seen = [
        [step.row.number for step in each.steps] if isinstance(each, Stretch) else each.row.number
        for each in lineage.passages()
    ]
    assert seen == [7, 6, 5, [4, 3, 2], 1, 0]
    assert len(list(lineage.passages(every=True))) == 8
    out = drawn(store, run_id, 7)
    assert "… 3 steps without a better score, 1 crossover among them" in out
    assert "1/3" not in out
    whole = drawn(store, run_id, 7, every=True)
    assert "without a better" not in whole
    assert "mutate, crash" in whole


def test_the_view_has_a_summary_side_branches_and_inspirations_on_demand(
    store: Store, family: Callable[..., int]
) -> None:
    run_id = family({0: ((), 1.0), 1: ((0,), 2.0), 2: ((0,), 1.5), 3: ((1, 2), 3.0)}, to3=(0,))
    lines = drawn(store, run_id, 3).splitlines()
    assert lines[0] == "candidate 1/3: 3, +2 from the seed's 1 in 2 steps, each to a better score"
    assert [line.split()[:4] for line in lines[3:]] == [
        ["●", "1/3", "3", "+1"],
        ["├╌", "1/2", "1.5", "2nd"],
        ["●", "1/1", "2", "+1"],
        ["●", "1/0", "1", "mutate"],
    ]
    assert "├┈ 1/0" in drawn(store, run_id, 3, inspirations=True)
    assert drawn(store, run_id, 0).splitlines()[0] == "candidate 1/0: 1"


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_it_fits_and_what_a_model_wrote_breaks_nothing(store: Store, family: Callable[..., int], width: int) -> None:
    run_id = family(CHAIN, idea=HOSTILE, model="m" * 100, to7=(1, 2))
    out = drawn(store, run_id, 7, width, every=True, inspirations=True)
    assert max(map(cell_len, out.splitlines())) <= width
    assert not {"\x1b", "\u202e", "\u200b"} & set(out)
    assert "\\x1b[2J[bold red]x[/]\\u202e"[: 20 if width < 80 else 24] in out
    assert all(f"1/{number} " in out for number in range(8))


def test_plain_data_has_the_families_too(store: Store, family: Callable[..., int]) -> None:
    rows = lineage_json(Lineage.of(store, store.run(family(CHAIN, to7=(1, 2))), 7))
    data = json.loads(json.dumps(rows, allow_nan=False))
    assert (data[0]["number"], data[0]["step"], data[0]["inspirations"], data[4]["parents"]) == (
        7,
        0.25,
        [1, 2],
        [2, 1],
    )
