"""A run of any size for pages that draw all of it: a tree some hundred generations tall, on paper."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from evolve.domain import Candidate, Estimate, Evaluation, Origin, Outcome, Program, Status, Verdict
from evolve.store import Evaluated, NewRun, Proposed, Record, Store, Told
from tests.store.store_samples import NEW_RUN

RUN = replace(NEW_RUN, name="tall", isolation={})
OPERATORS = ("mutate", "tune", "crossover", "rewrite", "simplify")
BATCH = 500


def tall_run(store: Store, candidates: int, run: NewRun = RUN) -> int:
    """Append it; its number. Every fifth candidate is a crossover, every tenth failed, late ones are better."""
    run_id = store.create_run(run)
    random = Random(5)
    for start in range(0, candidates, BATCH):
        numbers = range(start, min(start + BATCH, candidates))
        store.append(run_id, [record for number in numbers for record in _records(number, candidates, random)])
    return run_id


def _records(number: int, candidates: int, random: Random) -> list[Record]:
    operator = OPERATORS[number % len(OPERATORS)]
    failed = number % 10 == 9 and number < candidates - 1

    def earlier() -> int:
        """Rather a late candidate than an early one, and no failure."""
        found = max(0, number - 1 - int(random.expovariate(1 / 60)))
        return found - 1 if found % 10 == 9 else found

    parents = () if not number else (earlier(), earlier()) if operator == "crossover" else (earlier(),)
    shown = (earlier(), earlier()) if number else ()
    origin = Origin(operator, number % 4, parents, shown, idea=f"raise the step to {number}", model="model-a")
    program = Program.of({"program.py": f"step = {number}\n"})
    score = number / 100 + 3 * random.random()
    evaluation = Evaluation(Status.CRASH, feedback="too large") if failed else Evaluation(Status.VALID, Estimate(score))
    outcome = Outcome.REJECTED if failed else Outcome.NEW_CELL
    told = Verdict(outcome, number % 4, None if failed else number % 500, None, not failed and number % 50 == 0)
    return [
        Proposed(Candidate(number, program, origin), f"{number}"),
        Evaluated(number, evaluation),
        Told(number, number, told, number / 10),
    ]
