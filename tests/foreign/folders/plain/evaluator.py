"""Scores how near guesses come to a hidden point."""

import importlib.util
import traceback

import numpy as np
from helpers import SECRET
from openevolve.evaluation_result import EvaluationResult


def evaluate(program_path):
    try:
        spec = importlib.util.spec_from_file_location("program", program_path)
        program = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(program)
        if not hasattr(program, "locate"):
            return EvaluationResult(metrics={"combined_score": 0.0, "error": "no locate()"}, artifacts={})
        guesses = np.asarray(program.locate(8), dtype=float)
        nearest = np.linalg.norm(guesses - SECRET, axis=1).min()
        name = program.describe()["name"]
        return EvaluationResult(
            metrics={"combined_score": 1.0 / (1.0 + nearest), "spread": guesses.std(), "steps": program.STEPS},
            artifacts={"name": name, "stderr_of_nothing": b"bytes too"},
        )
    except Exception as error:
        return EvaluationResult(
            metrics={"combined_score": 0.0, "error": str(error)}, artifacts={"traceback": traceback.format_exc()}
        )
