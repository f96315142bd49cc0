"""The order of the runs by which scaffolds are compared: whatever happens meanwhile hits all of them alike."""

from __future__ import annotations

from itertools import pairwise

import pytest

from evolve.meta import cells
from evolve.meta.entries import Started
from evolve.meta.records import ZERO, Stage
from evolve.meta.settings import CampaignSettings
from evolve.meta.state import CampaignState, begun
from tests.meta.toy.world import toy_suite


@pytest.fixture
def state() -> CampaignState:
    settings = CampaignSettings(certificate_seeds=4, probe_seeds=2, confirm_seeds=3)
    return begun(Started(toy_suite(3, 6, 2), settings, "", 7, {}))


@pytest.mark.parametrize("stage", [Stage.CERTIFY, Stage.PROBE])
def test_both_sides_of_the_final_test_take_turns(state: CampaignState, stage: Stage) -> None:
    keys = [key for key in cells.certification(state, 5) if key.stage is stage]
    assert len(keys) == len(set(keys)) == 2 * (6 * 4 if stage is Stage.CERTIFY else 2 * 2)
    for one, other in zip(keys[::2], keys[1::2], strict=True):
        assert (one.problem, one.seed) == (other.problem, other.seed)
        assert {one.scaffold, other.scaffold} == {ZERO, 5}
    for problem in {key.problem for key in keys}:  # neither side is the first one of a problem in all seeds
        firsts = [key.scaffold for key in keys[::2] if key.problem == problem]
        assert firsts.count(ZERO) == len(firsts) / 2
    for seed in {key.seed for key in keys}:
        firsts = [key.scaffold for key in keys[::2] if key.seed == seed]
        assert firsts.count(ZERO) == len(firsts) / 2


def test_an_outage_at_the_end_hits_both_sides_alike(state: CampaignState) -> None:
    keys = [key for key in cells.certification(state, 5) if key.stage is Stage.CERTIFY]
    last = [key.scaffold for key in keys[-len(keys) // 4 :]]
    assert last.count(ZERO) == last.count(5)


def test_leaders_and_the_first_scaffold_take_turns(state: CampaignState) -> None:
    keys = cells.confirmation(state, (4, 9))
    cell = [keys[at : at + 3] for at in range(0, len(keys), 3)]
    assert len(cell) == 3 * 3
    assert all({key.scaffold for key in each} == {ZERO, 4, 9} for each in cell)
    assert all(len({(key.problem, key.seed) for key in each}) == 1 for each in cell)
    assert all(one[0].scaffold != other[0].scaffold for one, other in pairwise(cell) if one[0].seed == other[0].seed)
