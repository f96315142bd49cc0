"""Suites: the problems a scaffold is measured on, from a TOML file.

    name = "small"                       # what reports call it; the file's own name when left out
    calls = 12                           # model calls of a run
    evaluations = 48                     # most evaluations of a run (optional: four per call)

    [[problems]]
    path = "../bin_packing"              # a problem folder, relative to this file
    use = "search"                       # search, sealed or probe
    parameters = { instances = "or3" }   # of the problem (optional)
    ceiling = 3.41                       # the objective that counts as 1 (optional: the problem's own best known)
    bound = 0.0                          # one that nothing can beat (optional: the problem's own)
    name = "bin_packing_or3"             # unique here (optional: made of the problem's name and the parameters)

A scaffold is bred on the problems for `search`, certified once on `sealed` ones, and must not be worse on `probe`s.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evolve.errors import NotFound, ProblemError, SettingsError
from evolve.meta.records import Suite, SuiteProblem, Use
from evolve.problem import Inputs, Objective, load_problem
from evolve.problem.faults import explain_all

SUFFIX = ".toml"

PLACES = (Path("problems", "suites"), Path("benchmarks", "suites"))
"""Where suites ship, below the folder that holds the package or the one a person works in."""

_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")

_Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ProblemEntry(_Section):
    """A table `[[problems]]`."""

    path: Annotated[str, Field(min_length=1)] = Field(description="a problem folder, relative to the suite's file")
    use: Use = Field(description="what the problem is for: search, sealed or probe")
    parameters: Mapping[str, bool | int | float | str] = Field(
        default_factory=dict, description="values of the problem's own parameters"
    )
    ceiling: _Number | None = Field(default=None, description="the objective that counts as 1")
    bound: _Number | None = Field(default=None, description="an objective that nothing can beat")
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$")] | None = Field(
        default=None, description="letters, digits, _, . and -, its own in the suite"
    )


class SuiteFile(_Section):
    """The whole file."""

    name: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(default=None, description="for reports")
    calls: Annotated[int, Field(strict=True, ge=1, le=100_000)] = Field(description="model calls of a run")
    evaluations: Annotated[int, Field(strict=True, ge=0)] = Field(
        default=0, description="most evaluations of a run, 0 for four per call"
    )
    problems: Annotated[tuple[ProblemEntry, ...], Field(min_length=1)] = Field(description="tables [[problems]]")


def find_suite(name: str | Path) -> Suite:
    """The suite of that name, shipped or in the folder one works in, or that a file holds.

    Raises NotFound when there is none, SettingsError as `load_suite` does.
    """
    given = Path(name)
    if given.is_file():
        return load_suite(given)
    known = {file.stem: file for file in reversed(suite_files())}
    if str(name) in known:
        return load_suite(known[str(name)])
    listed = f"; there are {', '.join(sorted(known))}" if known else ""
    raise NotFound(f"suite {name} is neither a file nor the name of a suite{listed}; docs/meta.md says what one holds")


def suite_files() -> list[Path]:
    """The suites that are named by their file's name alone: of the folder one works in first, then the shipped ones."""
    roots = [Path.cwd(), Path(__file__).resolve().parents[2]]
    folders = [root / place for root in dict.fromkeys(roots) for place in PLACES]
    return [file for folder in folders if folder.is_dir() for file in sorted(folder.glob(f"*{SUFFIX}"))]


def load_suite(file: Path) -> Suite:
    """Read and check a suite with all its problems.

    Raises SettingsError with every fault: of the file itself, of a problem's folder, a name used twice, a problem
    without a ceiling.
    """
    read = _read(file)
    found: list[SuiteProblem] = []
    faults: list[str] = []
    for place, entry in enumerate(read.problems):
        try:
            found.append(_problem(file.parent, entry))
        except (ProblemError, SettingsError) as error:
            faults.append(f"problems[{place}]: {error}")
    twice = [name for name, count in Counter(problem.name for problem in found).items() if count > 1]
    faults += [f"two problems are called {name!r}; give each a name of its own" for name in twice]
    if not faults:
        faults += _overlaps(found)
    if faults:
        raise SettingsError(_listed(file, faults))
    return Suite(read.name or file.stem, read.calls, tuple(found), read.evaluations)


def _overlaps(problems: Sequence[SuiteProblem]) -> list[str]:
    """Problems that would certify on what was bred on: the same evaluator, cases and parameters under two names."""
    searched = {problem.digest: problem.name for problem in problems if problem.use is Use.SEARCH}
    return [
        f"{problem.name} is sealed, but it is the same problem as {searched[problem.digest]}, which is for search;"
        " take another problem or other parameters"
        for problem in problems
        if problem.use is Use.SEALED and problem.digest in searched
    ]


def _read(file: Path) -> SuiteFile:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"suite {file} does not exist; check the path") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"suite {file} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"suite {file} is not valid TOML: {error}") from None
    try:
        return SuiteFile.model_validate(data)
    except ValidationError as error:
        raise SettingsError(_listed(file, explain_all(error.errors(include_url=False), SuiteFile))) from None


def _listed(file: Path, faults: Sequence[str]) -> str:
    """What is wrong with a file, one line for each fault."""
    if len(faults) == 1:
        return f"suite {file}: {faults[0]}"
    return "\n  ".join([f"suite {file}: {len(faults)} faults", *faults])


def _problem(root: Path, entry: ProblemEntry) -> SuiteProblem:
    """The problem of an entry. Raises ProblemError for its folder or parameters, SettingsError for its ceiling."""
    folder = (root / entry.path).resolve()
    problem = load_problem(folder, Inputs(parameters=entry.parameters))
    objective = problem.spec.objective
    ceiling = _known_best(objective) if entry.ceiling is None else entry.ceiling
    bound = objective.bound if entry.bound is None else entry.bound
    if ceiling is None:
        raise SettingsError(
            f"{entry.path} states neither best_known, target nor bound of its {objective.metric} for these parameters;"
            " say here what counts as 1 (ceiling = ...)"
        )
    if bound is not None and objective.direction.better(ceiling, bound):
        raise SettingsError(
            f"{entry.path}: ceiling {ceiling:g} lies beyond {bound:g}, which nothing can beat; one of them is wrong"
        )
    return SuiteProblem(
        name=entry.name or _name_of(problem.name, entry.parameters),
        folder=str(folder),
        use=entry.use,
        ceiling=ceiling,
        parameters=dict(entry.parameters),
        bound=bound,
        digest=problem.digest,
        direction=objective.direction,
    )


def _known_best(objective: Objective) -> float | None:
    """What an objective says of itself: the best known value, else the target, else the bound."""
    if objective.best_known is not None:
        return objective.best_known.value
    return objective.bound if objective.target is None else objective.target


def _name_of(problem: str, parameters: Mapping[str, object]) -> str:
    given = [f"{name}-{value}" for name, value in sorted(parameters.items())]
    return _UNFIT.sub("-", "_".join([problem, *given]))
