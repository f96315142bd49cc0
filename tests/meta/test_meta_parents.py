"""Choice of parents and jumps: pure functions of the table of trials, whatever its order."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.domain import Direction
from evolve.meta.clades import Evaluate, Expand, Outcomes, clade_next, clade_outcomes, own_outcomes
from evolve.meta.parents import best, choose, dgm_probabilities, eligible, fitness, jump
from evolve.meta.records import Measured, Member, Rule, Stage, SuiteProblem, Trial, TrialKey, Use

QUICK = settings(max_examples=30, deadline=None)
CELLS = [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def member(number: int, parent: int | None = 0, held: str = "") -> Member:
    return Member(number, f"digest{number}", None if number == 0 else parent, "idea", "model", None, held=held)


def trial(scaffold: int, area: float, cell: tuple[str, int] = ("a", 1), stage: Stage = Stage.RANK) -> Trial:
    measured = Measured((area,) * 3, 0.0, 3)
    return Trial(TrialKey(scaffold, *cell, stage, 3), measured, area, (area,) * 3)


def table(areas: Iterable[float], cells: Sequence[tuple[str, int]] = CELLS) -> list[Trial]:
    return [trial(number, area, cell) for number, area in enumerate(areas) for cell in cells]


AREAS = st.lists(st.floats(0, 1), min_size=1, max_size=9)


@st.composite
def archives(draw: st.DrawFn) -> tuple[list[Member], list[Trial]]:
    areas = draw(AREAS)
    members = [member(number, draw(st.integers(0, max(0, number - 1)))) for number in range(len(areas))]
    return members, [trial(n, area + 0.01 * at, cell) for n, area in enumerate(areas) for at, cell in enumerate(CELLS)]


def test_f_is_the_mean_over_problems_of_means_over_seeds_of_ranking_trials_alone() -> None:
    trials = [
        trial(1, 0.2, ("a", 1)),
        trial(1, 0.4, ("a", 2)),
        trial(1, 0.9, ("b", 1)),
        trial(1, 1.0, ("b", 9), Stage.CONFIRM),
        trial(2, 0.5, ("a", 1)),
    ]
    assert fitness(trials) == {1: pytest.approx(0.6), 2: 0.5}
    assert fitness(trials, ["a", "b"]) == {1: pytest.approx(0.6)}
    assert fitness(trials, ["b"]) == {1: pytest.approx(0.9)}


@QUICK
@given(archives(), st.randoms(use_true_random=False))
def test_reading_twice_changes_nothing_and_neither_order_nor_repetition_matter(
    archive: tuple[list[Member], list[Trial]], shuffler: random.Random
) -> None:
    members, trials = archive
    told = [*trials, *trials[::2]]
    shuffler.shuffle(told)
    shuffled = list(members)
    shuffler.shuffle(shuffled)
    for rule in (Rule.DGM, Rule.GREEDY, Rule.RANDOM, Rule.FLAT):
        chosen = [choose(rule, of, by, random.Random(4)) for of, by in ((members, trials), (members, trials))]
        assert chosen[0] == chosen[1] == choose(rule, shuffled, told, random.Random(4))
    assert fitness(trials) == fitness(told)
    assert clade_outcomes(members, trials) == clade_outcomes(shuffled, told)
    nexts = [
        clade_next(of, by, [*CELLS, ("c", 1)], random.Random(4)) for of, by in ((members, trials), (shuffled, told))
    ]
    assert nexts[0] == nexts[1]
    assert [jump(each.number, members, trials) for each in members] == [
        jump(each.number, shuffled, told) for each in members
    ]


@QUICK
@given(archives())
def test_probabilities_sum_to_one_and_a_better_one_with_as_many_children_is_never_less_likely(
    archive: tuple[list[Member], list[Trial]],
) -> None:
    members, trials = archive
    scores = fitness(trials)
    found = dgm_probabilities(members, scores)
    assert sum(found.values()) == pytest.approx(1)
    assert set(found) == set(scores)
    children = Counter(each.parent for each in members)
    for left in found:
        for right in found:
            if children[left] == children[right] and scores[left] > scores[right]:
                assert found[left] >= found[right]


@QUICK
@given(archives(), st.data())
def test_one_more_child_never_makes_a_parent_likelier(
    archive: tuple[list[Member], list[Trial]], data: st.DataObject
) -> None:
    members, trials = archive
    parent = data.draw(st.sampled_from([each.number for each in members]))
    scores = fitness(trials)
    more = [*members, member(len(members), parent, held="not measured yet")]
    assert dgm_probabilities(more, scores)[parent] <= dgm_probabilities(members, scores)[parent] + 1e-12


@QUICK
@given(AREAS, st.floats(0.01, 1), st.floats(0, 1))
def test_the_choice_is_the_same_on_any_scale(areas: list[float], factor: float, shift: float) -> None:
    areas = [round(area, 3) for area in areas]
    members = [member(number) for number in range(len(areas))]
    plain = dgm_probabilities(members, dict(enumerate(areas)))
    scaled = dgm_probabilities(members, {n: shift + factor * area for n, area in enumerate(areas)})
    assert plain == pytest.approx(scaled, abs=1e-6)


def test_the_best_quarter_gets_most_draws_and_children_share_them_out() -> None:
    """Five scaffolds by hand: m = 0.4, spread 1.4826 * 0.1, no child but those of the first."""
    found = dgm_probabilities([member(n) for n in range(5)], dict(enumerate([0.1, 0.2, 0.3, 0.4, 0.5])))
    assert found[4] > found[3] > found[2] > found[1] > found[0]
    assert found[3] / found[4] == pytest.approx(0.5 * (1 + 2.718281828 ** -(2 / 1.4826)))
    alone = dgm_probabilities([member(0), member(1)], {0: 0.3, 1: 0.3})
    assert alone == {0: pytest.approx(1 / 3), 1: pytest.approx(2 / 3)}


def test_held_excluded_and_unmeasured_scaffolds_are_no_parents() -> None:
    members = [member(0), member(1, held="jump"), member(2), member(3), member(4)]
    scores = {0: 0.1, 1: 0.9, 2: 0.8, 3: 0.2}
    assert eligible(members, scores, {2}) == [0, 3]
    assert set(dgm_probabilities(members, scores, excluded={2})) == {0, 3}
    assert best(members, scores, {2}) == 3
    assert best(members, scores) == 2
    assert {choose(Rule.RANDOM, members, [], random.Random(n), excluded={2}) for n in range(40)} == {0, 3, 4}
    with pytest.raises(ValueError, match="no scaffold can be a parent"):
        best(members, scores, {0, 2, 3})


def test_each_rule_chooses_as_it_says() -> None:
    members, trials = [member(0), member(1), member(2)], table([0.2, 0.6, 0.6])
    rng = random.Random(0)
    assert choose(Rule.GREEDY, members, trials, rng) == 1
    assert choose(Rule.FLAT, members, trials, rng) == 0
    drawn = Counter(choose(Rule.DGM, members, trials, rng) for _ in range(600))
    expected = dgm_probabilities(members, fitness(trials))
    assert all(abs(drawn[number] / 600 - p) < 0.08 for number, p in expected.items())
    with pytest.raises(ValueError, match="clades"):
        choose(Rule.CLADE, members, trials, rng)


def test_wins_are_against_the_first_scaffold_in_the_same_cell_and_ties_are_halves() -> None:
    trials = [
        trial(0, 0.5, ("a", 1)), trial(0, 0.5, ("b", 1)),
        trial(1, 0.6, ("a", 1)), trial(1, 0.4, ("b", 1)), trial(1, 0.9, ("c", 1)),
        trial(2, 0.5, ("a", 1)),
    ]  # fmt: skip
    assert own_outcomes(trials) == {0: Outcomes(1.0, 1.0), 1: Outcomes(1.0, 1.0), 2: Outcomes(0.5, 0.5)}


def test_outcomes_are_pooled_over_all_descendants() -> None:
    members = [member(0), member(1, 0), member(2, 1), member(3, 2), member(4, 0)]
    trials = [trial(number, area) for number, area in enumerate([0.5, 0.4, 0.3, 0.9, 0.1])]
    assert clade_outcomes(members, trials) == {
        0: Outcomes(1.5, 3.5),
        1: Outcomes(1.0, 2.0),
        2: Outcomes(1.0, 1.0),
        3: Outcomes(1.0, 0.0),
        4: Outcomes(0.0, 1.0),
    }


@QUICK
@given(archives())
def test_a_clade_has_the_outcomes_of_its_children_and_its_own(archive: tuple[list[Member], list[Trial]]) -> None:
    members, trials = archive
    own, pooled = own_outcomes(trials), clade_outcomes(members, trials)
    for each in members:
        total = sum((pooled[child.number] for child in members if child.parent == each.number), own[each.number])
        assert (total.wins, total.losses) == (
            pytest.approx(pooled[each.number].wins),
            pytest.approx(pooled[each.number].losses),
        )


def test_a_scaffold_is_made_whenever_evaluations_to_the_exponent_reach_their_number() -> None:
    rng = random.Random(0)
    assert clade_next([member(0)], [], CELLS, rng) == Evaluate(0, "a", 1)
    assert clade_next([member(0)], [trial(0, 0.5)], CELLS, rng) == Expand(0)
    two = [member(0), member(1)]
    three_runs = [trial(0, 0.5), trial(0, 0.5, CELLS[1]), trial(1, 0.5)]  # 3 ** 0.6 = 1.93
    assert isinstance(clade_next(two, three_runs, CELLS, rng), Evaluate)
    four_runs = [*three_runs, trial(1, 0.5, CELLS[1])]  # 4 ** 0.6 = 2.30
    assert isinstance(clade_next(two, four_runs, CELLS, rng), Expand)
    assert isinstance(clade_next(two, four_runs, CELLS, rng, exponent=0.4), Evaluate)


def test_the_first_scaffold_is_run_in_a_cell_before_anybody_can_win_there() -> None:
    members = [member(0), member(1)]
    trials = [trial(0, 0.5), trial(1, 0.5)]
    for seed in range(20):
        chosen = clade_next(members, trials, CELLS, random.Random(seed), exponent=0.3)
        assert chosen == Evaluate(0, "b", 1)


def test_when_all_is_measured_a_scaffold_is_made() -> None:
    members = [member(number) for number in range(30)]
    assert isinstance(clade_next(members, table([0.5] * 30, CELLS[:1]), CELLS[:1], random.Random(1)), Expand)


def test_a_lineage_that_wins_is_drawn_most() -> None:
    """The parent's own runs lose, its descendants' win: it is the lineage that counts."""
    members = [member(0), member(1), member(2), member(3, 1), member(4, 1)]
    trials = table([0.5, 0.45, 0.4, 0.6, 0.6])
    drawn = [clade_next(members, trials, CELLS, random.Random(seed)) for seed in range(200)]
    parents = Counter(choice.parent for choice in drawn if isinstance(choice, Expand))
    assert sum(parents.values()) == 200
    assert parents[1] > parents[2]
    assert parents[3] + parents[4] > 100


def test_held_and_excluded_scaffolds_are_neither_edited_nor_run() -> None:
    members = [member(0), member(1, held="jump"), member(2)]
    trials = table([0.5, 0.9, 0.9], CELLS[:1])
    for seed in range(40):
        chosen = clade_next(members, trials, CELLS, random.Random(seed), excluded={2})
        assert chosen in (Expand(0), Evaluate(0, "b", 1))


SIBLINGS = [0.30, 0.34, 0.28, 0.31, 0.29]
HILL = SuiteProblem("a", "/a", Use.SEARCH, ceiling=0.8, bound=1.0)
PIT = SuiteProblem("b", "/b", Use.SEARCH, ceiling=2.0, bound=1.0, direction=Direction.MINIMIZE)


def test_a_jump_over_siblings_is_held_and_an_ordinary_gain_is_not() -> None:
    members = [member(number) for number in range(7)]
    trials = table([0.3, *SIBLINGS, 0.75])
    said = jump(6, members, trials)
    assert "0.7500" in said
    assert "of its 5 siblings, more than 6" in said
    assert jump(6, members, table([0.3, *SIBLINGS, 0.41])) == ""
    assert jump(6, members, trials, limit=40.0) == ""
    assert jump(6, members, table([0.3, *SIBLINGS, 0.0])) == ""


def test_siblings_that_are_all_alike_do_not_make_a_small_gain_a_jump() -> None:
    members = [member(number) for number in range(7)]
    assert jump(6, members, table([0.3, *[0.3] * 5, 0.38])) == ""
    assert jump(6, members, table([0.3, *[0.3] * 5, 0.5])) != ""


def test_without_enough_siblings_all_others_are_the_measure_and_without_those_nothing_is() -> None:
    members = [*(member(number) for number in range(6)), member(6, 5)]
    assert "of its 6 other scaffolds" in jump(6, members, table([0.3, *SIBLINGS, 0.9]))
    assert jump(2, members[:3], table([0.3, 0.3, 0.95])) == ""


def test_beyond_a_proven_bound_is_held_however_few_there_are() -> None:
    beyond = [trial(1, 1.2, ("a", 3), Stage.CONFIRM)]
    assert jump(1, [member(0), member(1)], beyond, [HILL]) == (
        "on a (seed 3) it reached 1.2, beyond the proven bound 1"
    )
    assert jump(1, [member(0), member(1)], [trial(1, 1.0 + 1e-12)], [HILL]) == ""
    below = Trial(TrialKey(1, "b", 1, Stage.RANK, 1), Measured((-0.5,), -4.0, 1), 1.1, (1.1,))
    assert "reached 0.5, beyond the proven bound 1" in jump(1, [member(0), member(1)], [below], [PIT])
    assert jump(0, [member(0), member(1)], [below], [PIT]) == ""
