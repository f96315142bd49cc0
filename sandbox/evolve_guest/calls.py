"""The words evaluator and candidate exchange."""

from __future__ import annotations

from collections.abc import Sequence

from evolve_guest.wire import CALL as _HEAD

HELLO, LOAD, CALL, RUN, RETURN, FAIL, LOOK = 1, 2, 3, 4, 5, 6, 7
"""Frame kinds. LOOK asks what a name of the program is, or for all of them.

A reply echoes the nonce of its request; HELLO is the only frame a candidate sends unasked."""

FEEDBACK = 2048
"""Bytes of traceback or output kept as feedback."""


LARGE = 1 << 16
"""Bytes from which on a piece is sent as it lies in memory."""


def frame(kind: int, nonce: int, pieces: Sequence[bytes | memoryview]) -> list[bytes | memoryview]:
    """One frame in parts to be sent in order: small pieces joined, large ones not copied."""
    parts: list[bytes | memoryview] = []
    small: list[bytes | memoryview] = [_HEAD.pack(kind, sum(map(len, pieces)), nonce)]
    for piece in pieces:
        if len(piece) < LARGE:
            small.append(piece)
            continue
        parts += (b"".join(small), piece)
        small = []
    return [*parts, b"".join(small)] if small else parts
