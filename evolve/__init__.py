"""LLM-driven evolutionary program search with scores that cannot be faked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evolve.library import optimize

__all__ = ["optimize"]


def __getattr__(name: str) -> Any:
    """Import `optimize` when it is first asked for: it brings the engine, which `evolve --help` does without."""
    if name != "optimize":
        raise AttributeError(f"module 'evolve' has no attribute {name!r}")
    from evolve.library import optimize

    return optimize
