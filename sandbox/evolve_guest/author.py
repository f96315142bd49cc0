"""The problem author's module: imported once in the evaluator's zygote, its time bounded, its faults told in full."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import io
import json
import os
import random
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from evolve_guest import calls
from evolve_guest.clock import AuthorHangs, OwnTime

OWN_SECONDS = 60.0
"""What the author's code may take for itself per case, and for making its cases."""
PRINTED_CHARS = 8192
INPUTS: dict[str, Callable[[], Any]] = {"champions": list, "parameters": dict}
"""What `cases` may ask for by name besides a seed, and what it gets where there is none."""


class AuthorError(Exception):
    """The author's code is at fault; the text says where."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What an evaluator knows of its problem. Only the evaluator's side ever holds one."""

    entry: str
    python: bool
    case_seed: int
    build: tuple[str, ...]
    command: tuple[str, ...]


class Author:
    """`evaluate.py` with its search cases made."""

    def __init__(self, sealed: Sealed) -> None:
        """Import the module and make the search cases. Raises AuthorError."""
        self.sealed = sealed
        self.printed = Tail()
        sys.stdout = sys.stderr = self.printed
        self.own_time = OwnTime(OWN_SECONDS)
        self._module = self.guard("importing evaluate.py", lambda: importlib.import_module("evaluate"))
        if not callable(getattr(self._module, "evaluate", None)):
            raise AuthorError("evaluate.py defines no function evaluate(program, case)")
        self.evaluate: Callable[[Any, Any], Any] = self._module.evaluate
        self._cases = {"search": self._make_cases("search")}

    def has_made(self, split: str) -> bool:
        """Whether the cases of a split are there already."""
        return split in self._cases

    def cases(self, split: str) -> Sequence[Any]:
        """The cases of a split. Held-out ones are made only in a process that serves a held-out job."""
        if split not in self._cases:
            self._cases[split] = self._make_cases(split)
        return self._cases[split]

    def guard(self, what: str, action: Callable[[], Any]) -> Any:
        """Run the author's code within its time. Raises AuthorError; a candidate's Failure passes through."""
        self.own_time.start()
        try:
            return action()
        except (Exception, AuthorHangs, SystemExit, KeyboardInterrupt) as error:
            raise AuthorError(self._blame(what, error)) from None
        finally:
            self.own_time.stop()

    def _make_cases(self, split: str) -> Sequence[Any]:
        function = getattr(self._module, "cases", None)
        if function is None:
            return [{}] if split == "search" else []
        seed = self.sealed.case_seed
        seed_modules(derive(seed, split))
        asked = list(inspect.signature(function).parameters)
        takes_seed = len(asked) > 1 and asked[1] not in INPUTS
        given = {name: self._input(name, absent()) for name, absent in INPUTS.items() if name in asked}
        first = (split, seed) if takes_seed else (split,)
        made = self.guard(f"cases({split!r})", lambda: list(function(*first, **given)))
        if not made and split == "search":
            raise AuthorError("cases('search') in evaluate.py gave no case; return at least one")
        return list(made)

    def _input(self, name: str, absent: Any) -> Any:
        folder = os.path.dirname(str(self._module.__file__))
        try:
            with open(os.path.join(folder, f"{name}.json"), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return absent

    def _blame(self, what: str, error: BaseException) -> str:
        if getattr(error, "without_trace", False):  # it says all there is to say
            return str(error)
        own = os.path.dirname(__file__)
        trace = error.__traceback__
        while trace is not None and os.path.dirname(trace.tb_frame.f_code.co_filename) == own:
            trace = trace.tb_next
        text = "".join(traceback.format_exception(type(error), error, trace, limit=-8)).strip()
        printed = self.printed.text()
        return f"{what} failed: {text[-calls.FEEDBACK :]}" + (f"\nit had printed: {printed}" if printed else "")


class Tail(io.TextIOBase):
    """A text stream that keeps the end of what was printed."""

    def __init__(self) -> None:
        self._text = ""

    def write(self, text: str) -> int:
        """Keep the end."""
        self._text = (self._text + text)[-PRINTED_CHARS:]
        return len(text)

    def writable(self) -> bool:
        """Always."""
        return True

    def text(self) -> str:
        """What is kept."""
        return self._text.strip()

    def clear(self) -> None:
        """Forget it."""
        self._text = ""


def derive(*parts: object) -> int:
    """A 63-bit number from a hash: knowing one derived number tells nothing of its siblings."""
    digest = hashlib.sha256(":".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def seed_modules(seed: int) -> None:
    """Seed `random`, and numpy's global generator if numpy is loaded."""
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed & 0xFFFFFFFF)
