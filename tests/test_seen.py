from __future__ import annotations

from evolve.domain import Origin
from evolve.seen import Seen

BUILTIN, WRITTEN = Origin("tune", 0), Origin("mutate", 0, model="openai/tiny")
ONE, TWO = "aa" * 32, "bb" * 32


def test_in_arrival_order_a_program_counts_at_once_and_for_everybody() -> None:
    seen = Seen(ordered=False)
    assert seen.at_once(WRITTEN)
    seen.add(ONE, 9)
    assert seen.before(ONE, 3)
    assert not seen.before(TWO, 3)


def test_in_ordered_mode_a_models_program_counts_once_told_and_for_numbers_asked_after_that() -> None:
    seen = Seen(ordered=True)
    assert seen.at_once(BUILTIN)
    assert not seen.at_once(WRITTEN)
    seen.add(ONE, 9)
    assert not seen.before(ONE, 8)
    assert seen.before(ONE, 9)
    seen.add(ONE, 20)
    assert seen.before(ONE, 9)


def test_a_program_that_nobody_evaluates_may_come_again() -> None:
    seen = Seen(ordered=True)
    seen.add(ONE, 1)
    seen.discard(ONE)
    assert not seen.before(ONE, 5)
