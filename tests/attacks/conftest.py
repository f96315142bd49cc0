"""The sandboxes the attacks run in: one per backend and category."""

from __future__ import annotations

from collections.abc import Iterator

import arena as arenas
import pytest

OPEN = {"local": arenas.local, "docker": arenas.docker}


@pytest.fixture(scope="module")
def arena(request: pytest.FixtureRequest) -> Iterator[arenas.Arena]:
    """An arena of the backend and category in the test's parameters."""
    backend, _ = request.param
    with OPEN[backend]() as opened:
        yield opened
        # A slot that misbehaved may be replaced, but a warm slot that dies of every program is none.
        assert opened.replaced <= max(1, opened.attacks // 2), f"{opened.replaced} slots for {opened.attacks} attacks"
