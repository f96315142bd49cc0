"""Makes a Problem of a foreign folder: the same record a native folder gives, with a generated spec and evaluator."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

from evolve.domain import Program
from evolve.errors import ProblemError
from evolve.problem.checks import seed_faults
from evolve.problem.folder import Problem, digest_of, read_text, source_files
from evolve.problem.foreign.config import Config, read_config
from evolve.problem.foreign.keyless import keyless
from evolve.problem.foreign.laying import EVALUATE, FOLDER, lay
from evolve.problem.foreign.layout import Kind, Layout, layout, starts_a_search, with_siblings
from evolve.problem.foreign.statement import statement
from evolve.problem.foreign.survey import TEXT, Survey, survey
from evolve.problem.inputs import Inputs
from evolve.problem.spec import ProblemSpec, check_spec, language_of

_MEMORY = 1024**3
"""Bytes, where the configuration says nothing: other frameworks set no limit at all."""
_MOST_BYTES = 8 * 1024**2
_SKIPPED = frozenset({"checkpoints", "openevolve_output", "results", "outputs", "node_modules", "requirements.txt"})
"""Besides these, what earlier searches of the foreign frameworks left."""
_IMAGE_HAS = frozenset({"numpy", "scipy", "openevolve", "shinka", "shinka-evolve"})
"""Packages that are there wherever programs run, and frameworks a module of ours stands in for."""


def load_foreign(root: Path, inputs: Inputs) -> Problem:
    """Read a foreign folder as a problem. Raises ProblemError for what is missing, unreadable or not to be had here."""
    found, looked = layout(root), survey(root)
    _refuse(root, looked, inputs)
    text = read_text(root / found.evaluator)
    config = read_config(found, text)
    seed = _seed(root, found)
    if faults := seed_faults(seed, found.program, None, (found.program,)):
        raise ProblemError(f"problem folder {root}: {faults[0].removeprefix('seed/')}")
    reasons = unsealed_because(looked, inputs.scoring)
    files = foreign_files(root)
    if found.program not in text:  # most evaluators never look at the first program
        files.pop(f"{FOLDER}/{found.program}", None)
    laid = lay(files, _settings(found, looked, config, seed, not reasons), sealed=not reasons)
    seed = seed if inputs.seed is None else Program.of(inputs.seed)
    spec = _spec(root, found, looked, config, sealed=not reasons)
    evaluator = {"evaluate.py": EVALUATE, **laid.evaluator}
    requirements = _requirements(root, looked)
    return Problem(
        root=root.resolve(),
        spec=spec,
        statement=statement(root, found, looked, config),
        seed=seed,
        evaluator=MappingProxyType(evaluator),
        entry=found.program,
        language=language_of(found.program),
        editable=(found.program,),
        digest=digest_of(spec, seed, {**evaluator, **laid.companions}, requirements),
        requirements=requirements,
        companions=MappingProxyType({**laid.companions}),
        unsealed_because=reasons,
    )


def unsealed_because(looked: Survey, scoring: str) -> str:
    """Why the evaluator runs in the program's own sandbox, "" where it does not; `scoring` is what a person asked for.

    Raises ProblemError for another word than sealed, unsealed and "", and for sealed where the evaluator would run the
    program's text on the trusted side.
    """
    if scoring not in ("", "sealed", "unsealed"):
        raise ProblemError(f"--scoring {scoring} is no way of scoring; give sealed or unsealed")
    if scoring == "unsealed" and looked.sealed:
        return "asked for by --scoring unsealed"
    if scoring == "sealed" and looked.handles:
        raise ProblemError(
            f"--scoring sealed cannot be had: {looked.handles[0]}, so the program's text could run on the trusted side;"
            " leave the flag out"
        )
    return "" if looked.sealed or scoring == "sealed" else looked.reasons[0]


def _refuse(root: Path, looked: Survey, inputs: Inputs) -> None:
    """Raise ProblemError for what such a folder cannot be given, and for modules that are not there."""
    given = [*(f"--parameter {name}" for name in inputs.parameters), *(["--holdout"] if inputs.holdout else [])]
    if given:
        raise ProblemError(
            f"problem folder {root} is an {looked.kind} folder, which has neither parameters nor held-out cases; leave"
            f" {given[0]} out, or make a native folder of it with evolve import"
        )
    if looked.missing and not (root / "requirements.txt").is_file():
        raise ProblemError(
            f"problem folder {root} needs {', '.join(looked.missing)}, which this Python does not have; install it"
            " beside evolve (pip install), or name it in a requirements.txt and use --sandbox docker"
        )


def _seed(root: Path, found: Layout) -> Program:
    """The first program, with the modules beside it that it imports; only the program itself may change."""
    names = [found.program]
    if found.program.endswith(".py"):
        names = [*with_siblings(root, found.program)]
    return Program.of({name: read_text(root / name) for name in names})


def _spec(root: Path, found: Layout, looked: Survey, config: Config, *, sealed: bool) -> ProblemSpec:
    limits: dict[str, Any] = {"wall": config.seconds, "memory": config.memory or _MEMORY}
    data: dict[str, Any] = {
        "name": _name(root),
        "summary": f"{root.name}, scored by its own {found.evaluator} ({found.kind})",
        "objective": {"metric": "combined_score", "direction": "maximize"},
        "program": {"entry": found.program, "editable": [found.program]},
        "measures": [{"name": name, "cells": cells} for name, cells in config.axes],
        "evaluation": {"sealed": sealed, "preload": [*looked.dear]},
        "limits": limits,
    }
    spec, faults = check_spec(data)
    if spec is None:
        raise ProblemError(f"problem folder {root}: {faults[0]}")
    return spec


def _name(root: Path) -> str:
    """A problem's name of a folder's; two levels where the folder is but a number."""
    root = root.resolve()
    text = root.name if not root.name.isdigit() else f"{root.parent.name}_{root.name}"
    plain = re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_-")[:60]
    return plain if plain[:1].isalpha() else f"p_{plain}"


def _more_time(found: Layout) -> str:
    """Where a person allows an evaluation more time."""
    if found.kind is Kind.SHINKA:
        return "make a native folder of it with evolve import, which has a setting for it"
    return f"allow more as evaluator.timeout in {found.config or 'config.yaml'}"


def _settings(found: Layout, looked: Survey, config: Config, seed: Program, sealed: bool) -> str:
    text = seed.as_dict()[found.program]
    settings = {
        "kind": str(found.kind),
        "evaluator": found.evaluator,
        "entry": found.program,
        "functions": looked.functions,
        "cascade": config.cascade,
        "thresholds": config.thresholds,
        "features": config.features,
        "measures": config.features,
        "seconds": config.seconds,
        "more_time": _more_time(found),
        "sealed": sealed,
        "text": found.program.endswith(TEXT),
        "reads": looked.reads,
        "starts": looked.starts,
        "modules": looked.modules,
        "seed": hashlib.sha256(text.encode()).hexdigest(),
    }
    return json.dumps(settings, sort_keys=True)


def foreign_files(root: Path) -> dict[str, str]:
    """Every text beside the evaluator, as it finds it in its folder, without keys. Raises ProblemError for too much."""
    texts: dict[str, str] = {}
    size = 0
    for path in source_files(root, skip=_SKIPPED):
        try:
            text = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue  # pictures and the like; an evaluator that needs one says so itself
        if path.suffix == ".py" and (starts_a_search(path.stem, text) or not _is_python(text)):
            continue
        size += len(text)
        texts[f"{FOLDER}/{path.relative_to(root).as_posix()}"] = text
    if size > _MOST_BYTES:
        largest = max(texts, key=lambda name: len(texts[name])).removeprefix(f"{FOLDER}/")
        raise ProblemError(
            f"problem folder {root}: its files hold {size // 1024**2} MB (largest: {largest}),"
            f" over {_MOST_BYTES // 1024**2}; they travel to every worker, so move what the evaluator does not read"
        )
    return keyless(texts)


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _requirements(root: Path, looked: Survey) -> str:
    """What a container holds beyond the usual: the whole list if something in use is missing here, else what is here.

    Such lists name much that only plots need; a package nobody imports should keep nobody from searching.
    """
    path = root / "requirements.txt"
    kept = list(_wanted(read_text(path), bool(looked.missing))) if path.is_file() else []
    return "\n".join(kept)


def _wanted(text: str, everything: bool) -> Iterator[str]:
    for line in text.splitlines():
        match = re.match(r"[A-Za-z0-9._-]+", line)
        if match is None or match[0].lower() in _IMAGE_HAS:
            continue
        if everything or _is_installed(match[0]):
            yield line


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
