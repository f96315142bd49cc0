"""Every program of the suite in every sandbox. How a program is written: heads.py."""

from __future__ import annotations

import pytest
from arena import Arena
from heads import BACKENDS, Attack, everything

ATTACKS = everything()


def _runs() -> list[object]:
    """Backend and category first, so that one sandbox serves a whole category."""
    runs = []
    for backend in BACKENDS:
        for attack in ATTACKS:
            if backend not in attack.backends:
                continue
            marks = [] if attack.core else [pytest.mark.slow]
            if broken := attack.broken_on(backend):
                marks.append(pytest.mark.xfail(strict=True, reason=broken))
            name = f"{backend}-{attack.name}"
            runs.append(pytest.param((backend, attack.category), attack, id=name, marks=marks))
    return runs


@pytest.mark.parametrize(("arena", "attack"), _runs(), indirect=["arena"])
def test_it_holds(arena: Arena, attack: Attack) -> None:
    faults = arena.faults(attack)
    assert not faults, f"{attack.category}/{attack.name}.py ({attack.what}):\n" + "\n".join(faults)
