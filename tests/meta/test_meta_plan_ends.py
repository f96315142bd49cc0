"""Where the plan ends early: a first scaffold in quarantine, and children that show no life."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evolve.domain import Status
from evolve.genome.genome import Genome
from evolve.meta.bench import Grant
from evolve.meta.book import MemoryBook
from evolve.meta.entries import Quarantined, kind_of
from evolve.meta.records import Measured, Member, Stage, SuiteProblem, TrialKey
from tests.meta.conftest import Run, keen
from tests.meta.toy.bench import ToyBench
from tests.meta.toy.mind import PERSONAS


def quarantined_before(kind: str, whole: MemoryBook) -> MemoryBook:
    """The log up to the last entry of a kind, when a person put the first scaffold and its children away."""
    entries = list(whole.entries())
    kept = entries[: max(place for place, entry in enumerate(entries) if kind_of(entry) == kind)]
    numbers = tuple(entry.number for entry in kept if isinstance(entry, Member))
    book = MemoryBook([*kept, Quarantined(numbers, "odd", "me")])
    for digest in whole.digests():
        book.keep(whole.genome(digest))
    return book


@pytest.mark.parametrize("rule", ["dgm", "random", "clade"])
@pytest.mark.parametrize("before", ["calibrated", "edited"])
def test_a_campaign_whose_first_scaffold_is_quarantined_ends(toy_run: Run, rule: str, before: str) -> None:
    _, whole = toy_run(rule=rule, children=3, controls=("longer",))
    bench = keen()
    book = quarantined_before(before, whole)
    outcome, _ = toy_run(bench, book=book, rule=rule, children=3, controls=("longer",))
    assert outcome.finished
    assert "the first scaffold was put into quarantine" in outcome.reason
    assert outcome.state.certificate is None
    assert [made.reason for made in outcome.state.controls] == ["the first scaffold is in quarantine"]
    assert bench.bought == 0


class Mute(ToyBench):
    """The first runs of children end with these statuses."""

    statuses: dict[str, int]

    async def measure(self, genome: Genome, problem: SuiteProblem, key: TrialKey, grant: Grant) -> Measured:
        measured = await super().measure(genome, problem, key, grant)
        return replace(measured, statuses=self.statuses) if key.stage is Stage.ALIVE else measured


@pytest.mark.parametrize(
    ("statuses", "lives"),
    [
        ({}, False),
        ({"empty": 1, "edit_not_applied": 1, "duplicate": 1}, False),
        ({"outside_region": 2, "no_edit": 1, "scaffold_crash": 1}, False),
        ({"no_edit": 2, "wrong": 1}, True),
        ({"crash": 3}, True),
    ],
)
def test_a_child_lives_if_one_of_its_first_proposals_could_be_run(
    toy_run: Run, statuses: dict[str, int], lives: bool
) -> None:
    bench = Mute(PERSONAS["keen"])
    bench.statuses = statuses
    state = toy_run(bench, children=1)[0].state
    assert (len(state.members) == 2) is lives
    if not lives:
        (refusal,) = state.refusals
        assert refusal.status is Status.CRASH
        assert "none of its first proposals could be used" in refusal.reason
