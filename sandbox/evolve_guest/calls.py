"""The words evaluator and candidate exchange."""

from __future__ import annotations

from collections.abc import Sequence

from evolve_guest.wire import CALL as _HEAD

HELLO, LOAD, CALL, RUN, RETURN, FAIL = 1, 2, 3, 4, 5, 6
"""Frame kinds. A reply echoes the nonce of its request; HELLO is the only frame a candidate sends unasked."""

FEEDBACK = 2048
"""Bytes of traceback or output kept as feedback."""


def frame(kind: int, nonce: int, pieces: Sequence[bytes | memoryview]) -> bytes:
    """One frame; joining is the only copy that is made of the pieces."""
    return b"".join((_HEAD.pack(kind, sum(map(len, pieces)), nonce), *pieces))
