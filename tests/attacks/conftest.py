"""The sandboxes the attacks run in, one open at a time: per backend, one for the core and one for each category."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import arena as arenas
import pytest

OPEN = {"local": arenas.local, "docker": arenas.docker}


class Open:
    """The arena that programs share; asking for another closes it."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._key = ("", "")
        self._arena: arenas.Arena | None = None

    def get(self, backend: str, shared: str) -> arenas.Arena:
        """Open it, or go on with it. Skips the test where this backend cannot run."""
        if self._arena is None or self._key != (backend, shared):
            self.close()
            self._arena = self._stack.enter_context(OPEN[backend]())
            self._key = (backend, shared)
        return self._arena

    def close(self) -> None:
        """Close what is open, and see that its slot was not lost to every program."""
        closed, self._arena = self._arena, None
        self._stack.close()
        if closed is not None:
            replaced, attacks = closed.replaced, closed.attacks
            assert replaced <= max(1, attacks // 2), f"{self._key}: {replaced} slots replaced in {attacks} attacks"


@pytest.fixture(scope="module")
def opened() -> Iterator[Open]:
    """What is open during this module."""
    held = Open()
    yield held
    held.close()


@pytest.fixture
def arena(request: pytest.FixtureRequest, opened: Open) -> arenas.Arena:
    """The arena of the backend and the programs in the test's parameter."""
    return opened.get(*request.param)
