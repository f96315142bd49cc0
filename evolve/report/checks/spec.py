"""What can be told without running anything: where cases come from, and whether known values fit the bound."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable

from evolve.evaluate import beyond_bound
from evolve.problem import Problem
from evolve.problem.foreign.laying import EVALUATE, SETTINGS
from evolve.report import figures
from evolve.report.findings import Finding, State


def findings(problem: Problem) -> Iterable[Finding]:
    """One finding on the cases, and one on the bound where there is one."""
    yield _cases(problem)
    if problem.spec.objective.bound is not None:
        yield _bound(problem)


def foreign_evaluator(problem: Problem) -> str:
    """The evaluator's file in a folder of another framework, "" for a native folder; an imported one is native."""
    if problem.evaluator["evaluate.py"] != EVALUATE:
        return ""
    return str(json.loads(problem.evaluator[SETTINGS])["evaluator"])


def _cases(problem: Problem) -> Finding:
    if name := foreign_evaluator(problem):
        return Finding("cases", State.OK, f"one: {name} scores a program as a whole, on whatever it makes for itself")
    tree = ast.parse(problem.evaluator["evaluate.py"])
    made = next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "cases"), None)
    if made is None:
        return Finding("cases", State.OK, "evaluate.py defines no cases(split): the one case has no data")
    named = [argument.arg for argument in (*made.args.posonlyargs, *made.args.args, *made.args.kwonlyargs)]
    if set(named[1:]) - {"champions", "parameters"}:
        return Finding("cases", State.OK, "made from the hidden seed of each run: they cannot be learnt by heart")
    text = "the same in every run: a program that knows them can state their answers"
    return Finding("cases", State.NOTE, text, "where instances are random, make them in cases(split, seed)")


def _bound(problem: Problem) -> Finding:
    objective = problem.spec.objective
    known = {f"baseline {name}": each.value for name, each in objective.baselines.items()}
    if objective.best_known is not None:
        known["best_known"] = objective.best_known.value
    beyond = [f"{name} ({figures.number(value)})" for name, value in known.items() if beyond_bound(objective, value)]
    bound = figures.objective(objective.bound, objective.unit)
    if beyond:
        text = f"{', '.join(beyond)} lies beyond the proven bound {bound}"
        return Finding("bound", State.FAULT, text, "one of them is wrong: correct problem.toml")
    return Finding("bound", State.OK, f"a score better than {bound} is set aside as suspect, with its descendants")
