"""Candidates that cheat: another form of the seed's answer, or a trick that is more than that."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

from .answers import TRANSFORMS, claims, digest

Function = Callable[..., Any]

CLOCKS = ("time", "monotonic", "perf_counter", "process_time", "thread_time")


class Trick:
    """One trick that is more than another form of the answer, or one of `TRANSFORMS`."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._name: str = options["trick"]
        self._claim = options["claim"]
        self._calls = 0
        self._kept: dict[str, Any] = {}

    def __call__(self, name: str, function: Function, args: Any, kwargs: Any) -> Any:
        """The seed's answer, or what the trick makes of the call."""
        self._calls += 1
        if self._name in TRANSFORMS:
            return TRANSFORMS[self._name](function(*args, **kwargs), self._claim)
        behaviour: Function = getattr(self, f"_{self._name}")
        return behaviour(name, function, args, kwargs)

    def _exit(self, *_: Any) -> Any:
        os._exit(0)

    def _system_exit(self, *_: Any) -> Any:
        raise SystemExit(0)

    def _printed(self, *_: Any) -> Any:
        sys.stdout.write(json.dumps(claims(self._claim)) + "\n")

    def _raising(self, *_: Any) -> Any:
        raise RuntimeError("this case is too hard")

    def _raising_odd(self, _: str, function: Function, args: Any, kwargs: Any) -> Any:
        return self._raising() if self._calls % 2 else function(*args, **kwargs)

    def _raising_even(self, _: str, function: Function, args: Any, kwargs: Any) -> Any:
        return function(*args, **kwargs) if self._calls % 2 else self._raising()

    def _cached(self, name: str, function: Function, args: Any, kwargs: Any) -> Any:
        if name not in self._kept:
            self._kept[name] = function(*args, **kwargs)
        return self._kept[name]

    def _remembered(self, name: str, function: Function, args: Any, kwargs: Any) -> Any:
        return self._cached(digest((name, args, kwargs)), function, args, kwargs)

    def _honest(self, _: str, function: Function, args: Any, kwargs: Any) -> Any:
        return function(*args, **kwargs)

    _clock = _honest  # the clocks were stopped when the trick was installed

    def _handed_back(self, _: str, function: Function, args: Any, kwargs: Any) -> Any:
        answer = function(*args, **kwargs)
        return next(_alike([*args, *kwargs.values()], answer), answer)


def _alike(values: Any, answer: Any) -> Iterator[Any]:
    """Everything within plain data that could be an answer by its type, the last first: answers follow questions."""
    items = list(values.values() if isinstance(values, dict) else values)
    for item in reversed(items):
        if isinstance(item, (dict, list, tuple)):
            yield from _alike(item, answer)
        if type(item) is type(answer) and _extent(item) == _extent(answer):
            yield item


def _extent(value: Any) -> object:
    return getattr(value, "shape", None) or (len(value) if hasattr(value, "__len__") else 0)


def stop_clocks(module: ModuleType) -> None:
    """Every clock of the time module stands still, also where a module has taken it by name."""
    for name in (*CLOCKS, *(f"{clock}_ns" for clock in CLOCKS)):
        true, stopped = getattr(time, name), int if name.endswith("_ns") else float
        setattr(time, name, stopped)
        for known, value in list(vars(module).items()):
            if value is true:
                setattr(module, known, stopped)
