"""The Docker sandbox: one warm, hardened container per slot, one program at a time in it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from evolve.domain import Limits
from evolve.errors import EvaluatorError, SandboxUnavailable
from evolve.sandbox import owner, paths
from evolve.sandbox.attach import ContainerLine, remove
from evolve.sandbox.base import Isolation, Level, Say, SealedProblem
from evolve.sandbox.containers import Users, cpus, host_layers, options, users_of
from evolve.sandbox.daemon import LABEL, OWNER, connect
from evolve.sandbox.image import Image, ensure_image, explained
from evolve.sandbox.resident import ResidentSandbox
from evolve.sandbox.slot import Broken, Slot

JOBS_PER_CONTAINER = 500
"""What a program could have left for its successors without any trace of it ends with the container."""
_NEEDED = ("seccomp filter", "Landlock")
"""Layers without which one program could learn of the next in the same container: then each gets a container."""
_MODULE_MISSING = (
    "the image candidates run in does not have that module: list it in a requirements.txt beside problem.toml, name an"
    " image of your own as sandbox.image, or use --sandbox local"
)
_BOOT_FRAME = struct.Struct(">BI")
_BOOT = 0


class DockerSandbox(ResidentSandbox):
    """Candidates behind a container's walls and, inside them, the same locks as in the local sandbox.

    Args:
        sealed: The problem.
        slots: Jobs at once; one container more is kept warm.
        image: Used where the problem names none; the usual one when empty.
        runtime: Docker's runtime, such as `runsc`; the daemon's default when None.
        without: Layers left off, for the tests that show what each is good for.
    """

    backend = "docker"
    spares = 1
    jobs_per_slot = JOBS_PER_CONTAINER

    def __init__(self, sealed: SealedProblem, slots: int, *, image: str = "", runtime: str | None = None,
                 without: frozenset[str] = frozenset()) -> None:  # fmt: skip
        super().__init__(sealed, slots)
        self._wanted_image = image
        self._runtime = runtime
        self._without = without
        self._client: Any = None
        self._image: Image | None = None
        self._serial = itertools.count()
        self._owner = owner.here()
        self._guest = _Guest.read()
        self._cpus: int | None = None

    @property
    def containers(self) -> list[str]:
        """Ids of the containers of the slots, spares left out."""
        return [slot.line.container for slot in self._slots_open() if isinstance(slot.line, ContainerLine)]

    async def _prepare(self, say: Say) -> None:
        loop = asyncio.get_running_loop()

        def speak(text: str) -> None:
            loop.call_soon_threadsafe(say, text)

        self._client = await asyncio.to_thread(connect)
        with explained():
            await asyncio.to_thread(reap, self._client)
            self._cpus = cpus(await asyncio.to_thread(self._client.api.info))
        self._image = await asyncio.to_thread(ensure_image, self._client, self._sealed, self._wanted_image, speak)

    async def _open(self) -> Slot:
        with explained():
            return await self._opened()

    async def _opened(self) -> Slot:
        serial = next(self._serial)
        users = users_of(serial, 2 * self._count)  # as many spares as slots where each program gets a container
        container = await self._create(users)
        undo: Callable[[], Awaitable[None]] = partial(asyncio.to_thread, remove, self._client, container)
        try:
            line = await ContainerLine.attach(self._client, container)
            slot = Slot(line)
            undo = slot.close
            await asyncio.to_thread(self._client.api.start, container)
            line.write(self._guest.frame)
            await slot.set_up(self._config(users), self._secret())
        except BaseException as error:
            await asyncio.shield(undo())
            if isinstance(error, Broken):
                raise SandboxUnavailable(f"a container of image {self._tag} did not start: {error}") from error
            if isinstance(error, EvaluatorError) and "ModuleNotFoundError" in str(error):
                raise EvaluatorError(f"{error}\n{_MODULE_MISSING}") from error
            raise
        self._adjust(slot)
        return slot

    async def _create(self, users: Users) -> str:
        """A container that is not started yet; its id. One that comes after a cancellation is removed again."""
        creating = asyncio.ensure_future(asyncio.to_thread(self._create_now, users))
        try:
            return await asyncio.shield(creating)
        except asyncio.CancelledError:
            with contextlib.suppress(SandboxUnavailable):
                await asyncio.to_thread(remove, self._client, await creating)
            raise

    def _create_now(self, users: Users) -> str:
        assert self._image is not None, "containers are created between _prepare and _clean_up"
        command = [self._image.python, "-I", "-S", "-B", "-c", self._guest.bootstrap]
        labels = {LABEL: "slot", OWNER: self._owner}
        made = self._client.api.create_container(
            self._image.tag, command, labels=labels,
            **options(self._client.api, users, self._sealed.limits, self._runtime, self._without, self._cpus),
        )  # fmt: skip
        identity: str = made["Id"]
        return identity

    def _adjust(self, slot: Slot) -> None:
        """Where a layer inside is refused, no container sees a second program."""
        lacking = any(name in slot.greeting["missing"] for name in _NEEDED)
        if lacking and "per_program" not in self._without:
            self.jobs_per_slot, self.spares = 1, self._count

    async def _isolated(self, slot: Slot) -> Isolation:
        assert isinstance(slot.line, ContainerLine), "slots of this sandbox are containers"
        with explained():
            held, missing = await asyncio.to_thread(host_layers, self._client.api, slot.line.container)
        greeting = slot.greeting
        if self.jobs_per_slot == 1:
            held = (*held, "a new container per program")
        apart = self._sealed.between("evaluator and candidate as different users")
        layers = (*held, *apart, *greeting["layers"], "rlimits")
        return Isolation(self.backend, Level.CONTAINER, layers, (*greeting["missing"], *missing), self._tag)

    def _process_limit(self, limits: Limits) -> int:
        return limits.processes + 1

    async def _clean_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await asyncio.to_thread(client.close)

    @property
    def _tag(self) -> str:
        return "" if self._image is None else self._image.tag

    def _config(self, users: Users) -> dict[str, object]:
        """What even a candidate's ancestor may know."""
        sealed = self._sealed
        return {
            "users": users.as_json(),
            "without": sorted(self._without),
            "hidden": ["/etc", "/proc", "/sys", "/evaluator"],
            "packages": [] if self._image is None else list(self._image.packages),
            "preload": list(sealed.preload),
            "entry": sealed.entry,
            "python": sealed.language == "python" and not sealed.command,
            "build": list(sealed.build),
            "command": list(sealed.command),
        }

    def _secret(self) -> dict[str, object]:
        """What only the evaluator's side may know."""
        return {"files": dict(self._sealed.evaluator), "case_seed": self._sealed.case_seed}


def reap(client: Any) -> list[str]:
    """Remove the containers of engines that ran on this machine and are gone; their ids."""
    import docker.errors

    removed = []
    for found in client.api.containers(all=True, filters={"label": f"{LABEL}=slot"}):
        if owner.is_gone(found["Labels"].get(OWNER, "")):
            with contextlib.suppress(SandboxUnavailable, docker.errors.APIError):
                remove(client, found["Id"])
                removed.append(found["Id"])
    return removed


@dataclass(frozen=True, slots=True)
class _Guest:
    """What a container is started with, read once: what its interpreter runs, and the first frame that it reads."""

    bootstrap: str
    frame: bytes

    @classmethod
    def read(cls) -> _Guest:
        """From the files beside the package."""
        folder = paths.guest().parent
        sources = {"evolve_guest" if path.stem == "__init__" else f"evolve_guest.{path.stem}": path.read_text()
                   for path in sorted((folder / "evolve_guest").glob("*.py"))}  # fmt: skip
        payload = json.dumps(sources).encode()
        return cls((folder / "bootstrap.py").read_text(), _BOOT_FRAME.pack(_BOOT, len(payload)) + payload)
