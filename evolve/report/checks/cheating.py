"""Runs the generic cheats on the author's evaluator: none may score as an honest program does."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from evolve.domain import Program
from evolve.problem import Problem
from evolve.problem.cheat_kit.answers import TRANSFORMS
from evolve.problem.cheats import CHEATS, HONEST, Cheat, Claim, Gain, command_cheats, is_called, tricked
from evolve.report import figures
from evolve.report.checks.bench import Bench, Tried, not_measured
from evolve.report.checks.probe import CaseSeen
from evolve.report.findings import Finding, State
from evolve.report.text import one_line

_BLAME_CHARS = 160


async def check(bench: Bench, seen: Collection[CaseSeen]) -> list[Finding]:
    """One finding per cheat that scores or that the evaluator chokes on, and one for all the others."""
    programs = cheating_programs(bench.problem, bench.claim, seen)
    if is_called(bench.problem):
        control = await bench.search(tricked(bench.problem, HONEST, bench.claim))
        if bench.accepted(control) is None:
            return [_no_control(control)]
    results = dict(zip(programs, await bench.search_all(list(programs.values())), strict=True))
    faults = [found for cheat, tried in results.items() if (found := verdict(bench, cheat, tried)) is not None]
    return [*faults, *_choked(results), *_summary(results, len(faults))]


def cheating_programs(problem: Problem, claim: Claim, seen: Collection[CaseSeen]) -> dict[Cheat, Program]:
    """Every cheat that means something for this problem, as a program; all of them when nothing was seen."""
    if not is_called(problem):
        return command_cheats(problem, claim)
    return {cheat: tricked(problem, cheat.name, claim) for cheat in CHEATS if _means_something(cheat, seen)}


def _means_something(cheat: Cheat, seen: Collection[CaseSeen]) -> bool:
    if cheat.name in TRANSFORMS:
        return not seen or any(cheat.name in case.applies for case in seen)
    if cheat.name == "cached":
        return _should_differ(seen)
    if cheat.name in ("raising_odd", "raising_even"):
        return any(sum(case.calls.values()) > 1 for case in seen)
    return True


def _should_differ(seen: Collection[CaseSeen]) -> bool:
    """Whether some function got different inputs and gave different answers."""
    functions = {name for case in seen for name in case.calls}
    inputs = {each for case in seen for each in case.inputs}
    answers = {each for case in seen for each in case.answers}
    return len(inputs) > len(functions) and len(answers) > len(functions)


def verdict(bench: Bench, cheat: Cheat, tried: Tried) -> Finding | None:
    """What is wrong when a cheat got this; None when it was held off or gained nothing."""
    score = bench.accepted(tried)
    if score is None:
        return None
    gain = bench.gain(score)
    given_away = {
        Gain.ANY: gain >= -bench.tolerance,
        Gain.BETTER: gain > bench.tolerance,
        Gain.LUCK: gain > bench.tolerance,
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
