from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from evolve.domain import Direction, Relook, Series, Status
from evolve.errors import UserError
from evolve.report.compare import compare_view
from evolve.report.compare_data import compare_csv, compare_json
from evolve.report.compare_latex import compare_latex
from evolve.report.comparison import Comparison, compare
from evolve.report.entrant import Axis
from evolve.store import Leads, Looked, RunStatus, Store, open_store
from tests.report.compared_runs import add_run


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


def compared(store: Store, *arms: tuple[str, list[int]]) -> Comparison:
    return compare(store, [(label, [store.run(run) for run in runs]) for label, runs in arms])


def printed(comparison: Comparison) -> str:
    out = Console(width=160, file=io.StringIO(), markup=False)
    for item in compare_view(comparison):
        out.print(item)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def two_arms(store: Store, n: int, gap: float, *, direction: Direction = Direction.MAXIMIZE) -> Comparison:
    """Runs of paired seeds, the second arm ahead by about `gap` after the seed program."""
    source = random.Random(n)
    arms: dict[str, list[int]] = {"plain": [], "clever": []}
    for seed in range(n):
        luck = source.random()
        for name, lead in (("plain", 0.0), ("clever", gap)):
            course = [0.0, luck + lead, luck + 0.5 * lead, None, 1 + luck + lead + 0.01 * source.random()]
            run = add_run(store, name, seed, course, held_out=course[-1], direction=direction)
            arms[name].append(run)
    return compared(store, *arms.items())


def test_the_better_arm_is_named_at_equal_evaluations_and_on_held_out_cases(store: Store) -> None:
    comparison = two_arms(store, 8, 0.5)
    [track] = comparison.tracks
    [contest] = track.checkpoints[-1].contests
    assert (track.axis, track.checkpoints[-1].amount) == (Axis.EVALUATIONS, 4)
    assert contest.paired
    assert contest.better is True
    assert contest.outcome.p == 2 / 2**8
    assert (contest.wins, contest.ties, contest.losses) == (8, 0, 0)
    assert contest.difference.median == pytest.approx(0.5, abs=0.02)
    assert comparison.held_out[0].better is True
    text = printed(comparison)
    assert "used the least" not in text
    assert "clever is better than plain at 4 evaluations" in text
    assert "clever is better than plain on held-out cases" in text
    assert "8 of 8 pairs" in text


def test_better_is_less_where_less_is_better(store: Store) -> None:
    comparison = two_arms(store, 8, -0.5, direction=Direction.MINIMIZE)
    # The best of a run that minimises never rises above its seed's 0.
    assert comparison.arms[0].final.median == 0.0
    contest = comparison.held_out[0]
    assert (contest.better, contest.mean < 0, contest.superiority > 0.5) == (True, True, True)
    assert "clever is worse" not in printed(comparison)


def test_few_pairs_say_that_they_cannot_show_anything(store: Store) -> None:
    comparison = two_arms(store, 3, 5.0)
    contest = comparison.tracks[0].checkpoints[-1].contests[0]
    assert contest.better is None
    assert not contest.can_show
    text = printed(comparison)
    assert "too few runs to show a difference between clever and plain" in text
    assert "no p below 0.25 is possible" in text
    assert "6 pairs" in text


def test_equal_arms_are_not_told_apart(store: Store) -> None:
    comparison = two_arms(store, 8, 0.0)
    assert comparison.tracks[0].checkpoints[-1].contests[0].better is None
    assert "no difference shown between clever and plain" in printed(comparison)


def test_runs_count_as_far_as_the_shortest_went(store: Store) -> None:
    long = add_run(store, "long", 1, [1.0, 2.0, 3.0, 4.0, 50.0])
    short = add_run(store, "short", 1, [1.0, None, 2.5, None, None, 2.0])
    comparison = compared(store, ("long", [long]), ("short", [short]))
    [track] = comparison.tracks
    assert track.shortest == short
    assert [point.amount for point in track.checkpoints] == [1, 3]
    assert [list(bests) for bests in track.checkpoints[-1].bests] == [[3.0], [2.5]]
    assert comparison.arms[0].final.median == 50.0
    assert f"run {short} used the least" in printed(comparison)


def test_different_seeds_are_compared_unpaired_and_said_so(store: Store) -> None:
    left = [add_run(store, "left", seed, [0.0, 1.0 + seed / 100]) for seed in range(5)]
    right = [add_run(store, "right", seed, [0.0, 2.0 + seed / 100]) for seed in range(10, 15)]
    comparison = compared(store, ("left", left), ("right", right))
    contest = comparison.tracks[0].checkpoints[-1].contests[0]
    assert not contest.paired
    assert contest.outcome.p == pytest.approx(2 / 252)
    assert contest.superiority == 1.0
    assert "unpaired because their seeds differ" in printed(comparison)


def test_three_arms_are_corrected_for(store: Store) -> None:
    arms = [
        (name, [add_run(store, name, seed, [0.0, 1.0 + lead + seed / 100]) for seed in range(6)])
        for name, lead in (("base", 0.0), ("up", 0.3), ("same", 0.0))
    ]
    contests = compared(store, *arms).tracks[0].checkpoints[-1].contests
    assert [contest.arm for contest in contests] == ["up", "same"]
    assert contests[0].outcome.p == 2 / 64
    assert contests[0].p == 4 / 64
    assert contests[1].p == 1.0


def test_a_dear_arm_is_compared_at_equal_money(store: Store) -> None:
    cheap = [
        add_run(store, "cheap", seed, [0.0, 1.0, 2.0 + seed, 3.0 + seed, 4.0 + seed], cost=0.25) for seed in (1, 2)
    ]
    dear = [add_run(store, "dear", seed, [0.0, 5.0 + seed, 8.0 + seed], cost=1.0) for seed in (1, 2)]
    comparison = compared(store, ("cheap", cheap), ("dear", dear))
    evaluations, money = comparison.tracks
    assert (evaluations.axis, money.axis) == (Axis.EVALUATIONS, Axis.MONEY)
    assert [point.amount for point in money.checkpoints] == [0.1, 0.25, 0.5, 1.0]
    # A dollar buys four candidates of the cheap arm and one of the dear one, a quarter one and none.
    assert [list(bests) for bests in money.checkpoints[-1].bests] == [[5.0, 6.0], [6.0, 7.0]]
    assert [list(bests) for bests in money.checkpoints[1].bests] == [[1.0, 1.0], [0.0, 0.0]]
    text = printed(comparison)
    assert "at equal money" in text
    assert "between dear and cheap at $1" in text


def test_money_added_up_in_another_order_is_the_same_money(store: Store) -> None:
    left = add_run(store, "a", 1, [0.0, 1.0, 2.0, 3.0], cost=[0.1, 0.2, 0.3])
    right = add_run(store, "b", 1, [0.0, 1.0, 2.0, 3.0], cost=[0.3, 0.2, 0.1])
    money = compared(store, ("a", [left]), ("b", [right])).tracks[1]
    assert [list(bests) for bests in money.checkpoints[-1].bests] == [[3.0], [3.0]]


def test_unknown_prices_are_compared_at_equal_tokens(store: Store) -> None:
    left = add_run(store, "priced", 1, [0.0, 1.0, 2.0], cost=0.5)
    right = add_run(store, "unknown", 1, [0.0, 1.0, 3.0], cost=[0.5, None])
    comparison = compared(store, ("priced", [left]), ("unknown", [right]))
    assert [track.axis for track in comparison.tracks] == [Axis.EVALUATIONS, Axis.TOKENS]
    assert [point.amount for point in comparison.tracks[1].checkpoints] == [20, 50, 100, 200]
    assert f"run {right} asked models of unknown price" in " ".join(comparison.remarks)
    assert "unknown" in printed(comparison)


def test_an_arm_that_asks_no_model_is_not_compared_at_equal_money(store: Store) -> None:
    left = add_run(store, "model", 1, [0.0, 1.0, 2.0], cost=0.5)
    right = add_run(store, "built-in", 1, [0.0, 1.0, 3.0])
    comparison = compared(store, ("model", [left]), ("built-in", [right]))
    assert [track.axis for track in comparison.tracks] == [Axis.EVALUATIONS]
    assert comparison.remarks == [f"not compared at equal money: run {right} asked no model"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"problem": "other", "problem_digest": "else"}, "different problems"),
        ({"objective": "area"}, "different problems"),
        ({"problem_digest": "edited"}, "changed between run 1 and run 2"),
    ],
)
def test_runs_of_different_problems_are_refused(store: Store, changes: dict[str, str], said: str) -> None:
    left, right = add_run(store, "a", 1, [1.0]), add_run(store, "b", 1, [1.0], **changes)
    with pytest.raises(UserError, match=said):
        compared(store, ("a", [left]), ("b", [right]))


def test_what_cannot_be_compared_is_refused_with_the_way_out(store: Store) -> None:
    run, empty = add_run(store, "a", 1, [1.0]), add_run(store, "b", 1, [])
    with pytest.raises(UserError, match=f"run {run} is in the arms 'a' and 'b'; leave it out"):
        compared(store, ("a", [run]), ("b", [run]))
    with pytest.raises(UserError, match="two or more"):
        compared(store, ("a", [run]))
    with pytest.raises(UserError, match=f"run {empty} has not scored its seed"):
        compared(store, ("a", [run]), ("b", [empty]))


def test_what_the_figures_do_not_show_is_said(store: Store) -> None:
    left = [
        add_run(store, "a", 1, [1.0, 2.0]),
        add_run(store, "a", 2, [1.0, 2.0], settings={"search": {"islands": 4}, "seed": 2}),
    ]
    right = [add_run(store, "b", seed, [1.0, 2.0], status=RunStatus.INTERRUPTED) for seed in (1, 2)]
    unfinished, mixed = compared(store, ("a", left), ("b", right)).remarks
    assert unfinished.startswith(f"not finished: runs {right[0]}, {right[1]};")
    assert mixed == "the runs of arm a have different settings: search.islands"


def test_json_and_csv_hold_what_is_shown(store: Store) -> None:
    comparison = two_arms(store, 6, 0.5)
    data = compare_json(comparison)
    last = data["tracks"][0]["checkpoints"][-1]
    assert last["contests"][0]["p"] == 2 / 64
    assert [arm["arm"] for arm in data["arms"]] == ["plain", "clever"]
    rows = list(csv.DictReader(io.StringIO(compare_csv(comparison))))
    shown = [
        float(row["best"])
        for row in rows
        if (row["arm"], row["axis"], row["amount"]) == ("clever", "evaluations", str(last["amount"]))
    ]
    assert shown == last["arms"][1]["bests"]
    assert sum(row["axis"] == "final" for row in rows) == 12
    assert sum(row["axis"] == "held_out" for row in rows) == 12


def test_names_can_neither_style_nor_break_the_terminal(store: Store) -> None:
    names = ["[red]bold[/]", "\x1b[31mred\x1b[0m", "one\ntwo\u202e", "x" * 200]
    arms = [(name, [add_run(store, name, seed, [0.0, float(seed)]) for seed in range(2)]) for name in names]
    text = printed(compared(store, *arms))
    assert all(line.isprintable() for line in text.splitlines())
    assert "[red]bold[/]" in text
    assert r"\x1b[31mred\x1b[0m" in text
    assert r"one\ntwo\u202e" in text


def noisy_run(store: Store, name: str, seed: int, course: list[float | None], confirmed: float) -> int:
    """A run whose fresh looks at the end chose candidate 1 and say this of it, whatever was told."""
    run = add_run(store, name, seed, course)
    looks = {look: confirmed + shift for look, shift in enumerate((-1.0, 1.0, -1.0, 1.0), 100)}
    relook = Relook(1, Status.VALID, looks, series=Series.CONFIRM)
    store.append(run, [Leads(1, 2.5), Looked(len(course), relook)])
    return run


def test_a_noisy_run_counts_with_the_looks_that_chose_nothing(store: Store) -> None:
    # In every run candidate 2 had a lucky look at 9, which further looks rejected.
    left = [noisy_run(store, "left", seed, [0.0, 3.0, 9.0, 1.0], confirmed=4.0 + seed) for seed in range(6)]
    right = [noisy_run(store, "right", seed, [0.0, 3.0, 9.0, 1.0], confirmed=2.0 + seed) for seed in range(6)]
    comparison = compared(store, ("left", left), ("right", right))
    [track] = comparison.tracks
    *way, last = track.checkpoints
    assert [point.amount for point in track.checkpoints] == [1, 2, 4]
    assert [point.medians[0].median for point in way] == [0.0, 3.0]
    assert last.bests == [[4.0, 5.0, 6.0, 7.0, 8.0, 9.0], [2.0, 3.0, 4.0, 5.0, 6.0, 7.0]]
    assert [arm.final.median for arm in comparison.arms] == [6.5, 4.5]
    assert last.contests[0].better is False  # all were told 9 last: as told there is no difference
    assert comparison.remarks == [
        "noise: search bests on the way are optimistic in runs 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12; later looks say"
        " what the final ones are worth"
    ]
    assert [row.split(",")[5] for row in compare_csv(comparison).splitlines() if row.startswith("left,1,0,")][-2:] == [
        "4.0",
        "4.0",
    ]


def test_a_longer_noisy_run_counts_with_its_final_best_if_that_was_settled_by_then(store: Store) -> None:
    short = noisy_run(store, "short", 1, [0.0, 3.0, 9.0], confirmed=4.0)
    longer = noisy_run(store, "longer", 1, [0.0, 3.0, 9.0, 1.0, 1.0], confirmed=5.0)
    late = noisy_run(store, "late", 1, [0.0, 3.0, 1.0, 1.0, 9.0], confirmed=6.0)
    comparison = compared(store, ("short", [short]), ("longer", [longer]), ("late", [late]))
    assert comparison.tracks[0].checkpoints[-1].bests == [[4.0], [5.0], [3.0]]
    assert comparison.remarks[-1] == (
        f"noise: run {late} found better ones beyond the last line at equal evaluations, which therefore has"
        " optimistic search bests of them"
    )


def test_a_noisy_run_without_looks_at_its_end_counts_with_what_further_looks_left_of_its_best(store: Store) -> None:
    run = add_run(store, "a", 1, [0.0, 3.0, 9.0])
    store.append(run, [Leads(1, 2.5)])
    calm = add_run(store, "b", 1, [0.0, 3.0, 4.0])
    comparison = compared(store, ("a", [run]), ("b", [calm]))
    assert comparison.tracks[0].checkpoints[-1].bests == [[2.5], [4.0]]
    assert [f"optimistic in run {run};" in remark for remark in comparison.remarks] == [True]


def test_figures_come_with_the_unit_of_the_objective(store: Store) -> None:
    plain = two_arms(store, 2, 0.5)
    assert "radius (" not in printed(plain)
    spec = {"objective": {"metric": "radius", "unit": "%"}}
    arms = [
        replace(arm, entrants=[replace(each, run=replace(each.run, spec=spec)) for each in arm.entrants])
        for arm in plain.arms
    ]
    comparison = replace(plain, arms=arms)
    seen = printed(comparison)
    for heading in ("maximize radius (%)", "best, search cases (%)", "held-out cases (%)", " median (%)"):
        assert heading in seen
    assert r"maximize radius (\%): medians" in compare_latex(comparison)
