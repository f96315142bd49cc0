"""When two candidates have been looked at often enough."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from evolve.config import NoiseSettings
from evolve.noise import Noise, Wanted, looks_kept

SETTINGS = NoiseSettings(looks=4, contender_looks=16, z=2.0)


def noise(*, sd: float = 1.0, timing: bool = False) -> Noise:
    found = Noise(SETTINGS, timing=timing)
    found.measure({look: sd * value for look, value in enumerate((-1.0, 1.0, -1.0, 1.0))})
    return found


def test_one_look_at_the_seed_says_nothing_and_equal_ones_that_there_is_no_noise() -> None:
    found = Noise(SETTINGS)
    found.measure({0: 3.0})
    assert found.sd is None
    assert not found.noisy
    found.measure({0: 3.0, 1: 3.0})
    assert found.sd == 0.0
    assert not found.noisy


def test_the_noise_of_a_look_is_the_standard_deviation_of_those_at_the_seed() -> None:
    assert noise(sd=3.0).sd == pytest.approx(3.0 * (4 / 3) ** 0.5)


@pytest.mark.parametrize(
    ("challenger", "rival", "wanted"),
    [
        ({0: -0.1}, {0: 0.0}, ()),
        ({0: 0.5}, {0: 0.0}, (Wanted(1, 1), Wanted(2, 1))),
        ({0: 9.0}, {0: 0.0}, (Wanted(1, 1), Wanted(2, 1))),
        ({0: 0.5}, {0: 0.0, 1: 0.1, 2: 0.2, 3: 0.1}, (Wanted(1, 1),)),
        ({0: 0.5, 1: 0.5}, {0: 0.0, 1: 0.0}, (Wanted(1, 2), Wanted(1, 3), Wanted(2, 2), Wanted(2, 3))),
        ({0: 0.5, 1: -2.0}, {0: 0.0, 1: 0.0}, ()),
        (dict.fromkeys(range(4), 9.0), dict.fromkeys(range(4), 0.0), ()),
    ],
)
def test_only_a_challenger_that_leads_is_looked_at_again_and_never_believed_at_once(
    challenger: Mapping[int, float], rival: Mapping[int, float], wanted: tuple[Wanted, ...]
) -> None:
    assert noise().duel((1, challenger), (2, rival), 16) == wanted


def test_looks_end_where_they_are_worth_no_more() -> None:
    close = {look: 0.1 * (-1) ** look for look in range(4)}
    assert noise().duel((1, {look: value + 0.05 for look, value in close.items()}), (2, dict(close)), 4) == ()


def test_two_that_behave_alike_are_not_looked_at_for_ever() -> None:
    looks = {0: 1.0, 1: -2.0}
    assert noise().duel((1, looks), (2, dict(looks)), 16) == ()


def test_noise_that_two_have_in_common_is_learnt_to_cancel() -> None:
    draw = random.Random(1)
    found = noise()
    first = found.compare({0: 0.5}, {0: 0.0}).stderr
    for _ in range(30):
        common = [draw.gauss(0, 1) for _ in range(4)]
        found.learn(
            {look: value + draw.gauss(0, 0.05) for look, value in enumerate(common)},
            {look: value + draw.gauss(0, 0.05) for look, value in enumerate(common)},
        )
    later = found.compare({0: 0.5}, {0: 0.0, 1: 2.0, 2: 2.0, 3: 2.0})
    assert later.stderr < first / 2
    assert later.ahead == 0.5, "by the look both were given"


def test_independent_noise_is_compared_by_all_looks() -> None:
    found = noise().compare({0: 3.0}, {0: 2.9, 1: 0.0, 2: 0.0, 3: 0.0})
    assert found.ahead == pytest.approx(3.0 - 2.9 / 4)


def test_timed_looks_are_taken_side_by_side_in_turn_and_only_those_are_compared() -> None:
    found = noise(timing=True)
    found.note({0: 0.0, 6: 0.0})
    assert found.duel((1, {0: 0.5}), (2, {0: 0.0, 6: 0.0}), 4) == (
        Wanted(1, 7), Wanted(2, 7), Wanted(2, 8), Wanted(1, 8),
    )  # fmt: skip
    compared = found.compare({0: 9.0, 7: 1.0, 8: 1.0}, {0: 0.0, 6: 5.0, 7: 0.5, 8: 0.5})
    assert (compared.ahead, compared.pairs) == (0.5, 2)


def test_what_is_kept_for_the_end_is_what_the_end_can_take() -> None:
    assert looks_kept(NoiseSettings(finalists=8, final_looks=16)) == 8 * 4 + 4 * 4 + 2 * 8 + 16
    assert looks_kept(NoiseSettings(finalists=1, final_looks=16)) == 16
    assert looks_kept(NoiseSettings(final_looks=0)) == 0
