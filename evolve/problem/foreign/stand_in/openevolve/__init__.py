"""Stands in for OpenEvolve where its evaluators import it: `EvaluationResult`, and a clear sentence for the rest."""

from __future__ import annotations

from typing import Any

from .evaluation_result import EvaluationResult

__all__ = ["EvaluationResult"]


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise ImportError(
        f"the evaluator imports {name} from openevolve; evolve stands in for openevolve.evaluation_result only, so"
        " take that import out or write a problem.toml"
    )
