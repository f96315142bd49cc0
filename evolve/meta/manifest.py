"""What decides every number of a campaign, as hashes by name: when one of them changes, numbers compare no more.

The host's own sources are in it, for a scaffold that could change them would score itself; a scaffold cannot, and this
shows that nobody else did either.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from evolve.errors import UserError
from evolve.genome.genome import CONTRACT
from evolve.meta.records import Suite
from evolve.sandbox import paths

FOLDERS = ("archive", "genome", "llm", "meta", "problem", "sandbox", "store")
"""Packages of which every source counts."""

MODULES = (
    "asker",
    "assembly",
    "budget",
    "config",
    "domain",
    "engine",
    "evaluate",
    "finals",
    "handout",
    "journal",
    "look",
    "models",
    "noise",
    "question",
    "recording",
    "relook",
    "replaying",
    "rivals",
    "search",
    "seen",
    "session",
    "statistics",
    "strategy",
    "talks",
    "teller",
    "timing",
    "views",
)
"""Modules of `evolve` that choose, run, score, count or test. What only shows numbers is left out, so that a campaign
outlives a new colour in a report."""

_NAMED = 5


def host_digests() -> dict[str, str]:
    """SHA-256 (hex) of each of the host's sources that decides numbers, by its path below `evolve/`.

    Read from disk each time. What runs behind the walls is under `guest/`.
    """
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(_sources())}


def manifest(suite: Suite, problems: Mapping[str, str]) -> dict[str, str]:
    """The digests of the host, the suite and its problems; `problems` are those of the loaded problems, by name."""
    given = {f"problem {name}": digest for name, digest in sorted(problems.items())}
    return {**host_digests(), "suite": suite_digest(suite), **given}


def suite_digest(suite: Suite) -> str:
    """SHA-256 (hex) of a suite: what it asks for and where it counts from, wherever its folders lie."""
    plain = asdict(suite)
    for problem in plain["problems"]:
        del problem["folder"]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def changed(old: Mapping[str, str], new: Mapping[str, str]) -> str | None:
    """A sentence that names what is not as it was, or None when all is."""
    kinds = {
        "changed": [name for name in old if name in new and old[name] != new[name]],
        "gone": [name for name in old if name not in new],
        "new": [name for name in new if name not in old],
    }
    said = [f"{', '.join(names[:_NAMED])}{_more(names)} {_is(names, kind)}" for kind, names in kinds.items() if names]
    if not said:
        return None
    return f"what decides the numbers is not what it was when the campaign began: {'; '.join(said)}"


def check(old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Raise UserError, naming what is not as it was, unless all is."""
    if said := changed(old, new):
        raise UserError(f"{said}; figures from before and after do not compare: begin another campaign")


def _is(names: list[str], kind: str) -> str:
    return kind if kind == "changed" else f"{'is' if len(names) == 1 else 'are'} {kind}"


def _more(names: list[str]) -> str:
    return f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""


def _sources() -> Iterator[tuple[str, Path]]:
    root = Path(paths.__file__).parents[1]
    for name in MODULES:
        yield f"{name}.py", root / f"{name}.py"
    for name in CONTRACT:
        yield f"scaffold/{name}", root / "scaffold" / name
    for folder in FOLDERS:
        for path in (root / folder).rglob("*.py"):
            yield path.relative_to(root).as_posix(), path
    guest = paths.guest().parent
    for path in guest.rglob("*.py"):
        yield f"guest/{path.relative_to(guest).as_posix()}", path
