"""What a foreign folder's configuration says that matters here: the task, time limits, cascade and archive axes."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from evolve.errors import ProblemError
from evolve.problem.foreign.layout import Kind, Layout, parse, runner

SECONDS = 60.0
"""For an evaluation where the configuration says nothing."""
_THRESHOLDS = (0.5, 0.75, 0.9)
"""OpenEvolve's own, where a configuration names none."""
_BUILTIN = {"complexity": "program_length", "diversity": "edit_distance"}
_SCORES = ("score", "combined_score")
"""Feature names that mean the objective itself, which is no axis."""


@dataclass(frozen=True, slots=True)
class Config:
    """`features` are metrics of the evaluator, `axes` names of measures with their number of cells."""

    message: str = ""
    seconds: float = SECONDS
    memory: int | None = None
    cascade: bool = True
    thresholds: tuple[float, ...] = _THRESHOLDS
    features: tuple[str, ...] = ()
    axes: tuple[tuple[str, int], ...] = (("program_length", 16),)
    notes: tuple[str, ...] = ()


def read_config(found: Layout, evaluator_text: str) -> Config:
    """Read it. Raises ProblemError when the YAML file is none, or a value of it has the wrong kind."""
    if found.kind is Kind.SHINKA:
        return Config(message=_task_message(found))
    data = read_yaml(found)
    own = _section(found, data, "evaluator")
    axes, features, notes = _axes(_section(found, data, "database"), evaluator_text)
    thresholds = own.get("cascade_thresholds", list(_THRESHOLDS))
    if not isinstance(thresholds, list) or not all(isinstance(each, int | float) for each in thresholds):
        raise ProblemError(f"{found.root / found.config}: evaluator.cascade_thresholds must be a list of numbers")
    megabytes = _number(found, own, "memory_limit_mb")
    if own.get("use_llm_feedback"):
        notes.append(f"{found.config} wants a model to judge programs (use_llm_feedback), which is left out")
    message = _section(found, data, "prompt").get("system_message") or ""
    return Config(
        message=message if isinstance(message, str) else "",
        seconds=_number(found, own, "timeout") or SECONDS,
        memory=None if megabytes is None else int(megabytes * 1024**2),
        cascade=bool(own.get("cascade_evaluation", True)),
        thresholds=tuple(float(each) for each in thresholds),
        features=features,
        axes=axes,
        notes=tuple(notes),
    )


def read_yaml(found: Layout) -> dict[str, Any]:
    """The configuration as it is, {} without one. Raises ProblemError when it is no YAML of sections."""
    if not found.config:
        return {}
    import yaml

    from evolve.problem.folder import read_text

    path = found.root / found.config
    text = read_text(path)
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: of a date there is not
        raise ProblemError(f"{path} is not YAML{_trouble(error, text)}") from None
    if data is not None and not isinstance(data, dict):
        raise ProblemError(f"{path} holds a {type(data).__name__} where sections such as evaluator: are expected")
    return data or {}


def _trouble(error: Exception, text: str) -> str:
    """Where YAML is broken, if that is known, and how; the parser's own words take four lines and quote the file."""
    mark, why = getattr(error, "problem_mark", None), getattr(error, "problem", None) or getattr(error, "reason", None)
    place = (mark.line, mark.column) if mark is not None else None
    position = getattr(error, "position", None)  # of a character that YAML does not allow
    if isinstance(position, int):
        before = text[:position]
        place = (before.count("\n"), position - before.rfind("\n") - 1)
    where = f" at line {place[0] + 1}, column {place[1] + 1}" if place else ""
    return f"{where}: {' '.join(str(why or error).split())}"


def _section(found: Layout, data: dict[str, Any], name: str) -> dict[str, Any]:
    section = data.get(name) or {}
    if not isinstance(section, dict):
        raise ProblemError(f"{found.root / found.config}: {name} is {section!r}; it must be a section")
    return section


def _number(found: Layout, section: dict[str, Any], name: str) -> float | None:
    value = section.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ProblemError(f"{found.root / found.config}: evaluator.{name} is {value!r}; it must be a positive number")
    return float(value)


def _axes(
    database: dict[str, Any], evaluator_text: str
) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...], list[str]]:
    """Axes of the archive and the metrics among them. A feature the evaluator never names cannot be one."""
    wanted, bins = database.get("feature_dimensions", [*_BUILTIN]), database.get("feature_bins", 10)
    names = [name for name in wanted if isinstance(name, str)] if isinstance(wanted, list) else [*_BUILTIN]
    axes, features, notes = [], [], []
    for name in dict.fromkeys(names):
        cells = bins.get(name, 10) if isinstance(bins, dict) else bins
        if name in _BUILTIN:
            axes.append((_BUILTIN[name], _cells(cells)))
        elif name not in _SCORES and name in evaluator_text:
            axes.append((name, _cells(cells)))
            features.append(name)
        else:
            notes.append(f"feature dimension {name!r} is no axis here: {_why_none(name)}")
    return tuple(axes) or Config().axes, tuple(features), notes


def _cells(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10_000 else 10


def _why_none(name: str) -> str:
    return "it is the objective" if name in _SCORES else "the evaluator never names such a metric"


def _task_message(found: Layout) -> str:
    """ShinkaEvolve keeps the task in the script that starts the search: the longest text named like a message."""
    path = runner(found.root)
    if path is None:
        return ""
    texts = [""]
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            names = [ast.unparse(target).lower() for target in node.targets]
            if any("sys_msg" in name or "task" in name for name in names):
                texts.append(node.value.value)
        elif isinstance(node, ast.keyword) and node.arg == "task_sys_msg" and isinstance(node.value, ast.Constant):
            texts.append(str(node.value.value))
    return max(texts, key=len)
