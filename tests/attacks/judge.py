"""Asks a sandbox about one program of the suite and says whether what became of it is right."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from heads import LIMITS, Attack
from judge_evaluate import CASES, MODES

from evolve.domain import Program, Split, Status
from evolve.sandbox.base import CaseResult, Job, SealedProblem

ENTRY = "program.py"
Run = Callable[[Job], Awaitable[Sequence[CaseResult]]]

CONTROL = """\
import os, resource, signal, threading

def solve(numbers):
    return {"value": sum(numbers), "seen": "\\n".join(f"{name}: {value}" for name, value in look().items())}

def look():
    own, disk = os.stat("/tmp"), os.statvfs("/tmp")
    limits = {name: resource.getrlimit(number) for name, number in vars(resource).items()
              if name.startswith("RLIMIT_") and name not in ("RLIMIT_AS", "RLIMIT_DATA")}
    os.umask(mask := os.umask(0))
    return {
        "files": [sorted(_listed(place)) for place in ("/tmp", "/dev/shm", ".", "/var/tmp")],
        "marks": (oct(own.st_mode), os.listxattr("/tmp"), own.st_mtime < 1e9, own.st_atime < 1e9),
        "tmpfs": (disk.f_blocks - disk.f_bfree, disk.f_files - disk.f_ffree),
        "cwd": os.getcwd(),
        "environment": dict(os.environ),
        "limits": limits,
        "mask": mask,
        "threads": threading.active_count(),
        "priority": (os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0), sorted(os.sched_getaffinity(0))),
        "signals": [(number, str(signal.getsignal(number))) for number in signal.valid_signals()
                    if signal.getsignal(number) != signal.SIG_DFL and number != signal.SIGINT],
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "descriptors": sum(_open(number) for number in range(1024)),
    }

def _listed(place):
    try:
        return [os.path.join(place, name) for name in os.listdir(place)]
    except OSError as error:
        return [f"{place}: {error}"]

def _open(number):
    try:
        return bool(os.fstat(number))
    except OSError:
        return False
"""
"""The honest program that follows every attack: it scores, and tells all that a predecessor could have left for it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a program: the first status that is not valid, and the mean over all cases it was asked."""

    status: Status
    score: float
    escaped: int
    seconds: float
    seen: frozenset[str]
    told: str

    @classmethod
    def of(cls, results: Sequence[CaseResult], asked: int) -> Outcome:
        """A case without a result or with a failure counts 0: it never leaves the mean."""
        failed = [result for result in results if result.status is not Status.VALID]
        valid = [result.metrics for result in results if result.status is Status.VALID]
        return cls(
            status=failed[0].status if failed else Status.VALID,
            score=sum(metrics["score"] for metrics in valid) / asked,
            escaped=int(max((metrics["escaped"] for metrics in valid), default=0)),
            seconds=min((metrics["seconds"] for metrics in valid), default=0.0),
            seen=frozenset(result.artifacts.get("seen", "") for result in results),
            told=" / ".join(dict.fromkeys(result.feedback for result in results if result.feedback)),
        )


def problem(*, resident: bool = False) -> SealedProblem:
    """The judge as a problem, with numbers nobody can know."""
    text = Path(__file__).with_name("judge_evaluate.py").read_text(encoding="utf-8")
    return SealedProblem(
        name="attacks",
        evaluator={"evaluate.py": text},
        entry=ENTRY,
        case_seed=secrets.randbits(63),
        preload=("numpy",),
        resident=resident,
        limits=LIMITS,
    )


async def ask(run: Run, attack: Attack) -> list[Outcome]:
    """One outcome per round and split the program is asked on: search, and with `holdout` that one too."""
    first = CASES * MODES.index(attack.mode)
    cases = tuple(range(first, first + CASES))
    splits = (Split.SEARCH, Split.HOLDOUT) if "holdout" in attack.ways else (Split.SEARCH,)
    outcomes = []
    for split in splits * attack.rounds:
        program = Program.of({ENTRY: attack.source})
        fail_fast = "every" not in attack.ways
        job = Job(program, split, cases, seed=1, limits=attack.limits, fail_fast=fail_fast)
        outcomes.append(Outcome.of(await run(job), len(cases)))
    return outcomes


async def control(run: Run) -> Outcome:
    """The honest program, in the same slot."""
    job = Job(Program.of({ENTRY: CONTROL}), Split.SEARCH, (0,), seed=1, limits=LIMITS)
    return Outcome.of(await run(job), 1)


def faults(attack: Attack, outcomes: Sequence[Outcome]) -> list[str]:
    """What is not as the head of the program says; empty when everything holds."""
    found = []
    for outcome in outcomes:
        if outcome.status not in attack.expect:
            wanted = " or ".join(sorted(attack.expect))
            found.append(f"it ended as {outcome.status}, not as {wanted}: {outcome.told}")
        elif outcome.status is Status.VALID:
            found += _faults_of_valid(attack, outcome)
    if "holdout" in attack.ways and len(frozenset().union(*(outcome.seen for outcome in outcomes))) > 1:
        found.append(f"it can tell the splits or cases apart: {[sorted(outcome.seen) for outcome in outcomes]}")
    return found


def _faults_of_valid(attack: Attack, outcome: Outcome) -> list[str]:
    found = []
    if not attack.least <= outcome.score <= attack.most:
        found.append(f"it scored {outcome.score}, which should be {attack.least} to {attack.most}")
    if outcome.escaped > attack.escaped:
        found.append(f"it got away with {outcome.escaped} things, at most {attack.escaped}: {outcome.told}")
    if outcome.seconds < attack.seconds:
        found.append(f"a call seemed to take {outcome.seconds:.4f} s; at least {attack.seconds} s are true")
    return found
