"""The shipped evaluators as plain names."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from typing import Any

import pytest
from stand_in import PROBLEMS


@pytest.fixture(scope="session")
def evaluator() -> Callable[[str], dict[str, Any]]:
    """The names that a problem's `evaluate.py` defines."""
    loaded: dict[str, dict[str, Any]] = {}

    def load(problem: str) -> dict[str, Any]:
        if problem not in loaded:
            loaded[problem] = runpy.run_path(str(PROBLEMS / problem / "evaluate.py"))
        return loaded[problem]

    return load
