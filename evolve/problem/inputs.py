"""What is given to a problem besides its folder: parameters, held-out files, champions of earlier rounds, a seed."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evolve.errors import ProblemError

Scalar = bool | int | float | str
PARAMETERS, CHAMPIONS, HOLDOUT = "parameters.json", "champions.json", "holdout"
"""Where an evaluator finds them: two files and a folder beside `evaluate.py`."""


@dataclass(frozen=True, slots=True)
class Champion:
    """The best program of an earlier round, as an opponent: its round (from 1), its number there, and its files."""

    round: int
    candidate: int
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Inputs:
    """All of it. `scoring` is sealed, unsealed or "" for what suits a foreign evaluator.

    `holdout` is a folder whose files take the place of the problem's own `holdout/`.

    `seed` is `{path: text}` of a program that a search begins with instead of `seed/`.
    """

    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    holdout: Path | None = None
    champions: tuple[Champion, ...] = ()
    seed: Mapping[str, str] | None = None
    scoring: str = ""


def merged(declared: Mapping[str, Scalar], given: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The declared parameters with the given values. Raises ProblemError for an unknown name or another kind."""
    found = dict(declared)
    for name, value in given.items():
        if name not in declared:
            raise ProblemError(f"there is no parameter {name!r}; {_known(name, declared)}")
        found[name] = _as(declared[name], value, name)
    return found


def fill(text: str, parameters: Mapping[str, Scalar]) -> str:
    """The text with `{{name}}` replaced by the parameter's value, for every declared parameter."""
    for name, value in parameters.items():
        text = text.replace(f"{{{{{name}}}}}", str(value))
    return text


def evaluator_files(parameters: Mapping[str, Scalar], champions: tuple[Champion, ...]) -> dict[str, str]:
    """The files that bring parameters and champions to the evaluator; none for what there is not."""
    files = {}
    if parameters:
        files[PARAMETERS] = json.dumps(dict(parameters), sort_keys=True)
    if champions:
        rows = [{"round": each.round, "candidate": each.candidate, "files": dict(each.files)} for each in champions]
        files[CHAMPIONS] = json.dumps(rows)
    return files


def _as(declared: Scalar, value: Scalar, name: str) -> Scalar:
    kind = type(declared)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        words = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
        raise ProblemError(f"parameter {name} = {value!r} must be {words[kind]}, as {declared!r} in problem.toml is")
    return value


def _known(name: str, declared: Mapping[str, Scalar]) -> str:
    if not declared:
        return "this problem declares none (a table [parameters] in problem.toml)"
    close = difflib.get_close_matches(name, declared, n=1)
    return f"did you mean {close[0]!r}?" if close else f"problem.toml declares {', '.join(declared)}"
