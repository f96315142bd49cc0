"""Other people's problem folders, run unchanged: OpenEvolve's and ShinkaEvolve's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evolve.problem.foreign.layout import Kind, Layout, is_foreign, layout
from evolve.problem.foreign.survey import Survey, survey
from evolve.problem.inputs import Inputs

if TYPE_CHECKING:
    from evolve.problem.folder import Problem

DRIVER = "evolve_unsealed.py"
"""The entry of an unsealed program: it runs the evaluator."""

__all__ = ["DRIVER", "Kind", "Layout", "Survey", "is_foreign", "layout", "load_foreign", "survey"]


def load_foreign(root: Path, inputs: Inputs) -> Problem:
    """Read a foreign folder as a problem. Raises ProblemError for what is missing, unreadable or not to be had here."""
    from evolve.problem.foreign.load import load_foreign as load  # which needs Problem, whose module asks us

    return load(root, inputs)
