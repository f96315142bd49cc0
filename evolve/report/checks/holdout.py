"""Whether held-out cases are held out, and whether the evaluator's files are out of a program's reach."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

from evolve.domain import Evaluation, Split
from evolve.problem import Problem
from evolve.problem.cheats import is_called, tricked
from evolve.problem.foreign.laying import FOLDER
from evolve.report import figures
from evolve.report.checks.bench import Bench, not_measured
from evolve.report.checks.probe import CaseSeen, told
from evolve.report.checks.spec import foreign_evaluator
from evolve.report.findings import Finding, State
from evolve.report.text import one_line

SPY_SECONDS = 1.0
"""How long a program looks around, if its time limit allows."""
FEEDBACK_CHARS = 300


def score(bench: Bench, holdout: Evaluation | None) -> Finding:
    """What the seed gets on held-out cases, if there are any."""
    unit = bench.problem.spec.objective.unit
    if holdout is None:
        return _none_held_out(bench.problem)
    if holdout.objective is None:
        text = f"the seed program fails on held-out cases ({holdout.status})"
        return Finding("held out", State.FAULT, text, one_line(holdout.feedback, FEEDBACK_CHARS))
    estimate = holdout.objective
    return Finding(
        "held out", State.OK, f"{figures.objective(estimate.mean, unit)} over {figures.plural(estimate.n, 'case')}"
    )


def _none_held_out(problem: Problem) -> Finding:
    why, way_out = "cases('holdout') gives none", "return other cases of the same kind"
    if name := foreign_evaluator(problem):
        why = f"a folder made for another framework has none beside its {name}"
        way_out = "evolve import makes a native folder of it, whose evaluate.py can give them"
    return Finding(
        "held out",
        State.NOTE,
        f"no held-out cases: {why}, so only search scores can be told",
        f"fine where the answer itself is the result, as a packing; else {way_out}",
    )


def overlap(
    bench: Bench,
    search: Mapping[int, CaseSeen],
    held: Mapping[int, CaseSeen],
    evaluations: tuple[Evaluation, Evaluation],
) -> Finding:
    """Whether held-out cases are search cases again. `evaluations` are the seed's on search and held-out cases.

    Two cases are the same when the program is given the same and, where scores have no noise, all metrics agree
    (where every case gives the program the same, as for a policy that is run elsewhere, metrics alone decide).
    """
    topic = "held-out inputs"
    if not search or not held:
        return _unseen(bench, topic)
    metrics = [{look.case: look.metrics for look in found.measurements} for found in evaluations]
    inputs = {case.inputs for case in (*search.values(), *held.values())}
    again = []
    for case, seen in held.items():
        alike = [other for other, known in search.items() if known.inputs == seen.inputs]
        if bench.noise == 0:
            alike = [other for other in alike if metrics[0].get(other) == metrics[1].get(case)]
        elif len(inputs) == 1:
            alike = []
        if alike:
            again.append((case, alike[0]))
    if again:
        pairs = ", ".join(f"{case} is search case {other}" for case, other in again[:4])
        return Finding(
            topic,
            State.FAULT,
            f"{len(again)} of {figures.plural(len(held), 'held-out case')} are search cases again ({pairs})",
            "give cases('holdout') other instances, such as from another seed; otherwise overfitting is not seen",
            {"again": dict(again)},
        )
    return Finding(topic, State.OK, f"none of {figures.plural(len(held), 'case')} is a search case again")


def _unseen(bench: Bench, topic: str) -> Finding:
    if not bench.left:
        return not_measured(topic)
    called = is_called(bench.problem)
    what = "the program is started afresh for every call" if called else _uncalled(bench.problem)
    return Finding(topic, State.OK, f"not compared: {what}")


def _uncalled(problem: Problem) -> str:
    """Why there are no calls to look at."""
    return "programs are commands" if problem.spec.program.command else "programs are text that is not run"


async def reach(bench: Bench) -> Finding:
    """Whether a program finds the evaluator's files, by name and content, anywhere it can read."""
    topic = "evaluator's files"
    problem = bench.problem
    if not is_called(problem):
        return Finding(topic, State.OK, f"not looked for: {_uncalled(problem)}")
    public = set(problem.seed.as_dict().values())
    texts = {path.rpartition("/")[2]: text for path, text in problem.evaluator.items() if text not in public}
    wanted = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    seconds = min(SPY_SECONDS, problem.limits.wall / 4)
    spy = tricked(problem, "spy", bench.claim, wanted=wanted, roots=[str(problem.root)], seconds=seconds)
    results = await bench.look(spy, Split.SEARCH, [0])
    facts = told(results[0].feedback) if results else None
    if facts is None:
        return not_measured(topic) if not results else Finding(topic, State.OK, "the evaluator calls no function")
    if facts["found"] or facts["loaded"]:
        names = ", ".join(facts["found"]) or "evaluate, imported in the program's own process"
        way_out = "use a sandbox with isolation (evolve doctor) and keep cases out of seed/"
        return Finding(topic, State.FAULT, f"a program can read {names}", way_out, {"found": facts["found"]})
    if shared := _shared(problem, public):
        return Finding(topic, State.NOTE, shared, "fine for data that is given, not for expected answers")
    looked = figures.plural(len(wanted), "file")
    return Finding(topic, State.OK, f"out of reach: a program that looked for {looked} found none")


def _shared(problem: Problem, public: Collection[str]) -> str:
    """What of the evaluator's files comes with every program as well; a foreign folder's first program is no secret."""
    paths = sorted(path for path, text in problem.evaluator.items() if text in public)
    if name := foreign_evaluator(problem):
        own = f"{FOLDER}/"
        names = [path.removeprefix(own) for path in paths if path != f"{own}{problem.entry}"]
        where = f"beside {name} and imported by {problem.entry}, so every program can read it"
    else:
        names, where = paths, "part of seed/ as well, where every program can read it"
    return f"{', '.join(names)} is {where}" if names else ""
