"""Programs that show a problem's stated values: `baselines/NAME/`, and `witness/` for the best known one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evolve.domain import Program
from evolve.errors import ProblemError
from evolve.problem.folder import Problem, read_text, source_files
from evolve.problem.spec import Reference


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A program and the value it is stated to reach: on the held-out cases, on search cases where there are none."""

    name: str
    program: Program
    stated: Reference


def load_exhibits(problem: Problem) -> tuple[Exhibit, ...]:
    """Every exhibit of a value that is stated for the problem's parameters; the witness last.

    A folder holds what differs from the seed: files it leaves out are the seed's. Raises ProblemError for a folder
    that shows no value of problem.toml, or holds no file.
    """
    objective = problem.spec.objective
    found = [
        Exhibit(f"baseline {name}", program, objective.baselines[name])
        for name, program in _baselines(problem)
        if name in objective.baselines
    ]
    witness = problem.root / "witness"
    if witness.is_dir() and objective.best_known is not None:
        found.append(Exhibit("best known", _program(problem, witness), objective.best_known))
    elif witness.is_dir() and not any(each.best_known for each in problem.spec.variants):
        raise ProblemError(f"{witness} shows the best known value, but problem.toml states none; state or remove it")
    return tuple(found)


def _baselines(problem: Problem) -> Iterator[tuple[str, Program]]:
    folder = problem.root / "baselines"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not path.is_dir() or path.name.startswith((".", "__")):
            continue
        if path.name not in _stated(problem):
            raise ProblemError(
                f"{path} shows no value of problem.toml; add a table [objective.baselines.{path.name}] or remove it"
            )
        yield path.name, _program(problem, path)


def _stated(problem: Problem) -> Mapping[str, Reference]:
    """Baselines of the present parameters and of every variant."""
    stated = dict(problem.spec.objective.baselines)
    for variant in problem.spec.variants:
        stated.update(variant.baselines)
    return stated


def _program(problem: Problem, folder: Path) -> Program:
    files = {path.relative_to(folder).as_posix(): read_text(path) for path in source_files(folder)}
    if not files:
        raise ProblemError(f"{folder} is empty; put the program there that reaches the stated value")
    return problem.seed.with_files(files)
