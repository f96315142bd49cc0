from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from evolve.archive.records import Migrated
from evolve.domain import (
    Direction,
    Estimate,
    Evaluation,
    Measurement,
    Origin,
    Outcome,
    Relook,
    Series,
    Split,
    Status,
    Verdict,
)
from evolve.inspection.coverage import Coverage
from evolve.inspection.overview import Overview, overview_json
from evolve.inspection.points import Points
from evolve.inspection.top_view import frame, rate_text
from evolve.store import Evaluated, Event, Holder, Looked, NewRun, Proposed, RunRow, RunStatus, Store, Told, open_store
from tests.report.compared_runs import ISOLATION, add_run
from tests.store.store_samples import candidate, scored

HOSTILE = "\x1b[2J[bold red]x[/]\u202eexe\u200b\n" + "數" * 3_000
SPEC: dict[str, Any] = {
    "objective": {
        "metric": "radius", "direction": "maximize", "unit": "mm", "target": None, "bound": 9.0,
        "baselines": {"greedy": {"value": 1.5, "source": "a paper"}, "none": {"value": 0.0, "source": "by definition"}},
        "best_known": {"value": 4.0, "source": "another paper"},
    }
}  # fmt: skip
HOLDER = Holder.here()
BUDGET = {"evaluations": 20, "seconds": 400.0, "money": 1.0, "tokens": None, "target": 5.0}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'evolve.db'}", create=True) as opened:
        yield opened


def started(store: Store, *, spec: dict[str, Any] | None = None, unit: str = "mm") -> RunRow:
    """A run with a spec that somebody holds; nothing is told yet."""
    chosen = {"objective": {**SPEC["objective"], "unit": unit}} if spec is None else spec
    new = NewRun(
        "a", "packing", "p", "d", "radius", Direction.MAXIMIZE, 1,
        {"budget": BUDGET, "workers": {"evaluations": 3}, "search": {"islands": 2}}, "s", {}, ISOLATION, chosen,
    )  # fmt: skip
    run = store.create_run(new)
    store.acquire(run, HOLDER)
    return store.run(run)


def tell(store: Store, run: RunRow, number: int, objective: float, origin: Origin | None = None) -> None:
    made = replace(candidate(number), origin=origin or Origin("mutate", 0))
    verdict = Verdict(Outcome.NEW_CELL, 0, number, None, True, 0.5)
    told = Told(number, number, verdict, 2.0 * (number + 1))
    store.append(run.id, [Proposed(made, str(number)), Evaluated(number, scored(objective)), told])


def held_out(mean: float, cases: int = 8) -> Evaluation:
    values = [mean + case / 10 for case in range(cases)]
    looks = tuple(
        Measurement("h", Split.HOLDOUT, case, 0, Status.VALID, {"radius": value}) for case, value in enumerate(values)
    )
    return Evaluation(Status.VALID, Estimate.of(values), {"radius": mean}, measurements=looks)


def read(store: Store, run: RunRow) -> dict[str, Any]:
    data = overview_json(Overview.of(store, store.run(run.id), ()))
    return json.loads(json.dumps(data, allow_nan=False))


def drawn(store: Store, run: RunRow, width: int, height: int | None = None) -> list[str]:
    """A frame as lines, as a terminal of 256 colours would get it."""
    row = store.run(run.id)
    overview = Overview.of(store, row, (Coverage(0, 3, 64), Coverage(1, 5, None)))
    out = Console(width=width, force_terminal=True, color_system="256", markup=False, emoji=False, highlight=False)
    with out.capture() as captured:
        out.print(frame(overview, Points.of(store, row, dots=False), width, height))
    return captured.get().splitlines()


def shown(store: Store, run: RunRow, width: int, height: int | None = None) -> str:
    console = Console(width=width, markup=False, emoji=False, highlight=False, color_system=None)
    row = store.run(run.id)
    overview = Overview.of(store, row, (Coverage(0, 3, 64), Coverage(1, 5, None)))
    with console.capture() as captured:
        console.print(frame(overview, Points.of(store, row, dots=False), width, height))
    return captured.get()


def test_the_objective_is_held_against_what_is_known_best_first(store: Store) -> None:
    goal = read(store, started(store))["goal"]
    assert (goal["metric"], goal["unit"], goal["direction"]) == ("radius", "mm", "maximize")
    assert [(each["name"], each["value"]) for each in goal["references"]] == [
        ("proven bound", 9.0),
        ("target", 5.0),
        ("best known", 4.0),
        ("greedy", 1.5),
        ("none", 0.0),
    ]
    assert goal["references"][3]["source"] == "a paper"


def test_a_run_older_than_its_spec_is_shown_all_the_same(store: Store) -> None:
    run = store.run(add_run(store, "old", 1, [1.0, None, 2.0], settings={}))
    data = read(store, run)
    assert data["goal"]["references"] == []
    assert data["budget"]["limits"] == []
    assert data["workers"] is None
    assert data["failures"] == {"duplicate": 1}
    assert "best      2  #2 · radius, more is better" in shown(store, run, 80)


def test_budget_pace_and_end_of_a_running_run(store: Store) -> None:
    run = started(store)
    for number in range(5):
        tell(store, run, number, 1.0 + number)
    data = read(store, run)
    limits = {limit["name"]: limit for limit in data["budget"]["limits"]}
    assert (limits["evaluations"]["used"], limits["evaluations"]["limit"]) == (5, 20)
    assert limits["evaluations"]["per_second"] == pytest.approx(0.5)
    assert limits["evaluations"]["seconds_left"] == pytest.approx(30.0)
    assert (limits["money"]["used"], limits["money"]["seconds_left"]) == (0, None)
    assert data["budget"]["ends"] == {"limit": "evaluations", "seconds": pytest.approx(30.0)}
    assert data["rate"] == pytest.approx(0.5)
    view = shown(store, run, 80)
    assert "ends         in about 30 s at this pace, when the evaluations are used up" in view
    assert "15 of 20 left" in view
    assert "30/min" in view


def test_what_is_under_way_is_counted_in_a_running_run_only(store: Store) -> None:
    run = started(store)
    tell(store, run, 0, 1.0)
    store.append(run.id, [Proposed(candidate(1), "1"), Proposed(candidate(2), "2")])
    assert read(store, run)["waiting"] == 2
    store.release(run.id, HOLDER, RunStatus.FINISHED, "")
    ended = read(store, run)
    assert (ended["waiting"], ended["rate"], ended["budget"]["ends"]) == (0, None, None)


def test_improvements_say_who_made_them_and_by_how_much(store: Store) -> None:
    run = started(store)
    for number, objective in enumerate((1.0, 1.5, 3.0)):
        tell(store, run, number, objective, Origin("plan", 0, idea="wider", model="openai/x") if number else None)
    rows = read(store, run)["improvements"]
    assert [(row["number"], row["step"], row["model"]) for row in rows] == [
        (2, 1.5, "openai/x"),
        (1, 0.5, "openai/x"),
        (0, None, ""),
    ]
    assert "plan by openai/x · wider" in shown(store, run, 110)


def test_scores_on_held_out_cases_come_with_interval_difference_and_verdict(store: Store) -> None:
    run = started(store)
    tell(store, run, 0, 1.0)
    tell(store, run, 1, 2.0)
    store.append(run.id, [Evaluated(0, held_out(1.0), Split.HOLDOUT), Evaluated(1, held_out(1.75), Split.HOLDOUT)])
    data = read(store, run)
    assert data["held_out"]["best"]["cases"] == 8
    assert data["held_out"]["best"]["low"] < data["held_out"]["best"]["mean"] < data["held_out"]["best"]["high"]
    assert data["held_out"]["difference"]["mean"] == pytest.approx(0.75)
    assert data["verdict"]["finding"] == "better"
    assert data["verdict"]["p"] == pytest.approx(2 / 2**8)
    assert "real: better than the seed on held-out cases, p = 0.0078, n = 8 cases" in shown(store, run, 100)


def test_the_best_of_a_noisy_run_is_what_looks_that_chose_nothing_say_of_it(store: Store) -> None:
    run = started(store)
    tell(store, run, 0, 1.0)
    tell(store, run, 1, 9.0)
    assert read(store, run)["best"] == {"number": 1, "objective": 9.0, "gain": 8.0, "search_objective": 9.0}
    looks = {100: 2.5, 101: 3.5, 102: 2.75, 103: 3.25}
    store.append(run.id, [Looked(2, Relook(1, Status.VALID, looks, series=Series.CONFIRM))])
    data = read(store, run)
    assert data["best"] == {"number": 1, "objective": 3.0, "gain": 2.0, "search_objective": 9.0}
    assert (data["confirmed"]["looks"], data["confirmed"]["low"] < 3.0 < data["confirmed"]["high"]) == (4, True)
    lines = [" ".join(line.strip("│ ").split()) for line in shown(store, run, 80).splitlines()]
    assert lines[1] == "best 3 mm, confirmed #1 · radius, more is better · seed 1 mm · +2"
    assert lines[2] == "interval 95% interval 2.27371 to 3.72629, 4 looks that chose nothing"
    assert lines[3] == "search 9 mm, search score (optimistic)"


def test_events_are_sentences(store: Store) -> None:
    run = started(store)
    moved = Migrated(0, 1, (3, 4))
    store.append(run.id, [Event("models_ready", {"cards": [{"name": "openai/x"}]}, 0.0)])
    store.append(run.id, [Event("Migrated", {"source": 0, "target": 1, "numbers": [3, 4]}, 3.0, position=9)])
    events = read(store, run)["events"]
    assert [event["sentence"] for event in events] == [str(moved), "models ready: openai/x"]
    assert events[0]["position"] == 9


@pytest.mark.parametrize("width", [60, 80, 160])
def test_no_text_of_a_model_breaks_a_frame(store: Store, width: int) -> None:
    run = started(store, unit="\x1b[31m")
    for number in range(3):
        tell(store, run, number, 1.0 + number, Origin(HOSTILE, 0, idea=HOSTILE, model=HOSTILE))
    store.append(run.id, [Event("models_ready", {"cards": [{"name": HOSTILE}]}, 0.0)])
    lines = drawn(store, run, width)
    text = "".join(lines)
    assert "\x1b[2J" not in text
    assert "\x1b[31m" not in text
    assert "\u202e" not in text
    plain = shown(store, run, width)
    assert "[bold red]" in plain  # shown as it is, and not obeyed
    assert {cell_len(line) for line in plain.splitlines()} == {min(width, 120)}


def test_a_frame_fits_the_height_of_a_terminal_by_listing_less(store: Store) -> None:
    run = started(store)
    for number in range(8):
        tell(store, run, number, 1.0 + number)
    assert len(shown(store, run, 80).splitlines()) > 24
    assert len(shown(store, run, 80, 24).splitlines()) <= 24


def test_a_rate_is_a_number_one_can_picture() -> None:
    assert [rate_text(rate) for rate in (123.4, 1.0, 0.5, 0.001)] == ["123/s", "1/s", "30/min", "3.6/h"]
