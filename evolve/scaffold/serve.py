"""A scaffold's side of the protocol: a line in, a line out. `python -m evolve.scaffold.serve` speaks it over pipes.

Only what the scaffold itself refuses becomes an answer (`EditError`). All else ends the process: the host says so,
counts it and begins anew.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from evolve.errors import EditError
from evolve.scaffold.base import Improver, Scaffold
from evolve.scaffold.wire import API, Hello, read_request, refusal, result

__all__ = ["Server", "answer", "main"]

_IMPROVING = frozenset({"meta_propose", "meta_parse"})


class Server:
    """Answers for the scaffold in a package's folder, whose manifest says where it begins.

    Args:
        package: The package the folder is imported as.
        folder: Where `scaffold.toml` lies.
    """

    def __init__(self, package: str, folder: Path) -> None:
        self._package = package
        self._folder = folder
        self._operations: Mapping[str, Callable[..., Any]] = {
            "hello": self._hello,
            "init": self._init,
            "observe": self._observe,
        }
        self._manifest: Mapping[str, Any] | None = None
        self._scaffold: Scaffold | None = None
        self._improver: Improver | None = None

    def answer(self, line: str) -> str:
        """The answer to a request.

        Raises WireError for a line that is no request, and whatever the scaffold's own code raises.
        """
        asked = read_request(line)
        try:
            return result(asked.number, self._operation(asked.op)(**asked.values))
        except EditError as error:
            return refusal(asked.number, error)

    def _operation(self, op: str) -> Callable[..., Any]:
        operation = self._operations.get(op)
        return operation or getattr(self._improving() if op in _IMPROVING else self._proposing(), op)

    def _hello(self, api: int) -> Hello:
        if api != API:
            raise RuntimeError(f"the host speaks version {api} of the protocol, this side version {API}")
        return Hello(API, str(self._read()["name"]))

    def _init(self, task: Any, settings: Mapping[str, object]) -> None:
        self._scaffold = self._made("entry")(task, settings)

    def _observe(self, outcomes: tuple[Any, ...]) -> None:
        scaffold = self._proposing()
        for outcome in outcomes:
            scaffold.observe(outcome)

    def _proposing(self) -> Scaffold:
        if self._scaffold is None:
            raise RuntimeError("there is no scaffold yet: the host asked before it sent init")
        return self._scaffold

    def _improving(self) -> Improver:
        if self._improver is None:
            self._improver = self._made("meta")()
        return self._improver

    def _made(self, key: str) -> Any:
        """The function the manifest names as `module:function`."""
        module, _, function = str(self._read()[key]).partition(":")
        return getattr(import_module(f"{self._package}.{module}"), function)

    def _read(self) -> Mapping[str, Any]:
        if self._manifest is None:
            self._manifest = tomllib.loads((self._folder / "scaffold.toml").read_text(encoding="utf-8"))
        return self._manifest


answer = Server(__package__ or "evolve.scaffold", Path(__file__).parent).answer
"""Answers for the scaffold this file lies beside."""


def main() -> None:
    """Answer line by line until the input ends. What the scaffold prints goes to standard error."""
    replies = os.fdopen(os.dup(1), "w", encoding="ascii", newline="\n")
    os.dup2(2, 1)
    for line in sys.stdin:
        replies.write(answer(line) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
