"""The run helper of ShinkaEvolve's evaluators: call a function of the program, validate, aggregate, write down."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

_NOTHING = {
    "combined_score": 0.0, "execution_time_mean": 0.0, "execution_time_std": 0.0, "num_successful_runs": 0,
    "num_valid_runs": 0, "num_invalid_runs": 0, "all_validation_errors": [],
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise ImportError(
        f"the evaluator imports {name} from shinka.core; evolve stands in for run_shinka_eval only, so take that import"
        " out or write a problem.toml"
    )


def load_program(program_path: str) -> Any:
    """The module at a path."""
    spec = importlib.util.spec_from_file_location("program", program_path)
    if spec is None or spec.loader is None:
        raise ImportError(f"no program can be loaded from {program_path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_shinka_eval(
    program_path: str,
    results_dir: str,
    experiment_fn_name: str,
    num_runs: int,
    get_experiment_kwargs: Callable[[int], dict[str, Any]] | None = None,
    aggregate_metrics_fn: Callable[[list[Any]], dict[str, Any]] | None = None,
    validate_fn: Callable[[Any], tuple[bool, str | None]] | None = None,
    plotting_fn: object = None,
    default_metrics_on_error: dict[str, Any] | None = None,
    **ignored: object,
) -> tuple[dict[str, Any], bool, str | None]:
    """Metrics, whether every run was valid, and the first fault; both go into files in `results_dir`, too.

    Runs follow each other whatever `run_workers` says, none is left out by early stopping, and nothing is plotted.
    """
    try:
        results, times = _runs(program_path, experiment_fn_name, num_runs, get_experiment_kwargs)
        faults = [] if validate_fn is None else _faults(validate_fn, results)
        metrics = (
            {"num_successful_runs": len(results)} if aggregate_metrics_fn is None else aggregate_metrics_fn(results)
        )
        metrics |= _counts(times, faults if validate_fn else None)
        error = _first_fault(faults, metrics.get("combined_score", 0.0))
    except Exception as raised:
        metrics, error = _NOTHING | (default_metrics_on_error or {}), str(raised) or type(raised).__name__
    metrics.pop("extra_data", None)
    correct = error is None
    _write(results_dir, "correct.json", {"correct": correct, "error": error})
    _write(results_dir, "metrics.json", metrics)
    return metrics, correct, error


def _runs(
    path: str, name: str, count: int, get_kwargs: Callable[[int], dict[str, Any]] | None
) -> tuple[list[Any], list[float]]:
    module = load_program(path)
    if not hasattr(module, name):
        raise AttributeError(f"the program has no function {name!r}")
    function, results, times = getattr(module, name), [], []
    for index in range(count):
        options = {"seed": index + 1} if get_kwargs is None else get_kwargs(index)
        begun = time.perf_counter()
        results.append(function(**options))
        times.append(time.perf_counter() - begun)
    return results, times


def _faults(validate: Callable[[Any], tuple[bool, str | None]], results: list[Any]) -> list[str]:
    verdicts = [validate(result) for result in results]
    return [text or "no reason given" for valid, text in verdicts if not valid]


def _counts(times: list[float], faults: list[str] | None) -> dict[str, Any]:
    counts: dict[str, Any] = {
        "execution_time_mean": statistics.fmean(times) if times else 0.0,
        "execution_time_std": statistics.pstdev(times) if times else 0.0,
    }
    if faults is not None:
        counts["num_valid_runs"], counts["num_invalid_runs"] = len(times) - len(faults), len(faults)
        counts["all_validation_errors"] = list(dict.fromkeys(faults))
    return counts


def _first_fault(faults: list[str], score: Any) -> str | None:
    if faults:
        return f"Validation failed: {faults[0]}"
    return None if math.isfinite(score) else f"combined_score is {score}"


def _plain(value: Any) -> Any:
    """numpy's scalars and arrays for JSON, all else as text."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _write(folder: str, name: str, data: dict[str, Any]) -> None:
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump(data, file, default=_plain)
