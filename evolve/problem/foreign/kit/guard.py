"""Sees to it that a program's text which an evaluator reads is never executed on the trusted side."""

from __future__ import annotations

import os
import sys


class Guard:
    """While active, nothing is compiled but installed code, the evaluator's own files and the one stub.

    An audit hook cannot be taken back, so it lasts as long as the process, and `active` switches it off. Parsing alone
    (`ast.parse`) goes through the standard library and stays allowed.
    """

    def __init__(self, stub: str) -> None:
        self.active = True
        self._stub = stub
        self._known = tuple(
            os.path.realpath(path) + os.sep for path in (*sys.path, os.path.dirname(os.__file__)) if path
        )
        sys.addaudithook(self._heard)

    def _heard(self, event: str, details: tuple[object, ...]) -> None:
        if event != "compile" or not self.active:
            return
        source, file = details
        text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
        if source is None or text == self._stub:
            return
        asked = sys._getframe(1).f_code.co_filename
        origin = file if isinstance(file, str) and os.path.isabs(file) else asked
        if not self._is_known(origin):
            raise PermissionError(
                "the evaluator executes text that is none of its own files, perhaps the program's; sealed scoring does"
                " not allow that"
            )

    def _is_known(self, file: str) -> bool:
        return file.startswith("<frozen") or os.path.realpath(file).startswith(self._known)
