"""Campaigns over the toy world, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from evolve.meta.book import MemoryBook
from evolve.meta.campaign import Campaign, Outcome, begin
from evolve.meta.entries import Started
from evolve.meta.records import Suite
from evolve.meta.settings import CampaignSettings
from tests.meta.toy.bench import ToyBench, toy_zero
from tests.meta.toy.mind import PERSONAS
from tests.meta.toy.world import toy_suite

QUICK: dict[str, Any] = {
    "children": 5,
    "rank_seeds": 1,
    "confirm_seeds": 1,
    "certificate_seeds": 2,
    "margin": 0.0,
    "jump": 1e9,  # in the toy world a good edit is a jump, and nobody is there to release it
    "controls": (),
}
"""A campaign of a second."""

Run = Callable[..., tuple[Outcome, MemoryBook]]


def keen(**more: Any) -> ToyBench:
    """A bench with the keen model."""
    return ToyBench(PERSONAS["keen"], **more)


def run_toy(
    bench: ToyBench | None = None,
    *,
    suite: Suite | None = None,
    book: MemoryBook | None = None,
    watches: Sequence[Any] = (),
    **settings: Any,
) -> tuple[Outcome, MemoryBook]:
    """A whole campaign over the toy world; how it ended, and its log.

    Unless told otherwise the model is keen: it finds the good edit soon, so that there is something to certify.
    """
    bench, book, suite = bench or keen(), book or MemoryBook(), suite or toy_suite(3, 5, 1, calls=8)
    chosen = CampaignSettings(**{"seed": 1, **QUICK, **settings})
    assert chosen.seed is not None
    begin(book, Started(suite, chosen, toy_zero().digest, chosen.seed, bench.digests()), toy_zero())
    return asyncio.run(Campaign(book, bench, watches=watches).run()), book


@pytest.fixture
def toy_run() -> Run:
    """Runs campaigns over the toy world."""
    return run_toy
