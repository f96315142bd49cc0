"""What the author of a problem holds: the candidate behind glass."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from evolve_guest import calls
from evolve_guest.clock import OwnTime
from evolve_guest.link import GREETING, Failure, Link

CASE_BUDGET = 100
"""All calls of one case together may take this many times the limit of a single call."""
BUILD_SECONDS = 60.0
READ_SECONDS = 5.0
"""What reading a result may take beyond the call: a dict of colliding keys takes for ever."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call cost: seconds of wall time and of CPU, and resident bytes now; all seen from outside.

    `wall` is proof. `cpu` and `rss` are those of the candidate's first process with its threads: what it leaves to
    child processes is in neither. With `limits.processes = 1` there are none, and `cpu` is proof as well.
    """

    wall: float = 0.0
    cpu: float = 0.0
    rss: int = 0


@dataclass(frozen=True, slots=True)
class Completed:
    """What a command gave: its exit code, both outputs, and seconds as seen from outside."""

    returncode: int
    stdout: bytes
    stderr: bytes
    wall: float


@dataclass(frozen=True, slots=True)
class Setup:
    """What every fresh candidate of a job is given. `limits` are a job's, `rlimits` what the process sets on itself."""

    files: dict[str, str]
    entry: str
    python: bool
    limits: dict[str, Any]
    rlimits: dict[str, int]
    build: tuple[str, ...]
    command: tuple[str, ...]

    def fill(self, words: Sequence[str]) -> list[str]:
        """Put the entry's path into an argv template."""
        return [str(word).replace("{entry}", self.entry) for word in words]


class Session:
    """The candidate of one job across cases, deaths and restarts, and what it cost."""

    def __init__(self, setup: Setup, renew: Callable[[], Link], own_time: OwnTime) -> None:
        self.setup = setup
        self.wall = self.cpu = self._taken = 0.0
        self.link: Link | None = None
        self._renew = renew
        self._own_time = own_time
        self._seed = 0
        self._unsent_seed: int | None = None

    def begin(self, seed: int) -> None:
        """Start a case: nothing spent yet, and a live candidate with the program loaded. Raises Failure."""
        self.wall = self.cpu = self._taken = 0.0
        self._seed = self._unsent_seed = seed
        if self.link is None or self.link.ended is not None:
            self._load()

    def request(self, kind: int, value: object, timeout: float | None, allow_nan: bool) -> Any:
        """One timed request; the author's own clock stands still meanwhile. Raises Failure."""
        assert self.link is not None
        left = max(0.001, CASE_BUDGET * self.setup.limits["wall"] - self._taken)
        seconds = min(timeout or self.setup.limits["wall"], left)
        paused = self._own_time.pause(seconds + min(READ_SECONDS, left))
        begun = time.monotonic()
        try:
            return self.link.request(kind, value, seconds, allow_nan)
        finally:
            self._taken += time.monotonic() - begun  # the reading of the result too, which its wall time leaves out
            self._count()
            self._own_time.resume(paused)

    def call(self, name: str, args: Any, options: Any, timeout: float | None, allow_nan: bool) -> Any:
        """Call a function of the candidate; the first call of a case brings its seed."""
        seed, self._unsent_seed = self._unsent_seed, None
        return self.request(calls.CALL, (name, args, options, seed), timeout, allow_nan)

    def ran(self, reply: Any) -> tuple[int, bytes, bytes]:
        """What a command gave, as the candidate says: exit code and both outputs. Raises Failure(suspect)."""
        if type(reply) is tuple and [type(part) for part in reply] == [int, bytes, bytes]:
            return reply
        assert self.link is not None
        raise self.link.finish("suspect", "the candidate sent a malformed reply; its process was ended")

    def fresh(self) -> None:
        """Replace the process."""
        if self.link is not None and self.link.ended is None:
            self.link.check_silent()
            self.link.finish("crash", "the candidate was replaced by program.fresh()")
        self._load()

    def check_end(self) -> None:
        """At the end of a case. Raises Failure(suspect) if the candidate said something unasked or cannot be seen."""
        if self.link is not None:
            self.link.check_silent()
            self.link.rss()

    def last(self) -> Usage:
        """What the last request cost."""
        return Usage() if self.link is None else Usage(self.link.wall, self.link.cpu, self.link.rss())

    def peak(self) -> int:
        """Peak resident bytes of the present process."""
        return 0 if self.link is None else self.link.peak()

    def output(self) -> str:
        """The end of what the present process printed."""
        return "" if self.link is None else self.link.output()

    def _load(self) -> None:
        setup = self.setup
        request = {
            "files": setup.files, "entry": setup.entry, "python": setup.python, "limits": setup.rlimits,
            "seed": self._seed, "build": setup.fill(setup.build),
        }  # fmt: skip
        seconds = setup.limits["wall"] + (BUILD_SECONDS if setup.build else 0.0)
        paused = self._own_time.pause(seconds + GREETING + READ_SECONDS)
        try:
            self.link = self._renew()
            self.link.greet()
            try:
                self.link.request(calls.LOAD, request, seconds)
            except Failure as failure:
                # A program that failed to load is not half there: later calls meet the same failure.
                self.link.finish(failure.status, failure.text)
                raise
        finally:
            self._count()
            self._own_time.resume(paused)

    def _count(self) -> None:
        if self.link is not None:
            self.wall += self.link.wall
            self.cpu += self.link.cpu


class Program:
    """Looks like a module: `program.f(x)` calls the candidate's `f`. Timed, copied, plain data only.

    A failure of the candidate ends the case with that status; the author handles nothing
    (`except program.Failure` is there for those who want to).
    """

    Failure = Failure

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)

        def function(*args: Any, **options: Any) -> Any:
            return self._session.call(name, args, options, None, False)

        self.__dict__[name] = function
        return function

    def _look(self, name: str) -> Any:
        """What a name of the candidate is, in the candidate's own words; all its names for "". For foreign evaluators;
        the underscore keeps it from hiding a candidate's function."""
        return self._session.request(calls.LOOK, name, None, True)

    @property
    def files(self) -> dict[str, str]:
        """The candidate's files as `{path: text}`: what a text under search is scored by."""
        return dict(self._session.setup.files)

    @property
    def text(self) -> str:
        """The text of the candidate's entry file."""
        return self._session.setup.files[self._session.setup.entry]

    @property
    def last(self) -> Usage:
        """What the last call cost: `wall` and `cpu` seconds, `rss` bytes."""
        return self._session.last()

    def call(self, name: str, /, *args: Any, timeout: float | None = None, allow_nan: bool = False,
             **options: Any) -> Any:  # fmt: skip
        """Call a function with an own time limit in seconds, or with NaN and infinity allowed in the result."""
        return self._session.call(name, args, options, timeout, allow_nan)

    def fresh(self) -> None:
        """Drop all state: the next call meets a new process."""
        self._session.fresh()

    def reject(self, text: str) -> NoReturn:
        """End this case: the candidate's answer is wrong. The text is feedback for the next proposal."""
        raise Failure("wrong", str(text))

    def run(self, argv: Sequence[str] | None = None, stdin: bytes | str = b"",
            timeout: float | None = None) -> Completed:  # fmt: skip
        """Run the problem's command with `argv` appended (`argv` alone if it has none) beside the program's files."""
        setup = self._session.setup
        command = setup.fill([*setup.command, *(argv or ())])
        if not command:
            raise ValueError("program.run() needs argv, or a run command in problem.toml")
        raw = stdin.encode() if isinstance(stdin, str) else bytes(stdin)
        ran = self._session.request(calls.RUN, (command, raw), timeout, True)
        return Completed(*self._session.ran(ran), self.last.wall)
