"""Every program of the suite in every sandbox. How a program is written: heads.py."""

from __future__ import annotations

import pytest
from arena import Arena
from heads import BACKENDS, CATEGORIES, Attack, everything

ATTACKS = everything()
CORE = "core"


def _runs() -> list[object]:
    """Those that share a sandbox one after the other: the core of every category, then each category's others."""
    return [
        pytest.param((backend, shared), attack, id=f"{backend}-{attack.name}", marks=_marks(backend, attack))
        for backend in BACKENDS
        for shared in (CORE, *CATEGORIES)
        for attack in ATTACKS
        if backend in attack.backends and shared == (CORE if attack.core else attack.category)
    ]


def _marks(backend: str, attack: Attack) -> list[pytest.MarkDecorator]:
    marks = [] if attack.core else [pytest.mark.slow]
    if broken := attack.broken_on(backend):
        marks.append(pytest.mark.xfail(strict=True, reason=broken))
    return marks


@pytest.mark.parametrize(("arena", "attack"), _runs(), indirect=["arena"])
def test_it_holds(arena: Arena, attack: Attack) -> None:
    faults = arena.faults(attack)
    assert not faults, f"{attack.category}/{attack.name}.py ({attack.what}):\n" + "\n".join(faults)
