"""What a pool tells whoever watches it, and the figures it keeps per model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Happened(StrEnum):
    """Kinds of pool events."""

    RETRY = "retry"
    """A call failed and is tried again after `seconds`."""
    THROTTLED = "throttled"
    """The provider said 429: all calls of the model wait for `seconds`."""
    FALLBACK = "fallback"
    """A request goes to another model than the one it was meant for."""
    OPENED = "opened"
    """The model failed too often in a row and is left alone for `seconds`."""
    CLOSED = "closed"
    """The model answers again."""
    REFUSED = "refused"
    """The model is not asked any more; `text` says why and the way out."""


@dataclass(frozen=True, slots=True)
class PoolEvent:
    """One thing that happened to a model's calls."""

    kind: Happened
    model: str
    text: str = ""
    seconds: float = 0.0


Watcher = Callable[[PoolEvent], None]


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """What a pool has seen of one model. `busy` is seconds summed over calls, `lost` US dollars."""

    calls: int = 0
    answered: int = 0
    throttled: int = 0
    faults: int = 0
    busy: float = 0.0
    lost: float = 0.0
    refused: str = ""
