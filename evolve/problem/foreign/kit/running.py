"""Runs a foreign evaluator on one program and gives what it returned as plain data, whatever shape that had."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import io
import json
import math
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, is_dataclass
from types import ModuleType
from typing import Any

PRINTED = 4000
"""Characters kept of what an evaluator printed."""
TEXT = 8000
"""Characters kept of a text it returned."""
MOST = 200
"""Metrics and texts kept of one answer."""

Raw = dict[str, Any]
"""`metrics` (numbers and truth values by name), `texts`, `raised` (a traceback or ""), `printed`, `score` (or None),
and for ShinkaEvolve `correct` and `error`."""


def load(folder: str, name: str) -> ModuleType:
    """Import the evaluator as its framework would, with what lies beside it within reach."""
    path = os.path.join(folder, name)
    spec = importlib.util.spec_from_file_location("evaluation_module", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["evaluation_module"] = module
    spec.loader.exec_module(module)
    return module


def prepare(folders: list[str]) -> None:
    """Put the evaluator's folder and the stand-ins on the path, for processes it starts, too."""
    sys.path[:0] = folders
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    own = os.path.dirname(sys.executable)
    os.environ.setdefault("PATH", f"{own}:/usr/local/bin:/usr/bin:/bin")
    os.environ.setdefault("HOME", os.environ.get("TMPDIR", "/tmp"))
    os.environ.setdefault("MPLBACKEND", "Agg")


def run(settings: dict[str, Any], module: ModuleType | None, folder: str, path: str, work: str) -> Raw:
    """Evaluate the program at `path`; `work` is an empty folder to write to. Raises nothing an evaluator raises."""
    raw: Raw = {"metrics": {}, "texts": {}, "raised": "", "score": None, "correct": None, "error": ""}
    printed = io.StringIO()
    with _standing_in(work, folder), contextlib.redirect_stdout(printed):
        try:
            if settings["kind"] == "openevolve":
                _openevolve(settings, module, path, raw)
            else:
                _shinka(settings, module, folder, path, os.path.join(work, "results"), raw)
        except (Exception, SystemExit) as error:
            raw["raised"] = traced(error)
    raw["printed"] = printed.getvalue()[-PRINTED:]
    return raw


@contextlib.contextmanager
def _standing_in(work: str, folder: str) -> Iterator[None]:
    """A working directory in which the evaluator's files are to be read by name and new ones can be written."""
    place, before = os.path.join(work, "here"), os.getcwd()
    os.mkdir(place)
    for name in os.listdir(folder):
        os.symlink(os.path.join(folder, name), os.path.join(place, name))
    os.chdir(place)
    try:
        yield
    finally:
        os.chdir(before)


def traced(error: BaseException) -> str:
    """The traceback from the first frame of somebody else's code on."""
    trace = error.__traceback__
    while trace is not None and _is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace, limit=-6)).strip()[-TEXT:]


def absent(evaluator: str, error: ModuleNotFoundError) -> str:
    """One sentence about a module that is not there."""
    framework = (error.name or "").partition(".")[0]
    if framework in ("openevolve", "shinka"):
        return (
            f"{evaluator} needs {error.name}; evolve stands in for openevolve.evaluation_result and"
            " shinka.core.run_shinka_eval only, so take that import out or write a problem.toml"
        )
    return f"{evaluator} needs the module {error.name}, which is not installed where it runs; install it beside evolve"


def _is_ours(file: str) -> bool:
    return os.path.dirname(file) == os.path.dirname(__file__) or file.startswith("<frozen importlib")


# ------------------------------------------------------------------ OpenEvolve


def _openevolve(settings: dict[str, Any], module: Any, path: str, raw: Raw) -> None:
    functions = settings["functions"]
    stages = [name for name in functions if name != "evaluate"] if settings["cascade"] else []
    if not stages:
        _take(raw, _called(module.evaluate, path))
        return
    for place, name in enumerate(stages):
        _take(raw, _called(getattr(module, name), path))
        if place + 1 == len(stages) or place >= len(settings["thresholds"]):
            return
        wanted = settings["thresholds"][place]
        reached = average(raw["metrics"], (), raw["score"])
        if not reached >= wanted:
            raw["texts"]["cascade"] = f"{name} gave {reached:g}, less than {wanted:g}: scored on what ran so far"
            return


def _called(function: Callable[[str], Any], path: str) -> Any:
    result = function(path)
    if not inspect.isawaitable(result):
        return result
    import asyncio  # 60 ms that few evaluators need

    return asyncio.run(_awaited(result))


async def _awaited(result: Any) -> Any:
    return await result


def _take(raw: Raw, result: Any) -> None:
    """Add what an evaluator returned: a dict, a result object, a pair of these, or a bare score."""
    if isinstance(result, tuple | list) and result:
        for part in result:
            _take(raw, part)
    elif hasattr(result, "metrics"):
        _take(raw, {"metrics": result.metrics, "artifacts": getattr(result, "artifacts", {})})
    elif isinstance(result, str):
        raw["texts"]["feedback"] = result[-TEXT:]
    elif isinstance(result, dict):
        _take_dict(raw, result)
    elif (number := as_number(result)) is not None:
        raw["score"] = float(number)
    elif result is not None:
        raise TypeError(f"the evaluator returned a {type(result).__name__}; it must return a dict of metrics")


def _take_dict(raw: Raw, result: dict[Any, Any]) -> None:
    metrics = dict(result)
    artifacts = metrics.pop("artifacts", {})
    inner = metrics.pop("metrics", None)
    if isinstance(inner, dict):
        metrics |= inner
    _sort(raw, "", metrics)
    if isinstance(artifacts, dict):
        for name, value in list(artifacts.items())[:MOST]:
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            raw["texts"][str(name)] = text[-TEXT:]
    if "combined_score" in metrics:
        raw["score"] = as_number(metrics["combined_score"])


def _sort(raw: Raw, prefix: str, values: dict[Any, Any]) -> None:
    """Numbers to the metrics, everything else to the texts; dicts inside are read with dotted names."""
    for key, value in values.items():
        name = f"{prefix}{key}"
        number = as_number(value)
        if len(raw["metrics"]) + len(raw["texts"]) >= MOST:
            return
        if number is not None:
            raw["metrics"][name] = number
        elif isinstance(value, dict):
            _sort(raw, f"{name}.", value)
        elif is_dataclass(value) and not isinstance(value, type):
            _sort(raw, f"{name}.", asdict(value))
        elif value is not None:
            raw["texts"][name] = str(value)[-TEXT:]


def as_number(value: Any) -> float | bool | None:
    """A Python or numpy number or truth value as Python's own; None for anything else."""
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        value = value.item()
    if isinstance(value, bool):
        return value
    if not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def average(metrics: dict[str, Any], features: tuple[str, ...], score: float | None) -> float:
    """The combined score where there is one, else the mean of all numbers that are no flag, error or feature."""
    if score is not None:
        return float(score)
    flags = {*features, "error"}
    kept = [value for name, value in metrics.items() if type(value) is float and value == value and name not in flags]
    if not kept and features:
        return average(metrics, (), None)
    return sum(kept) / len(kept) if kept else 0.0


# ------------------------------------------------------------------ ShinkaEvolve


def _shinka(settings: dict[str, Any], module: Any, folder: str, path: str, results: str, raw: Raw) -> None:
    """Run the evaluator's `main` or its command line, then read the two files it must have written."""
    os.mkdir(results)
    if "main" in settings["functions"] and len(inspect.signature(module.main).parameters) >= 2:
        module.main(path, results)
    else:
        _as_command(os.path.join(folder, settings["evaluator"]), path, results)
    correct, metrics = _read(results, "correct.json"), _read(results, "metrics.json")
    raw["correct"] = bool(correct.get("correct", False))
    raw["error"] = str(correct.get("error") or "")[-TEXT:]
    raw["score"] = as_number(metrics.pop("combined_score", None))
    metrics.pop("private", None)  # kept from whoever proposes, hence from feedback and prompts
    public = metrics.pop("public", {})
    if text := metrics.pop("text_feedback", ""):
        raw["texts"]["feedback"] = str(text)[-TEXT:]
    _sort(raw, "", public if isinstance(public, dict) else {"public": public})
    _sort(raw, "", metrics)


def _as_command(evaluator: str, path: str, results: str) -> None:
    import runpy

    before = sys.argv
    sys.argv = [evaluator, "--program_path", path, "--results_dir", results]
    try:
        runpy.run_path(evaluator, run_name="__main__")
    except SystemExit as ended:
        if ended.code not in (None, 0):
            raise
    finally:
        sys.argv = before


def _read(folder: str, name: str) -> dict[str, Any]:
    """Raises FileNotFoundError or ValueError, in the words of who was to write the file."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            found = json.load(file)
    except FileNotFoundError:
        raise FileNotFoundError(f"the evaluator wrote no {name} into its results folder") from None
    if not isinstance(found, dict):
        raise ValueError(f"the evaluator's {name} holds a {type(found).__name__} where a dict is expected")
    return found
