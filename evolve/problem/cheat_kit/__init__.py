"""Runs inside a candidate of `evolve check`: it answers as the seed does but for one trick.

The text of this package travels beside a problem's seed, whose entry ends with a call of `install`. So it uses the
standard library alone (and numpy where the program has loaded it), and imports its own modules relative to itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from .tricks import Trick, stop_clocks
from .watchers import Probe, Spy

Function = Callable[..., Any]


def install(module: str, options: Mapping[str, Any]) -> None:
    """Have every function of a module answered by a trick when it is called from outside the program."""
    makers: dict[str, type[Probe | Spy]] = {"probe": Probe, "spy": Spy}
    trick = makers.get(options["trick"], Trick)(options)
    if options["trick"] == "clock":
        stop_clocks(sys.modules[module])
    inside = [False]

    def guarded(name: str, function: Function) -> Function:
        def call(*args: Any, **kwargs: Any) -> Any:
            if inside[0]:
                return function(*args, **kwargs)
            inside[0] = True
            try:
                return trick(name, function, args, kwargs)
            finally:
                inside[0] = False

        return call

    class Watched(ModuleType):
        """Hands out tricked functions; the program's own code finds the true ones in its globals."""

        def __getattribute__(self, name: str) -> Any:
            found = super().__getattribute__(name)
            if name.startswith("_") or not callable(found) or isinstance(found, type):
                return found
            return guarded(name, found)

    sys.modules[module].__class__ = Watched
