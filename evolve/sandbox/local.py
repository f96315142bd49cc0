"""The sandbox of this machine, without Docker: resident fork servers behind namespaces, Landlock and seccomp."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import struct
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from evolve.domain import Limits, Split, Status
from evolve.errors import EvaluatorError, SandboxUnavailable
from evolve.sandbox import paths
from evolve.sandbox.base import CaseResult, Isolation, Job, Level, SealedProblem
from evolve.sandbox.slot import Broken, Slot

_JOB_HEAD = struct.Struct(">dQIB")
_RESIDENT, _BARE = 1, 2
_FIRST_OUTER_USER = 60_000
"""Throw-away users outside when the engine runs as root: two per slot, below the range of user namespaces (65536)."""
_USERS = 4_000

# The guest gives a case 60 s of the author's own time and 100 times the limit of one call for the candidate.
_OWN_SECONDS, _CASE_BUDGET = 60.0, 100.0
_GRACE = 30.0
_OWN_PROCESSES = 4
"""A slot's own processes under a candidate's user."""

_WAY_OUT = (
    "allow unprivileged user namespaces (or Landlock, Linux 5.13+), or use the Docker sandbox; "
    "--allow-unsandboxed runs candidates with rlimits only, for programs you would run yourself"
)


class LocalSandbox:
    """Evaluator and candidate in two fresh processes per job (or one resident evaluator), `slots` jobs at a time.

    `strongest` caps the level that is tried: tests and measurements switch layers off with it.
    """

    def __init__(self, sealed: SealedProblem, slots: int, *, allow_unsandboxed: bool = False,
                 strongest: Level = Level.NAMESPACES) -> None:  # fmt: skip
        if slots < 1:
            raise ValueError(f"slots is {slots}; a sandbox needs at least 1")
        self.isolation = Isolation("local", Level.PROCESS, (), ("not started",))
        self._sealed = sealed
        self._count = slots
        self._allow_unsandboxed = allow_unsandboxed
        self._strongest = strongest
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._slots: list[Slot | None] = [None] * slots
        self._free: asyncio.Queue[int] = asyncio.Queue()
        self._cases: dict[Split, int] = {}

    async def start(self) -> None:
        """Warm every slot and fill in `isolation`.

        Raises SandboxUnavailable (cannot run here), EvaluatorError (the author's code fails).
        """
        self._folder = tempfile.TemporaryDirectory(prefix="evolve-sandbox-")
        try:
            self._write_evaluator()
            greetings = [await self._open(index) for index in range(self._count)]
        except BaseException:
            await self.close()
            raise
        self.isolation = _isolation(greetings[0])
        self._cases[Split.SEARCH] = int(greetings[0]["cases"])
        for index in range(self._count):
            self._free.put_nowait(index)

    async def cases(self, split: Split) -> int:
        """How many cases the author's `cases(split)` gives."""
        if split not in self._cases:
            answer = await self._ask({"count": split.value}, _BARE, Limits(), 1)
            self._cases[split] = int(answer["count"])
        return self._cases[split]

    async def run(self, job: Job) -> tuple[CaseResult, ...]:
        """One result per case, in order."""
        request = {
            "files": job.program.as_dict(),
            "split": job.split.value,
            "cases": list(job.cases),
            "seed": job.seed,
            "fail_fast": job.fail_fast,
            "limits": {**_limits(job.limits), "processes": self._process_limit(job.limits)},
        }
        # A held-out case never enters a process that lives on to serve the search.
        resident = self._sealed.resident and job.split is Split.SEARCH
        answer = await self._ask(request, _RESIDENT if resident else 0, job.limits, len(job.cases))
        return tuple(_case_result(result) for result in answer["results"])

    async def close(self) -> None:
        """End every process and remove what `start` made."""
        slots, self._slots = self._slots, [None] * self._count
        await asyncio.gather(*(slot.close() for slot in slots if slot is not None))
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    async def _ask(self, request: Mapping[str, object], flags: int, limits: Limits, cases: int) -> dict[str, Any]:
        """One exchange with a free slot; an engine fault gets one more try in a fresh slot."""
        seconds = cases * (2 * _OWN_SECONDS + _CASE_BUDGET * limits.wall) + _GRACE
        head = _JOB_HEAD.pack(seconds, limits.memory, limits.processes, flags)
        payload = head + json.dumps(request).encode()
        for attempt in (1, 2):
            try:
                async with self._slot() as slot:
                    answer = await slot.exchange(payload, seconds + _GRACE)
            except Broken as error:
                if attempt == 2:
                    raise SandboxUnavailable(f"two slots failed on the same job; the last one: {error}") from error
                continue
            if "error" in answer:
                raise EvaluatorError(f"problem {self._sealed.name!r}: {answer['error']}")
            return answer
        raise AssertionError("unreachable")

    @contextlib.asynccontextmanager
    async def _slot(self) -> AsyncIterator[Slot]:
        """A free slot, opened anew if it broke; one whose exchange did not end well is closed."""
        if self._folder is None:
            raise SandboxUnavailable("the sandbox is closed or was never started; call start() first")
        index = await self._free.get()
        try:
            slot = self._slots[index]
            if slot is None or not slot.alive:
                await self._discard(index)
                await self._open(index)
                slot = self._slots[index]
            assert slot is not None
            try:
                yield slot
            except EvaluatorError:
                raise
            except BaseException:
                await self._discard(index)
                raise
        finally:
            self._free.put_nowait(index)

    async def _open(self, index: int) -> dict[str, Any]:
        """Start a slot; its greeting."""
        slot = await Slot.launch()
        try:
            greeting = await slot.set_up(self._config(index), self._secret())
        except SandboxUnavailable as error:
            await slot.close()
            raise SandboxUnavailable(f"no sandbox on this machine ({error}); {_WAY_OUT}") from error
        except Broken as error:
            await slot.close()
            raise SandboxUnavailable(f"a sandbox slot did not start: {error}") from error
        except BaseException:
            await slot.close()
            raise
        self._slots[index] = slot
        return greeting

    async def _discard(self, index: int) -> None:
        slot, self._slots[index] = self._slots[index], None
        if slot is not None:
            await slot.close()

    def _write_evaluator(self) -> None:
        """The author's files, in a folder whose parent only we may enter; the evaluator's walls bind it."""
        root = self._root() / "evaluator"
        for name, text in self._sealed.evaluator.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        for path in [root, *root.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)

    def _root(self) -> Path:
        assert self._folder is not None
        return Path(self._folder.name)

    def _config(self, index: int) -> dict[str, object]:
        """What even a candidate's ancestor may know."""
        sealed = self._sealed
        scratch = self._root() / f"slot-{index}"
        scratch.mkdir(exist_ok=True)
        readable = paths.readable()
        first = _FIRST_OUTER_USER + 2 * index % _USERS
        return {
            "users": None,
            "without": [],
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

    def _process_limit(self, limits: Limits) -> int:
        """RLIMIT_NPROC where the kernel counts it per namespace; 0 where it would count the user's other processes."""
        counted = self.isolation.level is Level.NAMESPACES and (os.geteuid() == 0 or _kernel() >= (5, 14))
        return limits.processes + _OWN_PROCESSES if counted else 0


def _limits(limits: Limits) -> dict[str, float | int]:
    return {
        "wall": limits.wall,
        "cpu": limits.cpu,
        "memory": limits.memory,
        "output": limits.output,
        "file_size": limits.file_size,
    }


def _kernel() -> tuple[int, ...]:
    release = os.uname().release.split("-")[0].split(".")[:2]
    return tuple(int(part) for part in release if part.isdigit()) if sys.platform == "linux" else (0,)


def _isolation(greeting: Mapping[str, Any]) -> Isolation:
    layers = ("evaluator and candidate in separate processes", *greeting["layers"], "rlimits")
    return Isolation("local", Level(greeting["level"]), layers, (*greeting["missing"], "memory cgroup"))


def _storable(text: str) -> str:
    """Text any database takes: no lone surrogates, no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _case_result(result: Mapping[str, Any]) -> CaseResult:
    return CaseResult(
        case=result["case"],
        status=Status(result["status"]),
        metrics=result["metrics"],
        feedback=_storable(result["feedback"]),
        artifacts={_storable(name): _storable(text) for name, text in result["artifacts"].items()},
        wall=result["wall"],
        cpu=result["cpu"],
        peak_rss=result["rss"],
    )
