"""A problem's own hostile programs: `attacks/`, each with the statuses it may end with in its first line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from evolve.domain import Program, Status
from evolve.errors import ProblemError
from evolve.problem.folder import Problem, read_text

_EXPECT = re.compile(r"expect:\s*(?P<statuses>[a-z_]+(?:\s*\|\s*[a-z_]+)*)")
_FAILURES = tuple(status for status in Status if status is not Status.VALID)


@dataclass(frozen=True, slots=True)
class Attack:
    """A program that must not score: `expect` are the statuses that count as held off."""

    name: str
    program: Program
    expect: frozenset[Status]


def load_attacks(problem: Problem) -> tuple[Attack, ...]:
    """The attacks of a problem, by name; each file takes the place of the seed's entry. Raises ProblemError."""
    folder = problem.root / "attacks"
    if not folder.is_dir():
        return ()
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    return tuple(_attack(path, problem) for path in paths)


def _attack(path: Path, problem: Problem) -> Attack:
    text = read_text(path)
    match = _EXPECT.search(text.partition("\n")[0])
    names = re.split(r"\s*\|\s*", match["statuses"]) if match else []
    known = {str(status): status for status in _FAILURES}
    if not names or any(name not in known for name in names):
        raise ProblemError(
            f'{path}: the first line must be a comment such as "# expect: wrong" with one or more (joined by |) of '
            f"{', '.join(known)}"
        )
    program = problem.seed.with_files({problem.entry: text})
    return Attack(path.stem, program, frozenset(known[name] for name in names))
