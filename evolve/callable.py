"""A Python function as a problem: the record a search needs of it, and a `Sandbox` that calls it.

There is no sandbox behind it: the function runs in this process, in a thread, and what it does with a candidate's text
is its own business. `evolve` itself executes no candidate here.
"""

from __future__ import annotations

import ast
import asyncio
import hashlib
import inspect
import math
import numbers
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evolve.domain import Direction, Program, Split, Status
from evolve.errors import EvaluatorError, ProblemError
from evolve.problem import Problem
from evolve.problem.checks import seed_faults
from evolve.problem.spec import check_spec
from evolve.sandbox.base import NO_SANDBOX, CaseResult, Isolation, Job, Level, Say, silent

SCORE, FEEDBACK = "score", "feedback"
"""What a function may call them in a dict it returns; SCORE is also the metric of the run."""
ORIGIN = "a Python function: "
"""Stands before a function's name where other runs name their problem folder."""
TRACE_CHARACTERS = 2000
"""Of the end of a traceback, as feedback."""

Scored = Callable[..., Any]
"""`evaluate(text)` or `evaluate(text, case)`, plain or async; returns a score, (score, feedback) or a dict."""


@dataclass(frozen=True, slots=True)
class Scorer:
    """What scores candidates. Without `cases` a function gets the text alone; held-out cases go to `held_out`.

    `single` is the path of the one file whose text a function gets; None when it gets all files as `{path: text}`.
    """

    evaluate: Scored
    cases: Sequence[Any] | None
    held_out: Scored | None
    held_out_cases: Sequence[Any] | None
    single: str | None

    def count(self, split: Split) -> int:
        """How many cases a split has."""
        if split is Split.SEARCH:
            return 1 if self.cases is None else len(self.cases)
        if self.held_out is None:
            return 0
        return 1 if self.held_out_cases is None else len(self.held_out_cases)

    def call(self, program: Program, split: Split, case: int) -> Any:
        """Call the function; what it returns or raises is the function's own."""
        searching = split is Split.SEARCH
        function = self.evaluate if searching else self.held_out
        cases = self.cases if searching else self.held_out_cases
        assert function is not None, "cases are counted first, and a split without a function has none"
        files = program.as_dict()
        text = files if self.single is None else files[self.single]
        return function(text) if cases is None else function(text, cases[case])


class FunctionSandbox:
    """Fulfils `Sandbox` by calling a function in a pool of threads, one per slot.

    A call cannot be ended from outside: a function bounds its own time. What it raises on a candidate, SystemExit too,
    is that candidate's crash; what it raises on the seed is an EvaluatorError with the function's own exception as its
    cause. KeyboardInterrupt alone goes through.
    """

    isolation = Isolation(NO_SANDBOX, Level.PROCESS, ("scored by a function in your own process",))

    def __init__(self, scorer: Scorer, seed: Program, slots: int) -> None:
        self._scorer = scorer
        self._seed = seed
        self._slots = slots
        self._threads: ThreadPoolExecutor | None = None

    async def start(self, say: Say = silent) -> None:
        """Make the threads."""
        self._threads = ThreadPoolExecutor(self._slots, thread_name_prefix="evaluate")

    async def cases(self, split: Split) -> int:
        """How many cases a split has."""
        return self._scorer.count(split)

    async def run(self, job: Job) -> tuple[CaseResult, ...]:
        """Score a program case by case. Raises EvaluatorError when the function fails on the seed."""
        results: list[CaseResult] = []
        for case in job.cases:
            results.append(await self._look(job, case))
            if job.fail_fast and results[-1].status is not Status.VALID:
                break
        return tuple(results)

    async def close(self) -> None:
        """Let go of the threads; a call that is under way runs to its end on its own."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def _look(self, job: Job, case: int) -> CaseResult:
        begun = time.monotonic()
        try:
            returned = await self._called(job, case)
        except (KeyboardInterrupt, asyncio.CancelledError, GeneratorExit):  # ours: the function's own never get here
            raise
        except BaseException as error:  # sys.exit() in a candidate would end the whole script without a word
            if job.program == self._seed:
                raise EvaluatorError(_raised(error)) from error
            return CaseResult(case, Status.CRASH, feedback=_end_of(error), wall=time.monotonic() - begun)
        wall = time.monotonic() - begun
        try:
            said = read(returned)
        except ValueError as error:
            if job.program == self._seed:
                raise EvaluatorError(f"on the seed, {error}") from None
            return CaseResult(case, Status.WRONG, feedback=str(error), wall=wall)
        return CaseResult(case, Status.VALID, said.metrics, said.feedback, said.artifacts, wall=wall)

    async def _called(self, job: Job, case: int) -> Any:
        loop = asyncio.get_running_loop()
        returned = await loop.run_in_executor(self._threads, self._call, job, case)
        if not inspect.isawaitable(returned):
            return returned
        try:
            return await returned
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise _as_error(error) from error

    def _call(self, job: Job, case: int) -> Any:
        try:
            return self._scorer.call(job.program, job.split, case)
        except (StopIteration, GeneratorExit, asyncio.CancelledError) as error:  # they mean something to who awaits
            raise _as_error(error) from error


@dataclass(frozen=True, slots=True)
class Said:
    """What a function returned: finite numbers by name, SCORE among them; text for proposers; other values as text."""

    metrics: Mapping[str, float]
    feedback: str
    artifacts: Mapping[str, str]


def read(returned: Any) -> Said:
    """Read what a function returned. Raises ValueError with a sentence that says what it should have."""
    if isinstance(returned, Mapping):
        return _read_mapping(returned)
    if isinstance(returned, tuple):
        if len(returned) != 2:
            raise ValueError(f"evaluate() returned {len(returned)} values; {_WANTED}")
        score, feedback = returned
        return Said({SCORE: _number(SCORE, score)}, "" if feedback is None else str(feedback), {})
    return Said({SCORE: _number(SCORE, returned)}, "", {})


_WANTED = f"return a number, (number, feedback) or a dict with {SCORE!r} and, if you like, {FEEDBACK!r}"


def _read_mapping(returned: Mapping[Any, Any]) -> Said:
    if SCORE not in returned:
        raise ValueError(f"evaluate() returned a dict without {SCORE!r} ({', '.join(map(str, returned))}); {_WANTED}")
    metrics: dict[str, float] = {}
    artifacts: dict[str, str] = {}
    for key, value in returned.items():
        if key == SCORE or (isinstance(value, numbers.Real) and key != FEEDBACK):
            metrics[str(key)] = _number(str(key), value)
        elif key != FEEDBACK:
            artifacts[str(key)] = str(value)
    feedback = returned.get(FEEDBACK)
    return Said(metrics, "" if feedback is None else str(feedback), artifacts)


def _number(name: str, value: Any) -> float:
    """A finite float from any kind of real number; True is 1, so that passing a test is a score."""
    if not isinstance(value, numbers.Real) and not _is_scalar_array(value):
        raise ValueError(f"evaluate() gave {value!r:.60} ({type(value).__name__}) as {name}; {_WANTED}")
    try:
        number = float(value)
    except (OverflowError, TypeError, ValueError):
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"evaluate() gave {value!r:.60} as {name}, which is no finite number")
    return number


def _is_scalar_array(value: Any) -> bool:
    """Whether it is an array of one number, of whatever library."""
    return getattr(value, "shape", None) == () and hasattr(value, "__float__")


def _as_error(error: BaseException) -> RuntimeError:
    said = f": {error}" if str(error) else ""
    return RuntimeError(f"the function raised {type(error).__name__}{said}")


def _raised(error: BaseException) -> str:
    said = f": {error}" if str(error) else ""
    return f"on the seed, evaluate() raised {type(error).__name__}{said}; the seed must have a score to begin with"


def _end_of(error: BaseException) -> str:
    """The end of a traceback, from the function's own frames on."""
    frames, trace = error.__traceback__, error.__traceback__
    while frames is not None:
        if frames.tb_frame.f_globals.get("__name__") == __name__:
            trace = frames.tb_next
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, trace)).strip()[-TRACE_CHARACTERS:]


@dataclass(frozen=True, slots=True)
class Task:
    """What a search by function is told besides the function; see `evolve.optimize` for what each means."""

    name: str
    statement: str
    direction: Direction
    target: float | None
    measures: tuple[Mapping[str, Any], ...]
    entry: str
    language: str


def problem_of(program: Program, scorer: Scorer, task: Task) -> Problem:
    """The problem a function poses. Raises ProblemError that lists what is wrong with the seed or the measures."""
    spec, faults = check_spec(
        {
            "name": task.name,
            "summary": f"text scored by the Python function {name_of(scorer.evaluate)}",
            "objective": {"metric": SCORE, "direction": task.direction.value, "target": task.target},
            "program": {"entry": task.entry, "language": task.language},
            "measures": [dict(measure) for measure in task.measures],
            "evaluation": {"sealed": False},
        }
    )
    faults += seed_faults(program, task.entry, task.language, None)
    if faults or spec is None:
        raise ProblemError(f"nothing can be searched: {'; '.join(faults)}")
    paths = tuple(file.path for file in program.files)
    origin = Path(f"{ORIGIN}{name_of(scorer.evaluate)}")
    digest = _digest(spec.model_dump_json(), program, scorer)
    return Problem(origin, spec, task.statement, program, {}, task.entry, task.language, paths, digest)


def name_of(function: Scored) -> str:
    """`module.name` of a function, or of the class of an object that can be called."""
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}.{named.__qualname__}"


def is_python(text: str) -> bool:
    """Whether text without a file name is Python source: it parses and defines or imports something."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    wanted = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return any(isinstance(node, wanted) for node in tree.body)


def _digest(spec: str, program: Program, scorer: Scorer) -> str:
    """SHA-256 over what can be seen of what scores depend on: the functions' source and how many cases there are.

    What a function reads from elsewhere is not in it: who goes on with a run says that this is the same.
    """
    functions = [_source(each) for each in (scorer.evaluate, scorer.held_out) if each is not None]
    counts = [str(scorer.count(split)) for split in Split]
    return hashlib.sha256("\0".join([spec, program.digest, *functions, *counts]).encode()).hexdigest()


def _source(function: Scored) -> str:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return name_of(function)
