"""Searching with a Python function as the scorer: `evolve.optimize`, for scripts and notebooks."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evolve.background import Sitting, search
from evolve.callable import Scored, Scorer, Task, is_python, name_of, problem_of
from evolve.config import Settings, load_settings
from evolve.domain import Direction, Program
from evolve.errors import ProblemError, SettingsError
from evolve.events import Observer
from evolve.optimized import Optimized
from evolve.problem.folder import read_text
from evolve.problem.spec import language_of

DEFAULT_SECONDS = 60.0
"""How long a search takes when nobody says, as on the command line."""
DEFAULT_MEASURES = ("program_length", "edit_distance")
"""What makes texts different when nobody says."""
DEFAULT_CELLS = 6
"""Along each axis: few, for searches of a few hundred candidates."""


def optimize(
    seed: str | Mapping[str, str] | Path,
    evaluate: Scored,
    *,
    direction: str = "maximize",
    cases: Sequence[Any] | None = None,
    holdout: Scored | Sequence[Any] | None = None,
    model: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] = (),
    api_base: str | None = None,
    seconds: float | None = None,
    evaluations: int | None = None,
    budget: str | Sequence[str] = (),
    target: float | None = None,
    workers: int = 1,
    database: str | Path | None = None,
    name: str | None = None,
    resume: bool = False,
    statement: str | None = None,
    measures: Sequence[str] | Mapping[str, tuple[float, float]] = DEFAULT_MEASURES,
    language: str | None = None,
    settings: Mapping[str, Any] | None = None,
    on_event: Observer | None = None,
) -> Optimized:
    """Search for a text that a function of yours scores better: a prompt, a configuration, a program, any text.

    Your function runs in this process, in a thread of its own, and nothing stands between it and what it does with a
    text: `evolve` itself executes none. If it executes the text, the text can do what you can, and forge its score:
    that is why every score of such a run is labelled *unsealed*. Write a problem folder instead (`evolve new NAME`)
    when candidates are programs that run: there they are walled off, timed and cannot touch their score.

    A call cannot be ended from outside, so bound the time of anything that may hang in it. Ctrl-C once ends the search
    when the calls under way have returned, and gives back what there is; twice raises KeyboardInterrupt at once.

    Args:
        seed: Where to begin. A text; a Path of a file, or of a folder with several; or `{path: text}`. Files are only
            read.
        evaluate: `evaluate(text)`, or `evaluate(text, case)` with `cases`; of several files it gets `{path: text}`. It
            returns a number; or `(number, feedback)`; or a dict with "score", and "feedback" and further numbers if
            you like. Feedback is what a model is told of a candidate. May be `async`. What it raises on a candidate is
            that candidate's failure, with the end of the traceback as feedback.
        direction: "maximize" or "minimize".
        cases: What every candidate is scored on, one call each; the score is the mean.
        holdout: Data that no proposal is ever based on, scored for the seed and the winner at the end: further cases,
            or, without `cases`, a function like `evaluate` that uses other data.
        model: A model to ask, by litellm's name, such as "openai/gpt-x"; several; or dicts with `[[llm.models]]`
            settings. Without one the built-in proposer edits the text: constants and code of Python, lines of others.
        api_base: Address of an OpenAI-compatible server for these models.
        seconds: When to stop, whichever of these limits comes first; 60 seconds if nothing is said.
        evaluations: The same. Further looks at noisy scores count, held-out calls do not.
        budget: The same as text, such as "2usd" or "500ktokens", or several of them.
        target: A score that is good enough.
        workers: Calls at once, each in a thread; leave it at 1 if your function is not safe to call twice at once.
        database: Where everything is stored at once, so that nothing scored is ever lost: a file or a `postgresql://`
            address; $EVOLVE_DB, or else evolve.db in this folder. `evolve show`, `evolve top` and `evolve ui` read it.
        name: Of the run; your function's when left out.
        resume: Go on with the latest unfinished run of the same seed, function source and settings, if there is one.
            You say thereby that what the function depends on is unchanged. Otherwise every call is a new run.
        statement: What a model is told the text is for; your function's docstring when left out.
        measures: Axes of the archive, which keeps the best of every kind: names of further metrics, or of
            "program_length", "structural_complexity", "edit_distance"; with `{name: (low, high)}` for their ends.
        language: "python", "text", ...; by the file name when left out, and a bare text is Python when it defines
            functions or imports something.
        settings: Any other setting (docs/library.md), as {"search": {"islands": 2}} or {"search.islands": 2}.
        on_event: Gets every event (`evolve.events`), in the engine's thread.

    Raises:
        EvaluatorError: the function fails on the seed; its own exception is the cause.
        SettingsError, ProblemError, DatabaseError, ModelRefused: what is wrong and the way out, in one sentence.
    """
    files, single = _files(seed, language)
    entry = single or next(iter(files))
    scorer = _scorer(evaluate, cases, holdout, single)
    task = Task(
        name=_slug(name or name_of(evaluate).rpartition(".")[2]),
        statement=statement or _statement(evaluate),
        direction=_direction(direction),
        target=target,
        measures=_measures(measures),
        entry=entry,
        language=language or language_of(entry),
    )
    problem = problem_of(Program.of(files), scorer, task)
    limits = _limits(seconds, evaluations, budget, target)
    chosen = _settings(settings or {}, limits, workers, _models(model, api_base))
    if chosen.llm.models:
        from evolve.models import check_models

        check_models(problem, chosen)
    observers = () if on_event is None else (on_event,)
    found = database or os.environ.get("EVOLVE_DB") or None
    return search(Sitting(problem, scorer, chosen, found, name or "", resume, observers))


def _files(seed: str | Mapping[str, str] | Path, language: str | None) -> tuple[dict[str, str], str | None]:
    """The seed as `{path: text}`, and the path of its only file if the function is to get its text alone."""
    if isinstance(seed, str):
        if _names_a_file(seed):
            raise ProblemError(
                f"the seed is the text {seed!r}, and a file is called so; give Path({seed!r}) for that file"
            )
        python = language == "python" or (language is None and is_python(seed))
        path = "program.py" if python else "text.txt"
        return {path: seed}, path
    if isinstance(seed, Path):
        return _read(seed)
    if not isinstance(seed, Mapping):
        raise ProblemError(f"the seed is {type(seed).__name__}; give a text as str, a Path, or {{path: text}}")
    files = dict(seed)
    for path, text in files.items():
        if not isinstance(path, str) or not isinstance(text, str):
            raise ProblemError(
                f"seed[{path!r}] is {type(text).__name__}; give paths with texts, as in {{'a.txt': '...'}}"
            )
    if not files:
        raise ProblemError("the seed has no file; give a text, a path or {path: text}")
    return files, None


def _names_a_file(text: str) -> bool:
    return 0 < len(text) < 256 and "\n" not in text and "." in text and os.path.exists(text)


def _read(path: Path) -> tuple[dict[str, str], str | None]:
    if path.is_file():
        return {path.name: read_text(path)}, path.name
    if not path.is_dir():
        raise ProblemError(f"the seed {path} does not exist; give a file, a folder, or the text itself as a str")
    found = sorted(each for each in path.rglob("*") if each.is_file() and not _is_hidden(each.relative_to(path)))
    if not found:
        raise ProblemError(f"the seed folder {path} is empty; put the first program there")
    return {each.relative_to(path).as_posix(): read_text(each) for each in found}, None


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _scorer(
    evaluate: Scored, cases: Sequence[Any] | None, holdout: Scored | Sequence[Any] | None, single: str | None
) -> Scorer:
    if not callable(evaluate):
        raise SettingsError(f"evaluate is {type(evaluate).__name__}; give a function of a text that returns a score")
    kept = None if cases is None else tuple(cases)
    if kept is not None and not kept:
        raise SettingsError("cases is empty; give at least one, or leave it out and take evaluate(text)")
    _check_arguments("evaluate", evaluate, cases=kept is not None)
    if holdout is None:
        return Scorer(evaluate, kept, None, None, single)
    if callable(holdout):
        if kept is not None:
            raise SettingsError("holdout is a function, but evaluate takes cases; give a list of held-out cases")
        _check_arguments("holdout", holdout, cases=False)
        return Scorer(evaluate, None, holdout, None, single)
    if kept is None:
        raise SettingsError("holdout has cases, but evaluate takes none; give cases, too, or a function as holdout")
    return Scorer(evaluate, kept, evaluate, tuple(holdout), single)


def _check_arguments(role: str, function: Scored, *, cases: bool) -> None:
    """See that a function can be called as it will be. Raises SettingsError; what cannot be looked into passes."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of something built in
        return
    if _takes(signature, 2 if cases else 1):
        return
    if cases and _takes(signature, 1):
        raise SettingsError(f"{role} takes one argument; leave cases out, or let it take {role}(text, case)")
    if _takes(signature, 2) and role == "evaluate":
        raise SettingsError("evaluate takes two arguments; give cases=[...], or let it take evaluate(text)")
    given = ", ".join(signature.parameters)
    raise SettingsError(f"{role} takes ({given}); let it take {role}(text{', case' if cases else ''})")


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*[None] * count)
    except TypeError:
        return False
    return True


def _slug(text: str) -> str:
    """A problem's name from any text."""
    plain = re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_-")[:64]
    return plain if plain[:1].isalpha() else f"f_{plain}"[:64].rstrip("_-")


def _statement(evaluate: Scored) -> str:
    told = inspect.getdoc(evaluate) if hasattr(evaluate, "__name__") else None
    purpose = "Improve the text below, so that the function that scores it gives it a better score."
    return f"{purpose}\n\nThe function is described so:\n\n{told}\n" if told else f"{purpose}\n"


def _direction(text: str) -> Direction:
    try:
        return Direction(text)
    except ValueError:
        raise SettingsError(f"direction is {text!r}; give 'maximize' or 'minimize'") from None


def _measures(given: Sequence[str] | Mapping[str, tuple[float, float]]) -> tuple[Mapping[str, Any], ...]:
    if isinstance(given, str):
        raise SettingsError(f"measures is the text {given!r}; give a list of names, as in [{given!r}]")
    if isinstance(given, Mapping):
        ends = {name: (float(low), float(high)) for name, (low, high) in given.items()}
        return tuple(
            {"name": name, "low": low, "high": high, "cells": DEFAULT_CELLS} for name, (low, high) in ends.items()
        )
    return tuple({"name": name, "cells": DEFAULT_CELLS} for name in given)


def _limits(
    seconds: float | None, evaluations: int | None, budget: str | Sequence[str], target: float | None
) -> dict[str, Any]:
    """As settings. Raises SettingsError for text that is no amount, or a limit that is given twice."""
    limits: dict[str, Any] = {"seconds": seconds, "evaluations": evaluations, "target": target}
    for text in [budget] if isinstance(budget, str) and budget else budget:
        from evolve.cli.amounts import parse_budget

        limit, value = parse_budget(text, said="budget")
        if limits.get(limit) is not None:
            raise SettingsError(f"budget {text!r} sets the limit on {limit} a second time; give it once")
        limits[limit] = value
    return {limit: value for limit, value in limits.items() if value is not None}


def _models(model: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]], api_base: str | None) -> list[Any]:
    given = [model] if isinstance(model, str | Mapping) else list(model)
    models = [{"name": each} if isinstance(each, str) else dict(each) for each in given]
    if api_base is None:
        return models
    if not models:
        raise SettingsError(f"api_base {api_base!r} has no effect without a model; name one with model=")
    return [{"api_base": api_base, **each} for each in models]


def _settings(given: Mapping[str, Any], limits: dict[str, Any], workers: int, models: list[Any]) -> Settings:
    """All settings: the given ones under the named arguments. Raises SettingsError."""
    tree = _nested(given)
    if models:
        tree["llm"] = {**tree.get("llm", {}), "models": models}
    tree["budget"] = {**tree.get("budget", {}), **limits}
    tree["workers"] = {"evaluations": workers, **tree.get("workers", {})}
    chosen = load_settings((), (), **tree)
    bounds = chosen.budget
    if chosen.llm.source == "replay":
        raise SettingsError("llm.source = 'replay' is for runs of the command line; leave it out")
    if not chosen.llm.models and (bounds.money is not None or bounds.tokens is not None):
        raise SettingsError(
            "without a model nothing is paid for; name one with model=, or limit evaluations or seconds"
        )
    if any(limit is not None for limit in bounds.model_dump(exclude={"target"}).values()):
        return chosen
    return chosen.model_copy(update={"budget": bounds.model_copy(update={"seconds": DEFAULT_SECONDS})})


def _nested(given: Mapping[str, Any]) -> dict[str, Any]:
    """`{"search.islands": 2}` as `{"search": {"islands": 2}}`; what is nested already stays so."""
    tree: dict[str, Any] = {}
    for key, value in given.items():
        *sections, last = key.split(".")
        branch = tree
        for section in sections:
            branch = branch.setdefault(section, {})
        branch[last] = {**branch.get(last, {}), **_nested(value)} if isinstance(value, Mapping) else value
    return tree
