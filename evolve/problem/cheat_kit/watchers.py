"""Candidates that find something out instead of cheating: what they are asked, and what they can read."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from .answers import TRANSFORMS, digest, spelt

MARK = "evolve-check:"
"""What an answer to the check itself begins with, in the text of an exception."""
MOST_INPUTS = 32
"""Calls of one case whose arguments are told apart."""
MOST_TRIED = 4
"""Calls of one case on whose answers every trick is tried."""
TRYING_SECONDS = 0.3
"""What trying them on one answer may take, to stay far from the time limit of the call."""

Function = Callable[..., Any]


class Told(Exception):
    """Carries what was found out to the check: a failure's text is all that a candidate can say freely."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__(MARK + json.dumps(facts, separators=(",", ":")))


class Probe:
    """Answers honestly in every first look at a case and tells what it saw in the second: cases are given twice.

    A look begins where the random module was seeded anew, as the sandbox does for every case.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._claim = options["claim"]
        self._looks = 0
        self._after: object = None
        self._forget()

    def __call__(self, name: str, function: Function, args: Any, kwargs: Any) -> Any:
        """The seed's answer, or `Told`."""
        if random.getstate() != self._after:
            self._looks += 1
            if self._looks % 2:
                self._forget()
        if self._looks % 2 == 0:
            self._after = random.getstate()
            raise Told(self._facts())
        try:
            answer = function(*args, **kwargs)
            self._see(name, args, kwargs, answer)
            return answer
        finally:
            random.seed(os.urandom(16))  # so that being seeded anew shows even after calls that drew nothing
            self._after = random.getstate()

    def _forget(self) -> None:
        self._calls: dict[str, int] = {}
        self._inputs: dict[str, None] = {}
        self._answers: set[str] = set()
        self._applies: dict[str, None] = {}

    def _see(self, name: str, args: Any, kwargs: Any, answer: Any) -> None:
        self._calls[name] = self._calls.get(name, 0) + 1
        if len(self._inputs) < MOST_INPUTS:
            self._inputs[digest((name, args, kwargs))] = None
        self._answers.add(digest((name, answer)))
        started = time.monotonic()
        for trick, change in TRANSFORMS.items() if sum(self._calls.values()) <= MOST_TRIED else ():
            with contextlib.suppress(Exception):
                if trick not in self._applies and spelt(change(answer, self._claim)) != spelt(answer):
                    self._applies[trick] = None
            if time.monotonic() > started + TRYING_SECONDS:
                break

    def _facts(self) -> dict[str, Any]:
        names = dict(list(self._calls.items())[:8])
        answers = sorted(self._answers)[:MOST_INPUTS]
        return {"calls": names, "inputs": list(self._inputs), "answers": answers, "applies": list(self._applies)}


class Spy:
    """Looks for the evaluator's files, by name and then by content, and tells which it could read."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._wanted: Mapping[str, str] = options["wanted"]
        self._roots: list[str] = options["roots"]
        self._seconds: float = options["seconds"]

    def __call__(self, name: str, function: Function, args: Any, kwargs: Any) -> Any:
        """Always `Told`."""
        until = time.monotonic() + self._seconds
        found: dict[str, None] = {}
        for root in dict.fromkeys([*self._roots, os.getcwd(), *sys.path, "/tmp", "/home", "/root", "/"]):
            for folder, inner, files in os.walk(root):
                if folder == "/":
                    inner[:] = [each for each in inner if each not in ("proc", "sys", "dev")]
                for file in self._wanted.keys() & set(files):
                    if self._is_theirs(os.path.join(folder, file)):
                        found[file] = None
                if time.monotonic() > until:
                    break
        loaded = "evaluate" in sys.modules
        raise Told({"found": list(found)[:8], "loaded": loaded})

    def _is_theirs(self, path: str) -> bool:
        try:
            with open(path, "rb") as file:
                return hashlib.sha256(file.read()).hexdigest() == self._wanted[os.path.basename(path)]
        except OSError:
            return False
