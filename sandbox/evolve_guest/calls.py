"""The words evaluator and candidate exchange."""

from __future__ import annotations

HELLO, LOAD, CALL, RUN, RETURN, FAIL = 1, 2, 3, 4, 5, 6
"""Frame kinds. A reply echoes the nonce of its request; HELLO is the only frame a candidate sends unasked."""

MAX_FRAME = 256 * 1024**2
"""Bytes of one frame that a candidate accepts; what it may send back is bounded by its limits."""
FEEDBACK = 2048
"""Bytes of traceback or output kept as feedback."""
