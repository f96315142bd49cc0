"""Money that may be lost counts against a campaign and its controls alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evolve.meta.runs_money import Losses
from evolve.meta.sitting import choose_campaign
from evolve.question import asked
from evolve.scaffold.base import Prompt
from evolve.store import Holder, Store, open_store
from tests.meta.toy.sitting import toy_order


def lose(store: Store, run: int, money: float) -> None:
    holder = Holder.here()
    store.acquire(run, holder)
    prompt = Prompt("edit", "model", (), 0, (0,))
    store.append(run, [asked(1, 0, prompt, "model", money=money)])


def test_losses_of_either_side_are_held_against_both(tmp_path: Path) -> None:
    with open_store(tmp_path / "evolve.db", create=True) as store:
        campaign = choose_campaign(store, toy_order()).id
        control = choose_campaign(store, replace(toy_order(rule="flat"), campaign=campaign)).id
        other = choose_campaign(store, toy_order(leaders=3)).id
        lose(store, campaign, 0.25)
        lose(store, control, 0.5)
        assert Losses(store, control).less(2.0, control) == pytest.approx(1.75)
        assert Losses(store, campaign).less(2.0, None) == pytest.approx(1.25)
        assert Losses(store, other).less(2.0, None) == 2.0
