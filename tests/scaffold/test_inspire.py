"""What is shown beside a parent: good programs that differ in kind."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from scaffold_run import elite

from evolve.scaffold.base import SearchView
from evolve.scaffold.inspire import inspirations

ELITES = tuple(replace(elite(n, f"x = {n}\n", -float(n)), cell=n) for n in range(12))
OTHERS = tuple(replace(elite(100 + n, f"y = {n}\n", -float(n)), cell=n, island=1) for n in range(4))


def view(elites=ELITES, others=()):
    return SearchView(1, "s", 0, tuple(elites), tuple(others), elites[0])


def shown(count, seed=1, **how):
    return inspirations(view(**how), ELITES[0], count, random.Random(seed))


@pytest.mark.parametrize("count", [0, 1, 3, 8])
def test_as_many_as_wanted_all_different_and_never_the_parent(count):
    for seed in range(30):
        numbers = [one.number for one in shown(count, seed, others=OTHERS)]
        assert len(numbers) == len(set(numbers)) == count
        assert 0 not in numbers


def test_one_comes_from_another_island_and_may_be_the_mate():
    foreign = [[one.island for one in shown(3, seed, others=OTHERS)] for seed in range(60)]
    assert all(sum(islands) == 1 for islands in foreign)
    assert {islands.index(1) for islands in foreign} == {0, 1, 2}
    single = Counter(shown(1, seed, others=OTHERS)[0].island for seed in range(200))
    assert 60 < single[1] < 140


def test_better_programs_are_shown_more_often():
    counts = Counter(one.number for seed in range(300) for one in shown(2, seed))
    assert counts[1] > 2 * counts[11] > 0


def test_programs_of_one_cell_or_of_one_text_are_shown_once():
    twins = (ELITES[0], replace(ELITES[1], cell=0), replace(ELITES[2], files=ELITES[0].files), ELITES[3])
    assert [one.number for one in shown(4, elites=twins)] == [3]


def test_a_lonely_program_has_none():
    assert shown(3, elites=ELITES[:1]) == ()
    assert [one.island for one in shown(3, elites=ELITES[:1], others=OTHERS)] == [1, 1, 1]


def test_the_same_chance_shows_the_same():
    assert shown(4, 7, others=OTHERS) == shown(4, 7, others=OTHERS)
