"""Conversations with programs behind the walls, on both backends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from docker_daemon import daemon
from sandbox_processes import descendants

from evolve.config import SandboxSettings
from evolve.domain import Limits, Program, Status
from evolve.errors import EvaluatorError, SandboxUnavailable
from evolve.sandbox.base import Level, Reply, Talk, TalkingSandbox
from evolve.sandbox.local import LocalSandbox
from evolve.sandbox.talking import (
    SlotTalks,
    chosen_talking_sandbox,
    docker_talking_sandbox,
    local_talking_sandbox,
)
from evolve.testing import ECHO, look, sealed

linux = pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")
Open = Callable[..., TalkingSandbox]

COUNTING = "said = 0\ndef answer(text):\n    global said\n    said += 1\n    return f'{said}:{text}'\n"
ALONE = Limits(wall=10, cpu=20, processes=1)
HOST = {"host/serve.py": "from pack.own import reply\nNAME = 'the host'\ndef answer(text):\n    return reply(text)\n"}

FAILING = {
    "def answer(text): return 1 / 0": (Status.CRASH, "ZeroDivisionError"),
    "def answer(": (Status.SYNTAX, "line 1"),
    "import nowhere": (Status.CRASH, "nowhere"),
    "def answer(text): raise SystemExit": (Status.CRASH, "SystemExit"),
    "import os\ndef answer(text): os._exit(3)": (Status.CRASH, "exit code 3"),
    "def answer(text): return {'text': text}": (Status.OUTPUT, "returned a dict"),
    "def answer(text): return 'x' * (4 * 1024**2 + 1)": (Status.OUTPUT, "4194304 may cross"),
    "def answer(text):\n    while True: print('x' * 9_999)": (Status.OUTPUT, "printed more"),
    "import time\ndef answer(text): time.sleep(60)": (Status.TIMEOUT, "time limit"),
    "def answer(text): return [0] * 10**12": (Status.MEMORY, "MemoryError"),
    "import os\ndef answer(text):\n    os.write(3, bytes(50))": (Status.SUSPECT, "no call"),
    "import os\ndef answer(text):\n    os.fork()\n    return ''": (Status.CRASH, "BlockingIOError"),
    "import threading\ndef answer(text):\n    threading.Thread(target=print).start()": (
        Status.CRASH,
        "start new thread",
    ),
    "import socket\ndef answer(text): socket.create_connection(('1.1.1.1', 80), 0.2)": (
        Status.CRASH,
        "PermissionError",
    ),
}
"""A program, how its first answer fails, and a piece of what is said of it."""

SNOOP = """
import os
def answer(path):
    try:
        return repr(sorted(os.listdir(path)))
    except OSError as error:
        return type(error).__name__
"""


def run(story: Callable[[], Any]) -> None:
    """An asynchronous story with an end."""

    async def bounded() -> None:
        async with asyncio.timeout(60):
            await story()

    asyncio.run(bounded())


@contextlib.asynccontextmanager
async def started(sandbox: TalkingSandbox) -> AsyncIterator[TalkingSandbox]:
    try:
        await sandbox.start()
        yield sandbox
    finally:
        await sandbox.close()


async def begun(sandbox: TalkingSandbox, program: str | Mapping[str, str], limits: Limits = ALONE) -> Talk:
    return await sandbox.talk(Program.of({"talker.py": program} if isinstance(program, str) else program), limits)


async def first_answer(sandbox: TalkingSandbox, program: str, limits: Limits = ALONE, seconds: float = 5) -> Reply:
    talk = await begun(sandbox, program, limits)
    try:
        return await talk.say("hello", seconds)
    finally:
        await talk.close()


class Conversations:
    """What every backend owes; subclasses say how one is opened."""

    def test_state_lives_as_long_as_the_conversation(self, opened: Open) -> None:
        async def story() -> None:
            async with started(opened(1)) as sandbox:
                talk = await begun(sandbox, COUNTING)
                said = [(await talk.say(f"ä{place}", 5)).text for place in range(200)]
                assert said == [f"{place + 1}:ä{place}" for place in range(200)]
                long = await talk.say("x" * 1_000_000, 5)
                assert long.text == "201:" + "x" * 1_000_000
                assert 0 < long.wall < 5
                await talk.close()
                await talk.close()
                with pytest.raises(SandboxUnavailable, match="over"):
                    await talk.say("?", 5)
                assert (await first_answer(sandbox, COUNTING)).text == "1:hello"

        run(story)

    def test_a_failure_ends_the_program_and_says_why(self, opened: Open) -> None:
        async def story() -> None:
            async with started(opened(1)) as sandbox:
                for program, (status, text) in FAILING.items():
                    talk = await begun(sandbox, program)
                    reply = await talk.say("hello", 0.5)
                    assert (reply.status, reply.text) == (status, ""), (program, reply)
                    assert text in reply.feedback, (program, reply)
                    with pytest.raises(SandboxUnavailable, match="over"):
                        await talk.say("again", 5)
                    await talk.close()
                assert (await first_answer(sandbox, COUNTING)).text == "1:hello"

        run(story)

    def test_programs_that_take_too_much(self, opened: Open) -> None:
        hog = "held = []\ndef answer(text):\n    while True: held.append(bytearray(b'x') * 4_000_000)\n"
        bomb = "import os, time\ndef answer(text):\n    while os.fork() or True: pass\n"
        burner = "def answer(text):\n    while True: pass\n"

        async def story() -> None:
            async with started(opened(1)) as sandbox:
                reply = await first_answer(sandbox, hog, Limits(memory=128 * 1024**2, processes=1))
                assert reply.status is Status.MEMORY, reply
                reply = await first_answer(sandbox, bomb, Limits(wall=10, cpu=10, processes=8))
                assert reply.status in (Status.CRASH, Status.SUSPECT, Status.TIMEOUT), reply
                reply = await first_answer(sandbox, burner, Limits(cpu=1, processes=1), 10)
                assert (reply.status, reply.wall < 5) == (Status.TIMEOUT, True), reply
                assert (await first_answer(sandbox, COUNTING)).text == "1:hello"

        run(story)

    def test_it_sees_its_own_files_and_nothing_else(self, opened: Open) -> None:
        here = str(Path(__file__).parent)

        async def story() -> None:
            async with started(opened(1)) as sandbox:
                talk = await begun(sandbox, {"talker.py": SNOOP, "data/note.txt": "mine"})
                assert (await talk.say("data", 5)).text == "['note.txt']"
                for path in (here, os.path.expanduser("~"), "/work"):
                    reply = await talk.say(path, 5)
                    assert reply.text in ("FileNotFoundError", "PermissionError"), (path, reply)
                await talk.close()

        run(story)

    def test_the_hosts_files_go_before_the_programs_own(self, opened: Open) -> None:
        forged = {"host/serve.py": "def answer(text): return 'forged'\n", "host/serve/__init__.py": "answer = None\n"}
        own = {"pack/own.py": "import host.serve\ndef reply(text): return host.serve.NAME + text\n"}

        async def story() -> None:
            async with started(opened(1, entry="host/serve.py", companions=HOST)) as sandbox:
                talk = await begun(sandbox, {**own, **forged})
                assert (await talk.say("!", 5)).text == "the host!"
                await talk.close()

        run(story)

    def test_two_conversations_do_not_see_each_other(self, opened: Open) -> None:
        spy = """
import os
def answer(word):
    seen = [name for name in os.listdir(".") if name.startswith("note")]
    open(f"note-{word}", "w").write(word)
    return str(len(seen))
"""

        async def story() -> None:
            async with started(opened(2)) as sandbox:
                one, other = await begun(sandbox, spy), await begun(sandbox, spy)
                waiting = asyncio.ensure_future(begun(sandbox, spy))
                replies = await asyncio.gather(one.say("a", 5), other.say("b", 5))
                assert [reply.text for reply in replies] == ["0", "0"], replies
                assert (await one.say("c", 5)).text == "1"
                assert not waiting.done(), "there are two slots"
                await one.close()
                third = await waiting
                assert (await third.say("d", 5)).text == "0"
                assert (await other.say("e", 5)).text == "1"

        run(story)

    def test_closing_the_sandbox_ends_what_is_under_way(self, opened: Open) -> None:
        async def story() -> None:
            sandbox = opened(2)
            with pytest.raises(SandboxUnavailable):
                await begun(sandbox, COUNTING)
            await sandbox.start()
            await begun(sandbox, COUNTING)  # never told anything
            talk = await begun(sandbox, "import time\ndef answer(text): time.sleep(60)\n")
            saying = asyncio.ensure_future(talk.say("hello", 50))
            await asyncio.sleep(0.2)
            begin = time.monotonic()
            await sandbox.close()
            with pytest.raises(SandboxUnavailable):
                await saying
            assert time.monotonic() - begin < 20
            await sandbox.close()

        run(story)


@linux
class TestLocalConversations(Conversations):
    @pytest.fixture
    def opened(self) -> Open:
        def make(slots: int, entry: str = "talker.py", companions: Mapping[str, str] | None = None) -> TalkingSandbox:
            return local_talking_sandbox(slots, entry=entry, companions=companions or {})

        return make


@pytest.mark.slow
@daemon
class TestDockerConversations(Conversations):
    @pytest.fixture
    def opened(self) -> Open:
        def make(slots: int, entry: str = "talker.py", companions: Mapping[str, str] | None = None) -> TalkingSandbox:
            return docker_talking_sandbox(slots, entry=entry, companions=companions or {})

        return make


def local() -> TalkingSandbox:
    return local_talking_sandbox(1, entry="talker.py", companions={})


@linux
def test_the_host_may_be_silent_for_longer_than_any_limit() -> None:
    """A model takes minutes to answer: no time of ours runs meanwhile, and the slot's job does not become late."""

    async def story() -> None:
        slots = LocalSandbox(sealed("def evaluate(program, case): return {'x': 1}", entry="talker.py"), 1)
        slots.case_seconds = 0.5
        async with started(SlotTalks(slots)) as sandbox:
            talk = await begun(sandbox, COUNTING, Limits(wall=0.5, cpu=1, processes=1))
            assert (await talk.say("a", 0.5)).text == "1:a"
            await asyncio.sleep(1.2)
            assert (await talk.say("b", 0.5)).text == "2:b"

    run(story)


@linux
@pytest.mark.slow
@pytest.mark.parametrize("taking", ["pass", "held.append(bytearray(b'x') * 4_000_000)"])
def test_what_a_program_takes_between_texts_is_bounded_too(taking: str) -> None:
    program = f"""
import threading
held = []
def answer(text):
    def take():
        while True: {taking}
    threading.Thread(target=take, daemon=True).start()
    return "innocent"
"""

    async def story() -> None:
        async with started(local()) as sandbox:
            talk = await begun(sandbox, program, Limits(cpu=1, memory=256 * 1024**2))
            reply = await talk.say("a", 5)
            assert reply.text == "innocent", reply
            while reply.status is Status.VALID:  # until the story's own time is over, on a machine that is busy
                await asyncio.sleep(1)
                reply = await talk.say("b", 5)
            assert reply.status in (Status.TIMEOUT, Status.MEMORY, Status.CRASH), reply
            assert (await first_answer(sandbox, COUNTING)).text == "1:hello"

    run(story)


@linux
def test_a_cancelled_text_and_a_killed_slot_cost_the_next_conversation_nothing() -> None:
    async def story() -> None:
        async with started(local()) as sandbox:
            talk = await begun(sandbox, "import time\ndef answer(text): time.sleep(60)\n")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(talk.say("hello", 50), 0.2)
            assert (await first_answer(sandbox, COUNTING)).text == "1:hello"

            talk = await begun(sandbox, COUNTING)
            for process in descendants():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            with pytest.raises(SandboxUnavailable, match="a slot failed"):
                await talk.say("hello", 5)
            assert (await first_answer(sandbox, COUNTING)).text == "1:hello"

    run(story)
    assert descendants() == []


DYING = """
import asyncio, os, signal
from evolve.domain import Limits, Program
from evolve.sandbox.talking import local_talking_sandbox

async def main():
    sandbox = local_talking_sandbox(1, entry="talker.py", companions={})
    await sandbox.start()
    talk = await sandbox.talk(Program.of({"talker.py": "def answer(text): return text"}), Limits())
    await talk.say("hello", 5)
    print("up", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@linux
def test_nothing_outlives_an_engine_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", DYING], stdout=subprocess.PIPE) as engine:
        assert engine.stdout is not None
        assert engine.stdout.readline() == b"up\n"
        left = descendants(engine.pid)
        assert len(left) >= 4
        engine.kill()
    until = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in left):
        assert time.monotonic() < until, "its processes live on"
        time.sleep(0.02)


@linux
def test_an_authors_evaluator_cannot_speak_to_the_host() -> None:
    """Only a job that is a conversation carries answers: in an ordinary one that is the evaluator's fault."""
    evaluate = """
import gc
from evolve_guest.wire import Channel
def evaluate(program, case):
    for channel in [thing for thing in gc.get_objects() if isinstance(thing, Channel)]:
        channel.send(4, bytes(8) + b"forged")
    return {"x": 1}
"""
    with pytest.raises(EvaluatorError, match="no conversation"):
        look(lambda problem: LocalSandbox(problem, 1), sealed(evaluate), ECHO)


@linux
def test_what_the_settings_choose() -> None:
    """This machine's own walls first; a container where one is asked for, with the way out where it lacks a package."""

    async def story() -> None:
        given: dict[str, Any] = {"entry": "talker.py", "companions": {}}
        async with started(chosen_talking_sandbox(SandboxSettings(backend="auto"), 1, **given)) as sandbox:
            assert sandbox.isolation.backend == "local"
            assert sandbox.isolation.level is Level.NAMESPACES
            assert (await first_answer(sandbox, COUNTING)).text == "1:hello"
        lacking = chosen_talking_sandbox(SandboxSettings(backend="local"), 1, preload=("no_such_module",), **given)
        with pytest.raises(SandboxUnavailable, match=r"no_such_module.*install it"):
            await lacking.start()

    run(story)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["local", pytest.param("docker", marks=daemon)])
def test_what_a_conversation_costs(backend: str) -> None:
    """Prints the figures (`pytest -s`): medians in ms; the bounds are those of a busy machine."""
    opened = local_talking_sandbox if backend == "local" else docker_talking_sandbox

    async def timed(action: Awaitable[object]) -> float:
        begin = time.perf_counter()
        await action
        return 1e3 * (time.perf_counter() - begin)

    async def story() -> None:
        async with started(opened(1, entry="talker.py", companions={})) as sandbox:
            costs: dict[str, list[float]] = {"open and close": [], "first text": [], "text": [], "text of 1 MB": []}
            for _ in range(20):
                begin = time.perf_counter()
                talk = await begun(sandbox, COUNTING)
                opening = 1e3 * (time.perf_counter() - begin)
                costs["first text"].append(await timed(talk.say("hello", 5)))
                costs["text"] += [await timed(talk.say("hello", 5)) for _ in range(20)]
                costs["text of 1 MB"].append(await timed(talk.say("x" * 1_000_000, 5)))
                costs["open and close"].append(opening + await timed(talk.close()))
            medians = {what: statistics.median(times) for what, times in costs.items()}
            print(backend, ", ".join(f"{what} {median:.2f} ms" for what, median in medians.items()))
            assert medians["open and close"] < 500
            assert medians["text"] < 50

    run(story)


@pytest.mark.slow
@daemon
def test_a_container_without_a_package_says_what_to_do() -> None:
    async def story() -> None:
        settings = SandboxSettings(backend="docker")
        lacking = chosen_talking_sandbox(settings, 1, entry="talker.py", companions={}, preload=("no_such_module",))
        with pytest.raises(SandboxUnavailable, match=r"no_such_module.*sandbox\.image"):
            await lacking.start()

    run(story)
