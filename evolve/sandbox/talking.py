"""Programs that are talked with: a slot held for a whole conversation, the program behind the walls of a candidate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from evolve.config import SandboxSettings
from evolve.domain import Limits, Program, Status
from evolve.errors import EvaluatorError, SandboxUnavailable
from evolve.sandbox.base import NO_SANDBOX, Isolation, Level, Reply, Say, SealedProblem, Talk, TalkingSandbox, silent
from evolve.sandbox.request import storable
from evolve.sandbox.resident import ResidentSandbox
from evolve.sandbox.slot import Broken, Retired, Slot

LINE_BYTES = 4 * 1024**2
"""The longest answer."""
_ATTEMPTS = 2
"""Slots that may break while a conversation begins."""
_BEGIN_SECONDS = 30.0
"""A slot may take to begin one; measured 5 ms."""
_OWN_SECONDS = 30.0
"""What the guest may take for a turn besides the program: a fork that is slow to stand behind its locks, an end."""
_FAREWELL_SECONDS = 30.0

_NOBODY = {"evaluate.py": "def evaluate(program, case):\n    program.reject('this program is talked with')\n"}
"""Of a slot's two sides the trusted one belongs to the guest alone here: no author's code takes part."""


class SlotTalk:
    """A conversation in a slot of its own. `give_back` takes whether the slot can serve on."""

    def __init__(self, slot: Slot, loading: float, give_back: Callable[[bool], None]) -> None:
        self._slot = slot
        self._own = loading + _OWN_SECONDS
        self._give_back = give_back
        self._over = False
        self._turn = asyncio.Lock()

    async def say(self, text: str, seconds: float) -> Reply:
        """The program's answer to a text. After a reply that is not valid the program is gone.

        Raises SandboxUnavailable when the sandbox fails, or when the conversation is over.
        """
        async with self._turn:
            if self._over:
                raise SandboxUnavailable("this conversation is over: its program ended or it was closed; open another")
            turn = seconds + self._own
            try:
                said = await self._slot.say(text, seconds, turn, turn + _OWN_SECONDS)
            except EvaluatorError as error:  # the guest's own side of it ended; the slot has cleared up
                self._end(well=True)
                return Reply(Status.CRASH, feedback=storable(str(error)))
            except Broken as error:
                self._end(well=False)
                raise SandboxUnavailable(f"a slot failed in a conversation: {error}") from error
            except BaseException:
                self._end(well=False)
                raise
            if said.status:
                self._end(well=True)
                return Reply(Status(said.status), feedback=storable(said.feedback), wall=said.wall)
            return Reply(Status.VALID, said.text, wall=said.wall)

    async def close(self) -> None:
        """End the program and give the slot back; a text that is under way ends as SandboxUnavailable."""
        if self._turn.locked():
            self._end(well=False)
            return
        async with self._turn:
            if self._over:
                return
            well = False
            try:
                await self._slot.bid_farewell(_FAREWELL_SECONDS)
                well = True
            except EvaluatorError:
                well = True
            except Broken:
                well = False
            finally:
                self._end(well=well)

    def _end(self, *, well: bool) -> None:
        if not self._over:
            self._over = True
            self._give_back(well)


class SlotTalks:
    """Fulfils `TalkingSandbox` with the slots of an ordinary sandbox, made for nothing else."""

    def __init__(self, sandbox: ResidentSandbox) -> None:
        self._sandbox = sandbox
        self._open: dict[int, SlotTalk] = {}
        self._closing = False

    @property
    def isolation(self) -> Isolation:
        """What it isolates; known once it has started."""
        return self._sandbox.isolation

    async def start(self, say: Say = silent) -> None:
        """Warm every slot. Raises SandboxUnavailable."""
        self._closing = False
        try:
            await self._sandbox.start(say)
        except EvaluatorError as error:
            raise SandboxUnavailable(_without_package(str(error), self._sandbox.backend)) from error

    async def talk(self, program: Program, limits: Limits) -> Talk:
        """A conversation with a program, which the first text loads within `limits.wall` seconds.

        `limits.cpu` and `limits.memory` are those of the whole conversation, `cpu` those of one process: with
        `limits.processes` 1 it starts no other, nor a thread. Waits for a free slot. Raises SandboxUnavailable.
        """
        job = self._sandbox.conversation(program, limits, LINE_BYTES)
        broken = 0
        while True:
            place, slot = await self._sandbox.take()
            try:
                await slot.begin(job, _BEGIN_SECONDS)
            except Retired:
                self._sandbox.give_back(place, well=False)
            except (Broken, EvaluatorError) as error:
                self._sandbox.give_back(place, well=False)
                broken += 1
                if broken == _ATTEMPTS:
                    raise SandboxUnavailable(f"two slots failed to begin a conversation: {error}") from error
            except BaseException:
                self._sandbox.give_back(place, well=False)
                raise
            else:
                if not self._closing:
                    return self._talk(place, slot, limits)
                self._sandbox.give_back(place, well=False)

    async def close(self) -> None:
        """End every conversation and remove what `start` made; safe to call twice."""
        self._closing = True  # a conversation that begins just now gives its slot back
        await asyncio.gather(*(talk.close() for talk in list(self._open.values())))
        await self._sandbox.close()

    def _talk(self, place: int, slot: Slot, limits: Limits) -> SlotTalk:
        def give_back(well: bool) -> None:
            del self._open[place]
            self._sandbox.give_back(place, well=well)

        self._open[place] = SlotTalk(slot, limits.wall, give_back)
        return self._open[place]


class FirstTalkingSandbox:
    """Fulfils `TalkingSandbox` with the first of several that starts."""

    def __init__(self, makers: Sequence[Callable[[], TalkingSandbox]]) -> None:
        self._makers = makers
        self._chosen: TalkingSandbox | None = None

    @property
    def isolation(self) -> Isolation:
        """The chosen one's."""
        if self._chosen is None:
            return Isolation(NO_SANDBOX, Level.PROCESS, (), ("not started",))
        return self._chosen.isolation

    async def start(self, say: Say = silent) -> None:
        """Start one after the other until one does. Raises SandboxUnavailable with the reasons of all."""
        reasons = []
        for make in self._makers:
            sandbox = make()
            try:
                await sandbox.start(say)
            except SandboxUnavailable as error:
                reasons.append(str(error))
            else:
                self._chosen = sandbox
                return
        raise SandboxUnavailable("; ".join(reasons))

    async def talk(self, program: Program, limits: Limits) -> Talk:
        """A conversation in the chosen one."""
        if self._chosen is None:
            raise SandboxUnavailable("the sandbox was never started; call start() first")
        return await self._chosen.talk(program, limits)

    async def close(self) -> None:
        """End the chosen one."""
        if self._chosen is not None:
            await self._chosen.close()


def local_talking_sandbox(
    slots: int,
    *,
    entry: str,
    companions: Mapping[str, str],
    preload: tuple[str, ...] = (),
    allow_unsandboxed: bool = False,
    strongest: Level = Level.NAMESPACES,
) -> TalkingSandbox:
    """Conversations behind this kernel's own walls, with this Python's packages.

    `entry` is the path, among a program's files and the `companions` laid beside it (which go before the program's
    own), of a module with `answer(text: str) -> str`; `preload` names modules to import once, before any program.
    """
    from evolve.sandbox.local import LocalSandbox

    sealed = _sealed(entry, companions, preload, Limits())
    return SlotTalks(LocalSandbox(sealed, slots, allow_unsandboxed=allow_unsandboxed, strongest=strongest))


def docker_talking_sandbox(
    slots: int,
    *,
    entry: str,
    companions: Mapping[str, str],
    preload: tuple[str, ...] = (),
    limits: Limits | None = None,
    image: str = "",
    runtime: str | None = None,
) -> TalkingSandbox:
    """Conversations in containers, which are sized by `limits`; the rest as in `local_talking_sandbox`."""
    from evolve.sandbox.docker import DockerSandbox

    sealed = _sealed(entry, companions, preload, limits or Limits())
    return SlotTalks(DockerSandbox(sealed, slots, image=image, runtime=runtime))


def chosen_talking_sandbox(
    settings: SandboxSettings,
    slots: int,
    *,
    entry: str,
    companions: Mapping[str, str],
    preload: tuple[str, ...] = (),
    limits: Limits | None = None,
) -> TalkingSandbox:
    """The one the settings want, not yet started.

    With `auto` this machine's own kernel goes first, because its Python has the packages; containers where there are
    no such walls; and rlimits alone last, where a person allowed that.
    """

    def local(allowed: bool = False) -> TalkingSandbox:
        return local_talking_sandbox(
            slots, entry=entry, companions=companions, preload=preload, allow_unsandboxed=allowed
        )

    def docker() -> TalkingSandbox:
        image, runtime = settings.image or "", settings.runtime
        return docker_talking_sandbox(
            slots, entry=entry, companions=companions, preload=preload, limits=limits, image=image, runtime=runtime
        )

    def unwalled() -> TalkingSandbox:
        return local(allowed=True)

    if settings.backend == "docker" or (settings.backend == "auto" and settings.runtime is not None):
        return docker()
    if settings.backend == "local":
        return local(settings.allow_unsandboxed)
    return FirstTalkingSandbox([local, docker, *([unwalled] if settings.allow_unsandboxed else [])])


def _sealed(entry: str, companions: Mapping[str, str], preload: tuple[str, ...], limits: Limits) -> SealedProblem:
    return SealedProblem(
        name="conversation", evaluator=_NOBODY, entry=entry, companions=companions, preload=preload, limits=limits
    )


def _without_package(text: str, backend: str) -> str:
    if backend != "docker":
        return f"{text}; install it with pip"
    what = text.partition("\n")[0]  # what follows speaks of a problem's files
    return f"{what}; name an image of your own that has it as sandbox.image, or use --sandbox local"
