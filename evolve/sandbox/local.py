"""The sandbox of this machine, without Docker: resident fork servers behind namespaces, Landlock and seccomp."""

from __future__ import annotations

import importlib.metadata
import itertools
import os
import re
import sys
from pathlib import Path

from evolve.domain import Limits
from evolve.errors import SandboxUnavailable
from evolve.sandbox import paths
from evolve.sandbox.base import Isolation, Level, Say, SealedProblem
from evolve.sandbox.folder import OwnFolder
from evolve.sandbox.line import ProcessLine
from evolve.sandbox.resident import ResidentSandbox
from evolve.sandbox.slot import Broken, Slot

_FIRST_OUTER_USER = 60_000
"""Throw-away users outside when the engine runs as root: two per slot, below the range of user namespaces (65536)."""
_USERS = 4_000
_OWN_PROCESSES = 4
"""A slot's own processes under a candidate's user."""

_WAY_OUT = (
    "allow unprivileged user namespaces (or Landlock, Linux 5.13+), or use the Docker sandbox; "
    "--allow-unsandboxed runs candidates with rlimits only, for programs you would run yourself"
)


class LocalSandbox(ResidentSandbox):
    """Candidates behind this kernel's own walls.

    `strongest` caps the level that is tried and `without` names layers that are left off, both for the tests and
    measurements that show what each is good for.
    """

    backend = "local"

    def __init__(self, sealed: SealedProblem, slots: int, *, allow_unsandboxed: bool = False,
                 strongest: Level = Level.NAMESPACES, without: frozenset[str] = frozenset()) -> None:  # fmt: skip
        super().__init__(sealed, slots)
        self._allow_unsandboxed = allow_unsandboxed
        self._strongest = strongest
        self._without = without
        self._folder: OwnFolder | None = None
        self._serial = itertools.count()

    async def _prepare(self, say: Say) -> None:
        """Write the author's files where only we may enter; the evaluator's walls bind the folder."""
        _check_requirements(self._sealed.requirements)
        self._folder = OwnFolder()
        root = self._root() / "evaluator"
        for name, text in self._sealed.evaluator.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        for path in [root, *root.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)

    async def _open(self) -> Slot:
        slot = Slot(await ProcessLine.start())
        try:
            await slot.set_up(self._config(next(self._serial)), self._secret())
        except SandboxUnavailable as error:
            await slot.close()
            raise SandboxUnavailable(f"no sandbox on this machine ({error}); {_WAY_OUT}") from error
        except Broken as error:
            await slot.close()
            raise SandboxUnavailable(f"a sandbox slot did not start: {error}") from error
        except BaseException:
            await slot.close()
            raise
        return slot

    async def _isolated(self, slot: Slot) -> Isolation:
        greeting = slot.greeting
        apart = self._sealed.between("evaluator and candidate in separate processes")
        layers = (*apart, *greeting["layers"], "rlimits")
        return Isolation(self.backend, Level(greeting["level"]), layers, (*greeting["missing"], "memory cgroup"))

    def _process_limit(self, limits: Limits) -> int:
        """RLIMIT_NPROC where the kernel counts it per namespace; 0 where it would count the user's other processes."""
        counted = self.isolation.level is Level.NAMESPACES and (os.geteuid() == 0 or _kernel() >= (5, 14))
        return limits.processes + _OWN_PROCESSES if counted else 0

    async def _clean_up(self) -> None:
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.remove()

    def _root(self) -> Path:
        assert self._folder is not None, "slots are opened between _prepare and _clean_up"
        return self._folder.path

    def _config(self, serial: int) -> dict[str, object]:
        """What even a candidate's ancestor may know."""
        sealed = self._sealed
        scratch = self._root() / f"slot-{serial}"
        scratch.mkdir()
        readable = paths.readable()
        first = _FIRST_OUTER_USER + 2 * serial % _USERS
        return {
            "users": None,
            "without": sorted(self._without),
            "strongest": self._strongest.value,
            "allow_unsandboxed": self._allow_unsandboxed,
            "readable": readable,
            "hidden": paths.hidden(readable),
            "outer": [first, first + 1] if os.geteuid() == 0 else [os.geteuid()] * 2,
            "sys_path": paths.packages(),
            "preload": list(sealed.preload),
            "scratch": str(scratch),
            "entry": sealed.entry,
            "python": sealed.language == "python" and not sealed.command,
            "build": list(sealed.build),
            "command": list(sealed.command),
        }

    def _secret(self) -> dict[str, object]:
        """What only the evaluator's side may know."""
        return {"folder": str(self._root() / "evaluator"), "case_seed": self._sealed.case_seed}


def _check_requirements(text: str) -> None:
    """Raise SandboxUnavailable when a package of requirements.txt is not installed here."""
    from evolve.sandbox.images.layer import parsed

    names = [match[0] for line in parsed(text) if (match := re.match(r"[A-Za-z0-9._-]+", line))]
    missing = [name for name in names if not _is_installed(name)]
    if missing:
        raise SandboxUnavailable(
            f"requirements.txt asks for {', '.join(missing)}, which this Python does not have: install it with pip, or"
            " use --sandbox docker, which puts it into an image"
        )


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _kernel() -> tuple[int, ...]:
    release = os.uname().release.split("-")[0].split(".")[:2]
    return tuple(int(part) for part in release if part.isdigit()) if sys.platform == "linux" else (0,)
