"""Runs the generic cheats on the author's evaluator: none may score as an honest program does."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from evolve.domain import Program
from evolve.problem import Problem
from evolve.problem.cheat_kit.answers import TRANSFORMS
from evolve.problem.cheats import CHEATS, HONEST, UNREAD, Cheat, Claim, Gain, command_cheats, is_called, tricked
from evolve.report import figures
from evolve.report.checks.bench import Bench, Tried, not_measured
from evolve.report.checks.probe import CaseSeen
from evolve.report.findings import Finding, State
from evolve.report.text import one_line

_EQUAL = (Gain.ANY, Gain.CLAIMED)
"""What gives a cheat away without being better than the seed."""
RECHECKS = 8
"""Further looks at a cheat that seems better than the seed, where there is noise: it has to be better in all of them.

By luck, that many and one more beat all of five looks at the seed in 1 of C(14, 5) = 2,002 cases, whatever the noise.
"""
_BLAME_CHARS = 160


async def check(bench: Bench, seen: Collection[CaseSeen], among: Sequence[Cheat] = CHEATS) -> list[Finding]:
    """One finding per cheat that scores, one for those the evaluator fails on, and one for all the others.

    `among` are the cheats of programs whose functions are called.
    """
    programs = cheating_programs(bench.problem, bench.claim, seen, among)
    if is_called(bench.problem):
        control = await bench.search(tricked(bench.problem, HONEST, bench.claim))
        if bench.accepted(control) is None:
            return [_no_control(control)]
    results = dict(zip(programs, await bench.search_all(list(programs.values())), strict=True))
    _drop_unraised(bench, results)
    await _drop_unread(bench, results)
    suspected = {cheat: verdict(bench, cheat, tried) for cheat, tried in results.items()}
    found = [
        finding
        for cheat, finding in suspected.items()
        if finding is not None and (cheat.gain in _EQUAL or await _lasts(bench, programs[cheat]))
    ]
    return [*found, *_choked(results), *_summary(results, len(found)), *await _aftermath(bench)]


async def _aftermath(bench: Bench) -> list[Finding]:
    """Whether the seed still scores what it did: nothing a candidate does may outlive it in the evaluator."""
    if bench.noise:
        return []  # a look is not repeatable here, so a difference would say nothing
    after = await bench.search(bench.problem.seed)
    score, before = bench.accepted(after), bench.scores[0]
    if not after.measured or (score is not None and abs(bench.gain(score)) <= bench.tolerance):
        return []
    text = f"after the cheats the seed is {after.outcome} with {figures.objective(score)}, before them {before:.6g}"
    way_out = "keep nothing in evaluate.py's globals, or set evaluation.resident = false"
    return [Finding("state", State.FAULT, text, way_out, {"before": before, "after": score})]


def cheating_programs(
    problem: Problem, claim: Claim, seen: Collection[CaseSeen], among: Sequence[Cheat] = CHEATS
) -> dict[Cheat, Program]:
    """Every cheat that means something for this problem, as a program; all that can when nothing was seen."""
    if not is_called(problem):
        return command_cheats(problem, claim)
    return {cheat: tricked(problem, cheat.name, claim) for cheat in among if _means_something(cheat, seen)}


def _means_something(cheat: Cheat, seen: Collection[CaseSeen]) -> bool:
    if cheat.name in TRANSFORMS:
        return not seen or any(cheat.name in case.applies for case in seen)
    if cheat.name == "cached":
        return _should_differ(seen)
    return True


def _should_differ(seen: Collection[CaseSeen]) -> bool:
    """Whether some function got different inputs and gave different answers."""
    functions = {name for case in seen for name in case.calls}
    inputs = {each for case in seen for each in case.inputs}
    answers = {each for case in seen for each in case.answers}
    return len(inputs) > len(functions) and len(answers) > len(functions)


def _drop_unraised(bench: Bench, results: dict[Cheat, Tried]) -> None:
    """Where the first failure ended it all, a program that would raise on its second call may never have raised."""
    by_name = {cheat.name: cheat for cheat in results}
    odd, even = by_name.get("raising_odd"), by_name.get("raising_even")
    if odd is not None and even is not None and bench.accepted(results[odd]) is None:
        del results[even]


async def _drop_unread(bench: Bench, results: dict[Cheat, Tried]) -> None:
    """Leave out what spoils a part of the answer that the evaluator does not read anyway."""
    for cheat in [cheat for cheat in results if cheat.name in UNREAD]:
        if bench.accepted(results[cheat]) is not None:
            spoilt = bench.accepted(await bench.search(tricked(bench.problem, UNREAD[cheat.name], bench.claim)))
            if spoilt is not None and abs(bench.gain(spoilt)) <= bench.tolerance:
                del results[cheat]


async def _lasts(bench: Bench, program: Program) -> bool:
    """Whether a cheat is better than the seed in every further look; without noise there is nothing to look for."""
    for repeat in range(1, RECHECKS + 1 if bench.noise else 1):
        tried = await bench.search(program, repeat)
        score = bench.accepted(tried)
        if tried.measured and (score is None or not bench.better(score)):
            return False
    return True


def verdict(bench: Bench, cheat: Cheat, tried: Tried) -> Finding | None:
    """What is wrong when a cheat got this; None when it was held off or gained nothing."""
    score = bench.accepted(tried)
    if score is None:
        return None
    given_away = {
        Gain.ANY: bench.gain(score) >= -bench.tolerance,
        Gain.BETTER: bench.better(score),
        Gain.LUCK: bench.better(score),
        Gain.CLAIMED: math.isclose(score, bench.claim.value, rel_tol=1e-6),
    }
    if not given_away[cheat.gain]:
        return None
    unit = bench.problem.spec.objective.unit
    scores = f"{figures.objective(score, unit)} (seed {figures.objective(bench.scores[0], unit)})"
    return Finding(
        f"cheat {cheat.name}",
        State.NOTE if cheat.gain is Gain.LUCK else State.FAULT,
        f"a program that {cheat.does} is valid and scores {scores}",
        f"{cheat.remedy}{', or begin with a better seed' if cheat.gain is Gain.LUCK else ''}",
        {"score": score, "seed": bench.scores[0]},
    )


def _no_control(control: Tried) -> Finding:
    if not control.measured:
        return not_measured("cheats")
    text = f"not tried: the seed behind the check's own wrapper is {control.outcome}, so they would fail for that"
    return Finding("cheats", State.NOTE, text, "write the attacks that matter into attacks/")


def _choked(results: Mapping[Cheat, Tried]) -> list[Finding]:
    blamed = {cheat.name: tried.blame for cheat, tried in results.items() if tried.blame}
    if not blamed:
        return []
    names, last = ", ".join(blamed), one_line(next(iter(blamed.values())).strip().splitlines()[-1], _BLAME_CHARS)
    return [
        Finding(
            "evaluate.py",
            State.NOTE,
            f"fails itself on {figures.plural(len(blamed), 'cheat')} ({names}): {last}",
            "such programs count as wrong, but a sentence from program.reject() would tell the proposer what to mend",
            {"failed_on": list(blamed)},
        )
    ]


def _summary(results: Mapping[Cheat, Tried], faults: int) -> list[Finding]:
    measured = {cheat.name: tried.outcome for cheat, tried in results.items() if tried.measured}
    if not measured:
        return [not_measured("cheats")]
    held = len(measured) - faults
    late = len(results) - len(measured)
    text = f"{held} of {figures.plural(len(measured), 'generic cheat')} held off or no better than the seed"
    if late:
        text += f"; {late} not measured (time)"
    return [Finding("cheats", State.NOTE if late else State.OK, text, details={"outcomes": measured})]
