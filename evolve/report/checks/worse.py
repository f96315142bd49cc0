"""Whether the score reacts to the program: the seed, changed a little and spoilt, should mostly score worse."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence

from evolve.archive.measures import normalised_digest
from evolve.domain import Evaluation, Program, Status
from evolve.problem import Problem
from evolve.problem.cheats import DEGRADED, Claim, is_called, tricked
from evolve.report import figures
from evolve.report.checks.bench import Bench, Tried, not_measured
from evolve.report.findings import Finding, State
from evolve.scaffold.literals import literals, rewrite
from evolve.scaffold.operators import OPERATORS, Ground
from evolve.scaffold.pyspan import compiles

CHANGED = 24
"""Programs with an edit; a few with spoilt answers come on top."""
LEAST = 4
"""Fewer programs than this say nothing."""
_ATTEMPTS = 8 * CHANGED


async def check(bench: Bench) -> tuple[list[Finding], list[Evaluation]]:
    """What changed programs score, and their valid evaluations."""
    programs = [*changed_programs(bench.problem), *spoilt_programs(bench.problem, bench.claim)]
    tried = [each for each in await bench.search_all(programs) if each.measured]
    valid = [each.evaluation for each in tried if each.evaluation is not None and each.evaluation.objective is not None]
    return [_reaction(bench, tried, len(programs))], valid


def changed_programs(problem: Problem, count: int = CHANGED) -> list[Program]:
    """The seed with all its numbers zeroed, and with random edits of the built-in operators; all different."""
    known = {normalised_digest(problem.seed, problem.language)}
    made: list[Program] = []
    for program in _edited(problem):
        digest = normalised_digest(program, problem.language)
        if digest not in known:
            known.add(digest)
            made.append(program)
        if len(made) == count:
            break
    return made


def spoilt_programs(problem: Problem, claim: Claim) -> list[Program]:
    """Programs that answer as the seed does, spoilt: half of every number, the other way round, zero."""
    if not is_called(problem):
        return []
    return [tricked(problem, trick, claim) for trick in DEGRADED]


def _edited(problem: Problem) -> Iterator[Program]:
    texts = {path: text for path, text in problem.seed.as_dict().items() if path in problem.editable}
    for path, text in texts.items():
        zeroed = {literal: literal.write(0.0) for literal in literals(text, path.endswith(".py"))}
        yield problem.seed.with_files({path: rewrite(text, zeroed)})
    for attempt in range(_ATTEMPTS):
        rng = random.Random(f"check:{attempt}")
        path = rng.choice(list(texts))
        ground = Ground(texts[path], path.endswith(".py"))
        operator = rng.choice([operator for operator in OPERATORS if operator.fits(ground)])
        change = operator.edit(ground, rng)
        if change is not None and (not ground.python or compiles(change.text)):
            yield problem.seed.with_files({path: change.text})


def _reaction(bench: Bench, tried: Sequence[Tried], made: int) -> Finding:
    topic = "reaction"
    if made < LEAST:
        return Finding(topic, State.NOTE, "not measured: the seed offers nothing to change")
    if len(tried) < LEAST:
        return not_measured(topic)
    counts = Counter(_kind(bench, each) for each in tried)
    details = {kind: counts[kind] for kind in ("worse", "same", "better", "rejected", "failed")}
    if counts["same"] >= LEAST and not counts["worse"] + counts["better"]:
        text = f"the score does not react to the program: {counts['same']} changed programs score as the seed does"
        way_out = "compute the metric from what the program answers; if noise hides it, raise stages.repeats"
        if counts["rejected"]:
            text, way_out = f"{text}, {counts['rejected']} are wrong", "a finer metric would show which change helps"
        return Finding(topic, State.NOTE if counts["rejected"] else State.FAULT, text, way_out, details)
    text = (
        f"of {figures.plural(len(tried), 'changed program')} {counts['worse']} score worse than the seed, "
        f"{counts['same']} the same, {counts['better']} better; "
        f"wrong: {counts['rejected']}, failing: {counts['failed']}"
    )
    if counts["better"] and not counts["worse"]:
        way_out = "a changed program should mostly be worse: see whether objective.direction is right"
        return Finding(topic, State.NOTE, text, way_out, details)
    return Finding(topic, State.OK, text, details=details)


def _kind(bench: Bench, tried: Tried) -> str:
    """How a program compares with the seed; a crash says nothing of the evaluator, a rejected answer does."""
    score = bench.accepted(tried)
    if score is None:
        return "rejected" if tried.blame or tried.outcome == Status.WRONG else "failed"
    gain = bench.gain(score)
    if abs(gain) <= bench.tolerance:
        return "same"
    return "better" if gain > 0 else "worse"
