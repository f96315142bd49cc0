"""Looks at this machine as a run would find it: Python, packages, sandbox, database. Changes nothing."""

from __future__ import annotations

import asyncio
import os
import platform
import re
import shutil
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evolve.config import Settings
from evolve.errors import DatabaseError, EvaluatorError, SandboxUnavailable
from evolve.report import figures
from evolve.report.dockerd import docker_server
from evolve.report.findings import Finding, State
from evolve.report.text import one_line
from evolve.sandbox.base import Isolation, Level, SealedProblem

if TYPE_CHECKING:
    from sqlalchemy import URL

SHOWN = ("evolve", "litellm", "ribs", "numpy", "scipy", "sqlalchemy")
"""Packages whose versions are printed; `--json` has all that are required."""
MALICIOUS = frozenset({("litellm", "1.82.7"), ("litellm", "1.82.8")})
"""Uploads of 24 March 2026 that steal credentials."""
LOW_DISK = 2**30
"""Bytes free below which the disk is worth a note: a long run with models writes some hundred megabytes."""

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"extra\s*==")
_STRONG = frozenset({Level.CONTAINER, Level.NAMESPACES})
_TRIAL = SealedProblem(
    name="doctor",
    evaluator={"evaluate.py": "def evaluate(program, case):\n    return {'score': 0.0}\n"},
    entry="program",
)


def python() -> Finding:
    """The interpreter, the system and its processors."""
    version, system = platform.python_version(), f"{platform.system()} {platform.release()}"
    cores = os.cpu_count() or 1
    text = f"{version}, {system}, {figures.plural(cores, 'processor')}"
    details = {"version": version, "executable": sys.executable, "system": system, "processors": cores}
    return Finding("python", State.OK, text, details=details)


def packages() -> Finding:
    """Whether everything evolve requires is installed."""
    required = [_NAME.match(each) for each in metadata.requires("evolve") or () if not _EXTRA.search(each)]
    names = ["evolve", *(match[0].lower() for match in required if match is not None)]
    found = {name: _version(name) for name in [*names, "psycopg"]}
    missing = [name for name in names if found[name] is None]
    bad = [f"{name} {found[name]}" for name in names if (name, found[name]) in MALICIOUS]
    shown = ", ".join(f"{name} {found[name]}" for name in SHOWN if found.get(name))
    details = {"versions": found}
    if bad:
        way_out = "uninstall it, change every key this machine has held, then: pip install --force-reinstall evolve"
        return Finding("packages", State.FAULT, f"{', '.join(bad)} is a malicious release", way_out, details)
    if missing:
        text = f"not installed: {', '.join(missing)}"
        return Finding("packages", State.FAULT, text, "pip install --force-reinstall evolve", details)
    return Finding("packages", State.OK, shown, details=details)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


async def sandbox(settings: Settings) -> Finding:
    """Starts the sandbox a run would get, for a problem of no account, and says what it isolates."""
    from evolve.assembly import chosen_sandbox

    one = settings.model_copy(update={"workers": settings.workers.model_copy(update={"evaluations": 1})})
    trial = chosen_sandbox(_TRIAL, one)
    began = time.monotonic()
    try:
        await trial.start()
    except (SandboxUnavailable, EvaluatorError) as error:
        return Finding("sandbox", State.FAULT, one_line(str(error), 400))
    finally:
        await trial.close()
    return _isolated(trial.isolation, time.monotonic() - began)


def _isolated(isolation: Isolation, seconds: float) -> Finding:
    details = {
        "backend": isolation.backend,
        "level": isolation.level.value,
        "layers": list(isolation.layers),
        "missing": list(isolation.missing),
        "seconds": seconds,
    }
    strong = isolation.level in _STRONG
    way_out = "" if strong else "allow unprivileged user namespaces (sysctl) for the stronger level, namespaces"
    return Finding("sandbox", State.OK if strong else State.NOTE, isolation.sentence(), way_out, details)


def database(named: str | None) -> Finding:
    """The database a command here would use: `named` by the person, or the one of this folder."""
    from evolve.store.connect import parse_url, shown

    try:
        url = parse_url(named)
        return _file(url) if url.drivername == "sqlite" else _opened(url, f"{shown(url)} answers", {})
    except DatabaseError as error:
        return Finding("database", State.FAULT, one_line(str(error), 400))


def _file(url: URL) -> Finding:
    path = Path(str(url.database)).absolute()
    folder = path.parent
    if not folder.is_dir():
        return Finding("database", State.FAULT, f"its folder {one_line(str(folder))} does not exist", "create it")
    free = shutil.disk_usage(folder).free
    details = {"path": str(path), "exists": path.exists(), "free": free}
    room = f"{free / 2**30:.1f} GiB free"
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        text = f"{one_line(str(path))} or its folder cannot be written"
        return Finding("database", State.FAULT, text, "name another one with --db FILE or EVOLVE_DB", details)
    if not path.exists():
        return _roomy(Finding("database", State.OK, f"{path.name}: none here yet, a run makes it; {room}", "", details))
    return _roomy(_opened(url, f"{path.name}, {room}", details))


def _roomy(finding: Finding) -> Finding:
    if finding.state is not State.OK or finding.details["free"] >= LOW_DISK:
        return finding
    return Finding(finding.topic, State.NOTE, finding.text, "little room is left on this disk", finding.details)


def _opened(url: URL, text: str, details: dict[str, Any]) -> Finding:
    """Look into a database that is there. Raises DatabaseError when it cannot be used."""
    from evolve.store import open_store, schema
    from evolve.store.connect import connect, explained, shown

    engine = connect(url, create=False, read_only=True)
    try:
        with explained(url), engine.connect() as connection:
            revision = schema.revision_of(connection)
    finally:
        engine.dispose()
    details = {**details, "database": shown(url), "revision": revision}
    if revision is None:
        return Finding("database", State.NOTE, f"{text}; no tables of evolve in it yet, a run makes them", "", details)
    if revision not in schema.REVISIONS:
        schema.check_revision(revision, shown(url))
    if revision != schema.REVISIONS[-1]:
        way_out = "resume a run or start one in it to upgrade it"
        older = f"{text}; schema {revision}, this evolve has {schema.REVISIONS[-1]}"
        return Finding("database", State.NOTE, older, way_out, details)
    with open_store(url.render_as_string(hide_password=False), create=False, read_only=True) as store:
        newest = store.runs(1)
    held = f"latest run {newest[0].id}" if newest else "no runs yet"
    return Finding("database", State.OK, f"{text}; {held}, schema {revision}", details=details)


async def look_around(settings: Settings, database_name: str | None) -> list[Finding]:
    """Everything about this machine, in the order it is shown."""
    walls, containers, store = await asyncio.gather(
        sandbox(settings), docker_server(), asyncio.to_thread(database, database_name)
    )
    return [python(), packages(), walls, containers, store]
