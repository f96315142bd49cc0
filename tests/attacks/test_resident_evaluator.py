"""One evaluator process that serves every program: what one of them does must not linger in it for the next."""

from __future__ import annotations

import pytest
from conftest import OPEN
from heads import BACKENDS, everything

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("backend", BACKENDS)
def test_tampering_programs_leave_a_resident_evaluator_as_it_was(backend: str) -> None:
    """After each of them the honest program scores, and no descriptor or process is left in any process of the slot."""
    faults = {}
    with OPEN[backend](resident=True) as arena:
        for attack in everything("tampering"):
            if backend in attack.backends and not attack.slow and not attack.broken_on(backend):
                found = arena.faults(attack)
                if found:
                    faults[attack.name] = found
        assert arena.replaced == 0
    assert faults == {}
