"""Ways to a scaffold's process, seen from synchronous code: behind the sandbox's walls, or a plain process of our own.

`Search` asks its scaffold and waits; the sandbox lives in an event loop. So conversations have a loop of their own, in
a thread of its own, and nobody can wait for himself.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Protocol, TypeVar

from evolve.domain import Limits, Status
from evolve.errors import SandboxUnavailable
from evolve.genome.folder import companions, laid_out, manifest_of
from evolve.genome.genome import Genome
from evolve.sandbox.base import Isolation, Reply, Say, Talk, TalkingSandbox, silent

START_SECONDS = 100.0
"""Until the first answer, in which a scaffold is loaded: Python compiles a hundred files."""

CPU_SECONDS = 3600.0
"""CPU of a conversation as a whole; a proposal of scaffold zero takes about 10 ms."""

MARGIN_SECONDS = 60.0
"""What the sandbox may need beyond the program's own time until we say that it fails."""

SLOT_SECONDS = 300.0
"""How long a conversation waits for a free slot: there is one for each that a campaign has at a time."""

T = TypeVar("T")


class Line(Protocol):
    """A conversation with one process of a scaffold."""

    def say(self, text: str, seconds: float) -> Reply:
        """The answer to a line. After a reply that is not valid the process is gone. Raises SandboxUnavailable."""
        ...

    def close(self) -> None:
        """End the process; safe to call twice."""
        ...


class Lines(Protocol):
    """Opens conversations with a scaffold, one at a time."""

    def open(self) -> Line:
        """A new process of it, without any memory of earlier ones. Raises SandboxUnavailable."""
        ...

    def close(self) -> None:
        """Give back what `open` needs, once no conversation is under way any more; safe to call twice."""
        ...


class Quarters:
    """A talking sandbox in an event loop of its own; many scaffolds may be talked with at once.

    Args:
        sandbox: Not yet started; belongs to this from now on.
    """

    def __init__(self, sandbox: TalkingSandbox) -> None:
        self._sandbox = sandbox
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def isolation(self) -> Isolation:
        """What stands between a scaffold and this machine; known once it has started."""
        return self._sandbox.isolation

    def start(self, say: Say = silent) -> None:
        """Warm the slots, unless that is done. Raises SandboxUnavailable, also once it was closed."""
        if self._closed:
            raise SandboxUnavailable("the sandbox of scaffolds is closed")
        if self._thread is not None:
            return
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scaffolds", daemon=True)
        self._thread.start()
        try:
            self._wait(self._sandbox.start(say), None)
        except BaseException:
            self.close()
            raise

    def lines(self, genome: Genome, *, alone: bool = False) -> Lines:
        """Conversations with a scaffold; `alone`: closing them closes this, too. Raises ScaffoldError."""
        return _TalkLines(self, genome, alone=alone)

    def close(self) -> None:
        """End every conversation and the loop; safe to call twice."""
        if self._closed or self._loop is None or self._thread is None:
            self._closed = True
            return
        try:
            self._wait(self._sandbox.close(), MARGIN_SECONDS)
        finally:
            self._closed = True
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(MARGIN_SECONDS)
            if not self._thread.is_alive():
                self._loop.close()

    def talk(self, genome: Genome) -> Talk:
        """A conversation behind the walls, which waits for a free slot. Raises SandboxUnavailable."""
        self.start()
        limits = Limits(wall=START_SECONDS, cpu=CPU_SECONDS, memory=manifest_of(genome).memory, processes=1)
        return self._wait(self._sandbox.talk(laid_out(genome), limits), SLOT_SECONDS)

    def say(self, talk: Talk, text: str, seconds: float) -> Reply:
        """Say something in a conversation. Raises SandboxUnavailable."""
        return self._wait(talk.say(text, seconds), seconds + START_SECONDS + MARGIN_SECONDS)

    def hang_up(self, talk: Talk) -> None:
        """End a conversation."""
        if not self._closed:
            self._wait(talk.close(), MARGIN_SECONDS)

    def _wait(self, coroutine: Coroutine[Any, Any, T], seconds: float | None) -> T:
        if self._closed or self._loop is None:
            coroutine.close()
            raise SandboxUnavailable("the sandbox of scaffolds is closed")
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise RuntimeError("the loop of the conversations cannot wait for itself")
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(seconds)
        except concurrent.futures.TimeoutError:
            if future.done():
                raise
            future.cancel()
            raise SandboxUnavailable(f"the sandbox of scaffolds did not answer within {seconds:g} s") from None
        except BaseException:
            future.cancel()
            raise


class _TalkLines:
    def __init__(self, quarters: Quarters, genome: Genome, *, alone: bool) -> None:
        manifest_of(genome)
        self._quarters = quarters
        self._genome = genome
        self._alone = alone

    def open(self) -> Line:
        return _TalkLine(self._quarters, self._quarters.talk(self._genome))

    def close(self) -> None:
        if self._alone:
            self._quarters.close()


class _TalkLine:
    def __init__(self, quarters: Quarters, talk: Talk) -> None:
        self._quarters = quarters
        self._talk = talk

    def say(self, text: str, seconds: float) -> Reply:
        return self._quarters.say(self._talk, text, seconds)

    def close(self) -> None:
        self._quarters.hang_up(self._talk)


class ProcessLines:
    """A scaffold as a plain process of this user, without any walls: for code one trusts, such as scaffold zero's.

    Args:
        genome: The scaffold.
        preload: Modules its process imports first, outside every deadline.
    """

    def __init__(self, genome: Genome, preload: tuple[str, ...] = ()) -> None:
        self._files = {**laid_out(genome).as_dict(), **companions()}
        self._preload = preload
        self._folder: Path | None = None

    def open(self) -> Line:
        """Write the files, once, and start Python there."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="evolve-scaffold-"))
            for path, text in self._files.items():
                (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
                (self._folder / path).write_text(text, encoding="utf-8", newline="")
        return _ProcessLine(self._folder, self._preload)

    def close(self) -> None:
        """Remove the files."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


class _ProcessLine:
    def __init__(self, folder: Path, preload: tuple[str, ...]) -> None:
        imports = "".join(f"import {name}\n" for name in preload)
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"{imports}from evolve.scaffold.serve import main\nmain()"],
            cwd=folder,
            env={"PYTHONPATH": str(folder), "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        self._rest = b""

    def say(self, text: str, seconds: float) -> Reply:
        """A line in, a line out. What the process has not read within the time counts as late, too."""
        began = time.monotonic()
        try:
            raw = self._exchange(text.encode("ascii") + b"\n", began + seconds)
        except BrokenPipeError:
            raw = b""
        except TimeoutError:
            self.close()
            return Reply(Status.TIMEOUT, feedback=f"no answer within {seconds:g} s", wall=seconds)
        wall = time.monotonic() - began
        if not raw:
            self.close()
            return Reply(Status.CRASH, feedback=f"the process ended with code {self._process.returncode}", wall=wall)
        return Reply(Status.VALID, raw.decode("utf-8", "replace"), wall=wall)

    def close(self) -> None:
        """End the process and its pipes."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def _exchange(self, data: bytes, until: float) -> bytes:
        """Write a line and read one; b"" when the process ended. Raises TimeoutError, BrokenPipeError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        out, back = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(out, False)
        while b"\n" not in self._rest:
            readable, writable, _ = select.select([back], [out] if data else [], [], max(0.0, until - time.monotonic()))
            if not readable and not writable:
                raise TimeoutError
            if writable:
                data = data[os.write(out, data) :]
            if readable:
                piece = os.read(back, 1 << 20)
                if not piece:
                    return b""
                self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line
