"""A stand-in for the sandbox's proxy: runs trusted programs of these tests in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

PROBLEMS = Path(__file__).parents[2] / "problems"


class Rejected(Exception):
    """What the evaluator's `program.reject` raises here."""


class Inside:
    """A candidate's functions behind the interface an evaluator sees."""

    def __init__(self, functions: dict[str, Any]) -> None:
        self.functions = functions

    def call(self, name: str, *args: object, timeout: float | None = None, allow_nan: bool = False) -> Any:
        return self.functions[name](*args)

    def reject(self, text: str) -> NoReturn:
        raise Rejected(text)
