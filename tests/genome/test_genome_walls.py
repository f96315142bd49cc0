"""Scaffold zero behind the sandbox's walls: the same answers, a process that ends with it, no way around its limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from small_scaffold import MODEL, TASK, changed, genome, view

from evolve.config import SandboxSettings, Settings, load_settings
from evolve.errors import EditError, SandboxUnavailable
from evolve.genome.folder import manifest_of, zero
from evolve.genome.lines import Quarters
from evolve.genome.remote import RemoteScaffold
from evolve.genome.running import improver_for, quarters_for, scaffold_for, tunes
from evolve.scaffold.base import MetaView, Prompt
from evolve.scaffold.meta.improver import create as create_improver
from evolve.scaffold.zero import create


@pytest.fixture(scope="module")
def quarters() -> Iterator[Quarters]:
    made = quarters_for(SandboxSettings(backend="local"), 2)
    made.start()
    yield made
    made.close()
    made.close()


def test_scaffold_zero_says_the_same_behind_walls(quarters: Quarters) -> None:
    settings = {"models": [MODEL.name], "tuned": 0}
    here = create(TASK, settings)
    away = RemoteScaffold(quarters.lines(zero()), manifest_of(zero()), TASK, settings)
    for number in range(1, 6):
        shown = view(number, models=(MODEL,))
        proposed = here.propose(shown)
        assert isinstance(proposed, Prompt)
        assert away.propose(shown) == proposed
    assert away.snapshot() == here.snapshot()
    assert not away.faults
    away.close()


@pytest.mark.slow
def test_its_improver_says_the_same_behind_walls(quarters: Quarters) -> None:
    shown = MetaView("s", zero().files, (replace(MODEL, output=8_000),))
    away = improver_for(zero(), quarters)
    assert away.meta_propose(shown) == create_improver().meta_propose(shown)
    away.close()


def test_two_at_once_and_a_third_after_them(quarters: Quarters) -> None:
    made = [scaffold_for(genome(), quarters)(TASK, Settings()) for _ in range(2)]
    assert [scaffold.propose(view(5)).operator for scaffold in made] == ["edit", "edit"]
    for scaffold in made:
        scaffold.close()  # type: ignore[attr-defined]
    third = scaffold_for(genome(), quarters)(TASK, Settings())
    assert third.propose(view(6)).operator == "edit"
    third.close()  # type: ignore[attr-defined]


def test_what_it_does_wrong_is_said_and_what_the_walls_do_is_raised(quarters: Quarters) -> None:
    crashing = changed("propose(self, view)", "return open('/etc/hostname').read() if view.number == 1 else 1 / 0")
    made = RemoteScaffold(quarters.lines(crashing), manifest_of(crashing), TASK, {})
    for number, words in ((1, "FileNotFoundError|PermissionError"), (2, "ZeroDivisionError")):
        with pytest.raises(EditError, match=words):
            made.propose(view(number))
    assert made.faults == {"crash": 2}
    made.close()


def test_closed_quarters_take_nobody() -> None:
    gone = quarters_for(SandboxSettings(backend="local"), 1)
    left = RemoteScaffold(gone.lines(genome()), manifest_of(genome()), TASK, {})
    left.propose(view())
    gone.close()
    with pytest.raises(SandboxUnavailable, match="closed"):
        left.propose(view(2))
    left.close()


def test_only_what_tunes_waits_for_pyribs() -> None:
    alone, asking = Settings(), load_settings([], ['llm.models=[{name="m"}]', "scaffold.tuned=0"])
    assert tunes(zero(), alone)
    assert not tunes(zero(), asking)
    assert not tunes(genome(), alone)
