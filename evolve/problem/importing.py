"""`evolve import`: a native folder to finish by hand, made of an OpenEvolve or ShinkaEvolve folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evolve.errors import ProblemError
from evolve.problem.folder import Problem, source_files
from evolve.problem.foreign import Kind, Survey, layout, load_foreign, survey
from evolve.problem.foreign.flags import Carried, carried
from evolve.problem.foreign.kept import ORIGINAL
from evolve.problem.foreign.laying import FOLDER, KIT, SETTINGS
from evolve.problem.foreign.load import foreign_files
from evolve.problem.inputs import Inputs
from evolve.problem.spec import language_of

NOTES = "IMPORT.md"
_TITLES = {Kind.OPENEVOLVE: "OpenEvolve", Kind.SHINKA: "ShinkaEvolve"}


@dataclass(frozen=True, slots=True)
class Imported:
    """What was written. `taken` and `left` say what was carried over and what was not, `open` what is to be done.

    `reasons` are why the evaluator shares a process with programs, by file and line; none where it is sealed.
    """

    folder: Path
    name: str
    kind: Kind
    sealed: bool
    reasons: tuple[str, ...]
    taken: tuple[str, ...]
    left: tuple[str, ...]
    open: tuple[str, ...]


def import_folder(root: Path, target: Path) -> Imported:
    """Write a native folder `target` that scores as the foreign folder `root` does.

    Raises ProblemError when `root` is native already or of no known kind, or `target` cannot be made.
    """
    if not root.is_dir():
        raise ProblemError(f"{root} is no folder; give an OpenEvolve or ShinkaEvolve folder")
    if (root / "problem.toml").is_file():
        raise ProblemError(f"{root} has a problem.toml, so it is a native folder already; evolve run {root} searches")
    looked = survey(root)
    problem = load_foreign(root, Inputs())
    settings = carried(layout(root))
    kept = _kept(root)
    made = _imported(target, problem, looked, settings, _left_files(root, kept))
    files = {
        "problem.toml": _toml(problem, looked, settings),
        "problem.md": problem.statement,
        "evaluate.py": _evaluate(looked),
        SETTINGS: json.dumps(json.loads(problem.evaluator[SETTINGS]), indent=2) + "\n",
        NOTES: notes(made, root.resolve().name),
        **({"requirements.txt": problem.requirements + "\n"} if problem.requirements else {}),
        **{f"seed/{path}": text for path, text in problem.seed.as_dict().items()},
        **kept,
    }
    _write(target, files)
    return made


def _kept(root: Path) -> dict[str, str]:
    files = foreign_files(root)
    return {f"{ORIGINAL}/{path.removeprefix(f'{FOLDER}/')}": text for path, text in files.items()}


def _left_files(root: Path, kept: Mapping[str, str]) -> list[str]:
    """Files that no evaluator reads: pictures, what earlier searches left, scripts that start one."""
    paths = (path.relative_to(root).as_posix() for path in source_files(root))
    return [path for path in paths if f"{ORIGINAL}/{path}" not in kept and path != "requirements.txt"]


def _write(target: Path, files: Mapping[str, str]) -> None:
    try:
        target.mkdir(parents=True)
    except FileExistsError:
        raise ProblemError(f"{target} is already there; name a folder that is not") from None
    except OSError as error:
        raise ProblemError(f"{target} cannot be made: {error.strerror}; name another folder") from None
    try:
        for path, text in files.items():
            place = target / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        shutil.rmtree(target)  # made by this call, and half a problem is worse than none
        raise ProblemError(f"{target} cannot be written: {error.strerror}; name another folder") from None


# ---------------------------------------------------------------- what is said of it


def _imported(target: Path, problem: Problem, looked: Survey, settings: Carried, left_files: Sequence[str]) -> Imported:
    sealed = problem.spec.evaluation.sealed
    reasons = () if sealed else tuple(f"{ORIGINAL}/{reason}" for reason in looked.reasons)
    return Imported(
        folder=target,
        name=problem.name,
        kind=looked.kind,
        sealed=sealed,
        reasons=reasons,
        taken=tuple(_taken(problem, looked, settings)),
        left=tuple(_left(looked, settings, left_files)),
        open=tuple(_open(looked, sealed=sealed)),
    )


def _taken(problem: Problem, looked: Survey, settings: Carried) -> Iterator[str]:
    yield "problem.md: the task, as configuration or docstrings state it"
    yield f"seed/: {', '.join(problem.seed.as_dict())}; only {problem.entry} may change"
    yield f"{ORIGINAL}/: {looked.evaluator} and what lies beside it, unchanged; evaluate.py of this folder calls it"
    adapter = json.loads(problem.evaluator[SETTINGS])
    if len(looked.functions) > 1 and adapter["cascade"]:
        steps = ", ".join(f"{each:g}" for each in adapter["thresholds"])
        yield f"the cascade of {', '.join(looked.functions)}: inside evaluate.py, with thresholds {steps} in {SETTINGS}"
    limits = problem.spec.limits
    yield f"limits: {limits.wall:g} s and {limits.memory // 1024**2} MB for one evaluation, in problem.toml"
    yield f"archive: {', '.join(measure.name for measure in problem.spec.measures)}, in problem.toml"
    if settings.flags:
        yield f"flags of evolve run that mean the same: {' '.join(settings.flags)}"


def _left(looked: Survey, settings: Carried, files: Sequence[str]) -> Iterator[str]:
    if settings.left:
        yield f"settings without a counterpart here: {_grouped(settings.left)}"
    if files:
        yield f"files that score nothing: {', '.join(files)}"
    yield from looked.notes


def _grouped(names: Sequence[str]) -> str:
    """Dotted names by their first part: `seed; llm: timeout, top_p`."""
    groups: dict[str, list[str]] = {}
    for name in names:
        first, dot, rest = name.partition(".")
        groups.setdefault(first if dot else "", []).append(rest if dot else first)
    return "; ".join(f"{first}: {', '.join(rest)}" if first else ", ".join(rest) for first, rest in groups.items())


def _open(looked: Survey, *, sealed: bool) -> Iterator[str]:
    if not sealed and language_of(looked.program) != "python":
        yield (
            f"to be sealed: say in problem.toml how {looked.program} is built and run ([program] build, command), and"
            " write evaluate(program, case) anew, which feeds it input and reads its output (docs/problems.md)"
        )
    elif not sealed:
        yield (
            f"to be sealed: change the lines named above in {ORIGINAL}/{looked.evaluator} so that it calls functions of"
            " the program with plain data and gets plain data back, then set sealed = true in problem.toml; or write"
            " evaluate(program, case) anew (docs/problems.md)"
        )
    yield (
        "held-out cases: there are none, so a score is that of the cases it was found on; write cases(split) in"
        " evaluate.py where the problem has others of the same kind"
    )
    yield "objective: combined_score, more is better; name unit, bound, baselines and best known value in problem.toml"
    yield "attacks/: hostile programs whose verdicts evolve check tests"


def notes(made: Imported, origin: str) -> str:
    """What `IMPORT.md` says."""
    if made.sealed:
        scoring = "Sealed: programs run in a process of their own, and cannot reach the evaluator or their score."
    else:
        scoring = (
            "Unsealed: the evaluator runs in the program's own process, so a program can forge its score, and every"
            " score is labelled. Why:"
        )
    parts = [
        f"# Imported from the {_TITLES[made.kind]} folder {origin}",
        "This file is for you: nothing reads it, and it may go.",
        "## Scoring",
        scoring,
        *([_list(made.reasons)] if made.reasons else []),
        "## Carried over",
        _list(made.taken),
        *(["## Left behind", _list(made.left)] if made.left else []),
        "## To finish by hand",
        _list(made.open),
    ]
    return "\n\n".join(parts) + "\n"


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


# ---------------------------------------------------------------- files


def _evaluate(looked: Survey) -> str:
    calls = ", ".join(f"{name}()" for name in looked.functions) or "its command line"
    return f'''"""Scores a program with {ORIGINAL}/{looked.evaluator}, unchanged: {calls}.

`{KIT}` comes with evolve and reads {SETTINGS}. To score here instead, write evaluate(program, case) and
cases(split) in its place; then {SETTINGS} and {ORIGINAL}/ may go. docs/problems.md says how.
"""

import os

from {KIT}.scoring import Scorer

evaluate = Scorer(os.path.dirname(os.path.abspath(__file__))).evaluate
'''


def _toml(problem: Problem, looked: Survey, settings: Carried) -> str:
    spec = problem.spec
    program, limits, evaluation = spec.program, spec.limits, spec.evaluation
    lines = [
        f"# Imported from {_TITLES[looked.kind]}; {NOTES} says what was carried over and what is to be done.",
        *([f"# Its search as flags of ours: evolve run DIR {' '.join(settings.flags)}"] if settings.flags else []),
        f"name = {_value(spec.name)}",
        f"summary = {_value(spec.summary)}",
        "\n[objective]",
        f"metric = {_value(spec.objective.metric)}",
        f"direction = {_value(str(spec.objective.direction))}",
        "# bound, target, best_known and [objective.baselines.NAME] say what is known of it.",
        "\n[program]",
        f"entry = {_value(program.entry)}",
        f"editable = {_value(program.editable)}",
    ]
    for measure in spec.measures:
        lines += ["\n[[measures]]", f"name = {_value(measure.name)}", f"cells = {measure.cells}"]
    lines += ["\n[evaluation]", f"preload = {_value(evaluation.preload)}"]
    if not evaluation.sealed:
        lines += [f"# {_one_line(problem.unsealed_because)}", "sealed = false"]
    lines += ["\n[limits]", f"wall = {limits.wall}", f"memory = {_memory(limits.memory)}"]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    """A text or a list of texts as TOML, whose basic strings are those of JSON but for one character."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _memory(size: int) -> str:
    megabytes, rest = divmod(size, 1024**2)
    return str(size) if rest else f'"{megabytes}MB"'


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
