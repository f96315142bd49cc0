"""What every backend with resident slots shares: jobs, retries, spares, and the replacing of slots that misbehaved."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from evolve.domain import Limits, Program, Split
from evolve.errors import EvaluatorError, SandboxUnavailable
from evolve.sandbox.base import CaseResult, Isolation, Job, Level, Say, SealedProblem, silent
from evolve.sandbox.request import case_result, limits_of
from evolve.sandbox.slot import Broken, Retired, Slot

_JOB_HEAD = struct.Struct(">dQIB")
_RESIDENT, _BARE, _TALK = 1, 2, 4

_CASE_BUDGET = 100.0
"""The guest gives the candidate so many times the limit of one call for a whole case."""
_BUILDERS = 16
"""Processes a build may have, whatever a program may: a compiler starts some."""
_ATTEMPTS = 2
"""Slots that may break under one job. A job that breaks each of them is given back to the engine, which has retries of
its own."""


class ResidentSandbox(ABC):
    """Evaluator and candidate in two fresh processes per job (or one resident evaluator), `slots` jobs at a time.

    A backend says how a slot is opened and what it isolates. With `spares` that many slots more are kept warm in the
    background, so that a slot that is done with (after `jobs_per_slot` jobs, or because something went wrong in it) is
    replaced at no cost to the next job.
    """

    backend: str
    spares = 0
    jobs_per_slot: int | None = None
    case_seconds = 120.0
    """Seconds a case may take besides the candidate's; the guest gives the author's own code 60."""
    grace = 30.0
    """Seconds a slot may take to end a job that is late, and again to say so; one that is silent is broken."""

    def __init__(self, sealed: SealedProblem, slots: int) -> None:
        if slots < 1:
            raise ValueError(f"slots is {slots}; a sandbox needs at least 1")
        self.isolation = Isolation(self.backend, Level.PROCESS, (), ("not started",))
        self.replaced = 0
        """Slots that were closed because something was wrong with them."""
        self._sealed = sealed
        self._count = slots
        self._started = self._serving = False
        self._slots: list[Slot | None] = [None] * slots
        self._free: asyncio.Queue[int] = asyncio.Queue()
        self._warm: list[asyncio.Task[Slot]] = []
        self._leaving: set[asyncio.Task[None]] = set()
        self._cases: dict[Split, int] = {}

    # ---------------------------------------------------------------- what a backend adds

    @abstractmethod
    async def _prepare(self, say: Say) -> None:
        """What must be there before the first slot. Raises SandboxUnavailable."""

    @abstractmethod
    async def _open(self) -> Slot:
        """A new slot, set up. Raises SandboxUnavailable, EvaluatorError."""

    @abstractmethod
    async def _isolated(self, slot: Slot) -> Isolation:
        """What a slot isolates, by its greeting. Raises SandboxUnavailable."""

    @abstractmethod
    def _process_limit(self, limits: Limits) -> int:
        """RLIMIT_NPROC of a candidate; 0 to leave it alone."""

    @abstractmethod
    async def _clean_up(self) -> None:
        """Remove what `_prepare` made, once every slot is closed."""

    # ---------------------------------------------------------------- the protocol

    async def start(self, say: Say = silent) -> None:
        """Warm every slot and fill in `isolation`.

        Raises SandboxUnavailable (cannot run here), EvaluatorError (the author's code fails).
        """
        try:
            await self._prepare(say)
            self._started = True
            self._warm = [asyncio.ensure_future(self._open()) for _ in range(self._count)]
            await asyncio.wait(self._warm)  # whatever happens now, `close` finds every slot that was opened
            opened = [task.result() for task in self._warm]
            self._slots, self._warm = [*opened], []
            self.isolation = await self._isolated(opened[0])
        except BaseException:
            await self.close()
            raise
        self._cases[Split.SEARCH] = int(opened[0].greeting["cases"])
        self._free = asyncio.Queue()
        for index in range(self._count):
            self._free.put_nowait(index)
        self._serving = True
        self._warm_spares()

    async def cases(self, split: Split) -> int:
        """How many cases the author's `cases(split)` gives."""
        if split not in self._cases:
            answer = await self._ask({"count": split.value}, _BARE, Limits(), 1)
            self._cases[split] = int(answer["count"])
        return self._cases[split]

    async def run(self, job: Job) -> tuple[CaseResult, ...]:
        """One result per case, in order."""
        limits = job.limits
        if self._sealed.build:
            limits = replace(limits, processes=max(limits.processes, _BUILDERS))
        request = {
            "files": _beside(job.program, self._sealed.companions),
            "split": job.split.value,
            "cases": list(job.cases),
            "seed": job.seed,
            "fail_fast": job.fail_fast,
            "limits": {
                **limits_of(limits, self._process_limit(limits)),
                "alone": int(job.limits.processes == 1),  # whatever its build needs
            },
        }
        # A held-out case never enters a process that lives on to serve the search.
        resident = self._sealed.resident and job.split is Split.SEARCH
        flags = _RESIDENT if resident else 0
        answer = await self._ask(request, flags, limits, len(job.cases), unused=job.unused)
        return tuple(case_result(result) for result in answer["results"])

    async def close(self) -> None:
        """End every process and remove what `start` made; a job that is still under way ends as SandboxUnavailable."""
        serving, self._started, self._serving = self._serving, False, False
        warm, self._warm = self._warm, []
        for task in warm:
            task.cancel()
        spares = await asyncio.gather(*warm, return_exceptions=True)
        slots = [*self._slots_open(), *(slot for slot in spares if isinstance(slot, Slot))]
        self._slots = [None] * self._count
        ends = await asyncio.gather(*(slot.close() for slot in slots), return_exceptions=True)
        if serving:  # a job may have been opening a slot all the while: it closes that and gives its place back
            for _ in range(self._count):
                await self._free.get()
        await asyncio.gather(*self._leaving)
        await self._clean_up()
        for end in ends:
            if end is not None:
                raise end

    # ---------------------------------------------------------------- jobs

    async def _ask(self, request: Mapping[str, object], flags: int, limits: Limits, cases: int, *,
                   unused: bool = False) -> dict[str, Any]:  # fmt: skip
        """One exchange with a free slot; an engine fault gets one more try in a fresh slot."""
        seconds = cases * (self.case_seconds + _CASE_BUDGET * limits.wall) + self.grace
        head = _JOB_HEAD.pack(seconds, limits.memory, limits.processes, flags)
        payload = head + json.dumps(request).encode()
        broken = 0
        while True:
            try:
                async with self._slot(unused=unused) as slot:
                    answer = await slot.exchange(payload, seconds + self.grace)
            except Retired:
                continue
            except Broken as error:
                broken += 1
                if broken == _ATTEMPTS:
                    raise SandboxUnavailable(f"two slots failed on the same job; the last one: {error}") from error
                continue
            if "error" in answer:
                raise EvaluatorError(f"problem {self._sealed.name!r}: {answer['error']}")
            return answer

    @contextlib.asynccontextmanager
    async def _slot(self, *, unused: bool) -> AsyncIterator[Slot]:
        """A free slot for one exchange; one whose exchange did not end well is closed."""
        place, slot = await self.take(unused=unused)
        well = False
        try:
            yield slot
            well = True
        except EvaluatorError:
            well = True
            raise
        finally:
            self.give_back(place, well=well)

    async def take(self, *, unused: bool = False) -> tuple[int, Slot]:
        """A free slot and its place, replaced beforehand if it is done with; it is the caller's until `give_back`.

        Raises SandboxUnavailable, EvaluatorError.
        """
        self._check_open()
        place = await self._free.get()
        try:
            self._check_open()
            slot = self._slots[place]
            if slot is None or self._done_with(slot, unused=unused):
                self._discard(place)
                slot = self._slots[place] = await self._fresh()
            self._check_open()
        except BaseException:
            self._discard(place)
            self._free.put_nowait(place)
            raise
        return place, slot

    def give_back(self, place: int, *, well: bool) -> None:
        """Let the next one have a slot; one with which it did not end `well` is closed."""
        if not well:
            self.replaced += 1
            self._discard(place)
        self._free.put_nowait(place)

    def conversation(self, program: Program, limits: Limits, reply: int) -> bytes:
        """A job that is a conversation with a program, for `Slot.begin`; `reply` is the most bytes of one answer."""
        limits_there = limits_of(limits, self._process_limit(limits), reply=reply, whole=True)
        request = {"talk": 1, "files": _beside(program, self._sealed.companions), "limits": limits_there}
        head = _JOB_HEAD.pack(self.case_seconds, limits.memory, limits.processes, _TALK)
        return head + json.dumps(request).encode()

    def _check_open(self) -> None:
        if not self._started:
            raise SandboxUnavailable("the sandbox is closed or was never started; call start() first")

    def _done_with(self, slot: Slot, *, unused: bool) -> bool:
        limit = self.jobs_per_slot
        return not slot.alive or (unused and slot.served > 0) or (limit is not None and slot.served >= limit)

    # ---------------------------------------------------------------- slots

    async def _fresh(self) -> Slot:
        """A slot in which nothing ran: a warm one if there is one that works, else a new one."""
        for _ in range(len(self._warm)):  # each spare is tried once: where none can be opened, a new one cannot either
            if not self._warm:
                break
            with contextlib.suppress(SandboxUnavailable, EvaluatorError):
                slot = await self._taken(self._warm.pop(0))
                if slot.alive:
                    self._warm_spares()
                    return slot
                self._leave(slot)
        slot = await self._open()
        self._warm_spares()
        return slot

    async def _taken(self, task: asyncio.Task[Slot]) -> Slot:
        """What a spare's opening gives; a cancellation ends the opening or, if that is over, the slot."""
        try:
            return await task
        except asyncio.CancelledError:
            if task.done() and not task.cancelled() and task.exception() is None:
                self._leave(task.result())
            raise

    def _warm_spares(self) -> None:
        while self._started and len(self._warm) < self.spares:
            self._warm.append(asyncio.ensure_future(self._open()))

    def _discard(self, index: int) -> None:
        slot, self._slots[index] = self._slots[index], None
        if slot is not None:
            self._leave(slot)

    def _leave(self, slot: Slot) -> None:
        """Close a slot while the work goes on; `close` waits for it."""

        async def end() -> None:
            with contextlib.suppress(SandboxUnavailable):  # what a daemon fails to remove now, the next start removes
                await slot.close()

        task = asyncio.ensure_future(end())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _slots_open(self) -> list[Slot]:
        return [slot for slot in self._slots if slot is not None]


def _beside(program: Program, companions: Mapping[str, str]) -> dict[str, str]:
    """A program's files, then those laid beside it: of two that are the same module the guest takes the last."""
    return {**{path: text for path, text in program.as_dict().items() if path not in companions}, **companions}
