"""Writes a large run with models' conversations into a database, for measuring the inspector.

    python -m benchmarks.big_run FILE [--candidates 100000]

Nothing is evaluated: scores are a random walk from parent to child. All else is as a real run leaves it: programs of
about 2 kB that differ from their parents' in a few lines, the engine's own archive with four islands and migrations,
failures of many kinds, and for every tenth candidate a question of about 12 kB with its answer.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from evolve.archive.islands import Entry, Islands
from evolve.archive.settings import ArchiveSettings, Axis
from evolve.config import load_settings
from evolve.domain import (
    Candidate,
    Completion,
    Estimate,
    Evaluation,
    Finish,
    Measurement,
    Origin,
    Outcome,
    Program,
    Split,
    Status,
    Usage,
    Verdict,
)
from evolve.problem import Problem, load_problem
from evolve.store import (
    Answered,
    Asked,
    Evaluated,
    Event,
    Holder,
    NewRun,
    Proposed,
    Record,
    RunStatus,
    Store,
    Told,
    open_store,
)

PROBLEM = Path(__file__).parent.parent / "problems" / "bin_packing"
ISLANDS, ASKED_EVERY, GROUP, CASES = 4, 10, 200, 5
PER_SECOND = 40.0
"""Candidates per second the run pretends to have made."""
MODELS = ("openai/standin-large", "local/standin-small")
PRICES = {MODELS[0]: (2.0, 8.0), MODELS[1]: (0.1, 0.4)}
"""US dollars per million tokens in and out."""
BUILT_IN = ("perturb_constant", "swap_symbol", "insert_term", "replace_subtree", "wrap_idiom", "crossover_subtree")
RECIPES = ("mutate", "rewrite", "crossover", "plan")
FAILURES = (
    (Status.WRONG, "priority({n}, bins) is NaN for a bin with {n} left; every score must be a number"),
    (
        Status.CRASH,
        'Traceback (most recent call last):\n  File "policy.py", line {n}\nZeroDivisionError: division by zero',
    ),
    (
        Status.CRASH,
        "Traceback (most recent call last):\n  File \"policy.py\", line {n}\nNameError: name 'gap_{n}' is missing",
    ),
    (Status.TIMEOUT, "the call did not return within its time limit"),
    (Status.SYNTAX, "File \"policy.py\", line {n}\n    return (bins\n           ^\nSyntaxError: '(' was never closed"),
    (Status.DUPLICATE, "the same program was proposed before"),
)
FAILING = 0.12
"""Share of the candidates that fail."""
LINES = 24
"""Lines of a candidate's region; each names a constant of its own."""


@dataclass
class Imagined:
    """A search that happens only on paper: the archive is real, scores and programs are drawn."""

    problem: Problem
    draw: random.Random
    asked_every: int = ASKED_EVERY
    scores: list[float | None] = field(default_factory=list)
    constants: list[tuple[int, ...]] = field(default_factory=list)
    best: float = float("inf")

    def __post_init__(self) -> None:
        measures = self.problem.spec.measures
        axes = tuple(Axis(each.name, each.low, each.high, each.cells) for each in measures)
        self.islands = Islands(ArchiveSettings(axes, ISLANDS, migration_interval=400, stagnation=2000, seed=1))

    def step(self, number: int) -> list[Record]:
        """Everything stored of one candidate, from its question to its tell."""
        island = number % ISLANDS
        origin = self._origin(number, island)
        elapsed = number / PER_SECOND
        records: list[Record] = []
        if origin.model:
            records += self._conversation(number, origin, elapsed)
        self.constants.append(self._edited(origin))
        evaluation = self._evaluation(origin)
        self.scores.append(None if evaluation.objective is None else evaluation.objective.mean)
        candidate = Candidate(number, self._program(number), origin)
        records += [Proposed(candidate, f"{self.draw.getrandbits(256):064x}"), Evaluated(number, evaluation)]
        return [*records, *self._told(number, origin, evaluation, elapsed)]

    def _origin(self, number: int, island: int) -> Origin:
        if not number:
            return Origin("seed", 0)
        elites = self.islands.top(island, 32) or self.islands.top(0, 1)
        model = self.draw.choice(MODELS) if number % self.asked_every == 0 else ""
        operator = self.draw.choice(RECIPES if model else BUILT_IN)
        parents = self.draw.sample(elites, min(2 if operator.startswith("crossover") else 1, len(elites)))
        shown = tuple(self.draw.sample(elites, min(3, len(elites)))) if model else ()
        idea = f"Weigh the space left by {self.draw.random():.3f} where a bin is nearly full." if model else ""
        return Origin(operator, island, tuple(parents), shown, tag="step=edit" if model else "", idea=idea, model=model)

    def _edited(self, origin: Origin) -> tuple[int, ...]:
        if not origin.parents:
            return tuple(self.draw.randrange(100_000) for _ in range(LINES))
        values = list(self.constants[origin.parents[0]])
        for _ in range(self.draw.randint(1, 3)):
            values[self.draw.randrange(LINES)] = self.draw.randrange(100_000)
        return tuple(values)

    def _program(self, number: int) -> Program:
        body = "\n".join(
            f"    score += {value / 1e5:.5f} * np.tanh((bins - {line}) / item)  # the gap that {line} more items leave"
            for line, value in enumerate(self.constants[number])
        )
        seed = self.problem.seed.as_dict()["policy.py"]
        text = seed.replace("    return -(bins - item)\n", f"    score = -(bins - item)\n{body}\n    return score\n")
        return Program.of({"policy.py": text})

    def _evaluation(self, origin: Origin) -> Evaluation:
        parent = self.scores[origin.parents[0]] if origin.parents else 4.2
        if origin.parents and (parent is None or self.draw.random() < FAILING):
            status, says = self.draw.choice(FAILURES)
            return Evaluation(status, feedback=says.format(n=self.draw.randrange(1, 60)), wall=0.02)
        assert parent is not None
        floor = 0.7
        score = max(floor, parent + self.draw.gauss(0.02, 0.05) * (parent - floor + 0.1)) if origin.parents else parent
        measures = {"program_length": self.draw.uniform(250.0, 1400.0), "variety": self.draw.gauss(30.0, 10.0)}
        looks = tuple(self._look("full", Split.SEARCH, case, score) for case in range(CASES))
        metrics = {"excess": score, "variety": measures["variety"]}
        return Evaluation(Status.VALID, Estimate(score, 0.02, CASES), metrics, measures, measurements=looks, wall=0.05)

    def _look(self, stage: str, split: Split, case: int, score: float) -> Measurement:
        found = score + self.draw.gauss(0.0, 0.05)
        return Measurement(stage, split, case, 0, Status.VALID, {"excess": found}, "", {}, 0.009, 0.008, 26_000_000)

    def _told(self, number: int, origin: Origin, evaluation: Evaluation, elapsed: float) -> list[Record]:
        if evaluation.objective is None:
            return [Told(number, number, Verdict(Outcome.REJECTED, origin.island), elapsed)]
        score = evaluation.objective.mean
        before = self.scores[origin.parents[0]] if origin.parents else None
        measures = tuple(evaluation.measures.values())
        homes = range(ISLANDS) if not origin.parents else (origin.island,)  # the seed is told to every island
        placed = [self.islands.add(Entry(number, home, -score, 0.02, measures)) for home in homes]
        new_best, self.best = score < self.best, min(score, self.best)
        verdict = Verdict(
            placed[0].outcome,
            origin.island,
            placed[0].cell,
            placed[0].replaced,
            new_best,
            None if before is None else before - score,
        )
        happened = [event for placement in placed for event in placement.events]
        logged = [Event(type(event).__name__, asdict(event), elapsed, number + 1) for event in happened]
        lesson = "Smaller gaps did not help here." if origin.model and not new_best else ""
        return [Told(number, number, verdict, elapsed, lesson), *logged]

    def _conversation(self, number: int, origin: Origin, elapsed: float) -> list[Record]:
        shown = "\n\n".join(self._program(each).files[0].text for each in (*origin.parents, *origin.inspirations))
        sections = [
            {"name": "task", "text": self.problem.statement},
            {"name": "programs", "text": shown},
            {"name": "request", "text": f"Improve program {origin.parents[0]}. Answer with the whole file."},
        ]
        prompt = {"operator": origin.operator, "model": origin.model, "sections": sections}
        text = f"Idea: {origin.idea}\n\n```python\n{self._program(origin.parents[0]).files[0].text}```\n"
        price, usage = PRICES[origin.model], Usage(len(shown) // 4, len(shown) // 8, len(text) // 4, len(text) // 16)
        cost = (usage.prompt * price[0] + usage.output * price[1]) / 1e6
        digest = f"{number:064x}"
        done = Completion(text, Finish.STOP, origin.model, usage, cost, self.draw.lognormvariate(1.0, 0.5))
        return [
            Asked(number, 0, origin.island, origin.operator, "edit", origin.model, prompt, digest, 2 * cost, 9000),
            Answered(number, 0, digest, done, elapsed),
        ]

    def holdout(self, number: int) -> Evaluation:
        """What a candidate got on held-out cases."""
        score = self.scores[number]
        assert score is not None
        looks = tuple(self._look("holdout", Split.HOLDOUT, case, score) for case in range(16))
        estimate = Estimate.of(look.metrics["excess"] for look in looks)
        return Evaluation(Status.VALID, estimate, {"excess": estimate.mean}, measurements=looks, wall=0.2)


def new_run(problem: Problem, candidates: int) -> NewRun:
    """The run as the engine would have created it."""
    named = ", ".join(f"{{name='{name}', concurrency=8}}" for name in MODELS)
    settings = load_settings(
        [], [f"llm.models=[{named}]", f"budget.evaluations={candidates}", f"search.islands={ISLANDS}", "seed=1"]
    )
    return NewRun(
        name="big",
        problem=problem.name,
        problem_path=str(Path("problems") / problem.name),
        problem_digest=problem.digest,
        objective=problem.spec.objective.metric,
        direction=problem.spec.objective.direction,
        seed=1,
        settings=settings.as_json(),
        settings_digest=settings.identity(),
        spec=problem.spec.model_dump(mode="json"),
        versions={"evolve": "0.1.0"},
        isolation={"backend": "local", "level": "process", "layers": ["processes"], "missing": []},
    )


def groups(search: Imagined, candidates: int) -> Iterator[Sequence[Record]]:
    """All records in appends of some hundred candidates."""
    for start in range(0, candidates, GROUP):
        yield [record for number in range(start, min(start + GROUP, candidates)) for record in search.step(number)]


def fill(store: Store, candidates: int, *, finish: bool = True, asked_every: int = ASKED_EVERY) -> int:
    """Write a run of so many candidates; its id. One that is not finished reads as interrupted.

    For every `asked_every`th candidate a model was asked.
    """
    problem = load_problem(PROBLEM)
    run_id, holder = store.create_run(new_run(problem, candidates)), Holder.here()
    store.acquire(run_id, holder)
    search = Imagined(problem, random.Random(1), asked_every)
    for records in groups(search, candidates):
        store.append(run_id, records)
    best = store.best(run_id)
    assert best is not None
    measured = [Evaluated(number, search.holdout(number), Split.HOLDOUT) for number in {0, best}]
    store.append(run_id, measured)
    status = RunStatus.FINISHED if finish else RunStatus.INTERRUPTED
    store.release(run_id, holder, status, "all evaluations are spent")
    return run_id


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the file a person names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="must not be there yet")
    parser.add_argument("--candidates", type=int, default=100_000)
    given = parser.parse_args(arguments)
    if given.file.exists():
        parser.error(f"{given.file} is there already")
    began = time.perf_counter()
    with open_store(given.file, create=True) as store:
        fill(store, given.candidates)
    took, size = time.perf_counter() - began, given.file.stat().st_size / 1e6
    print(f"{given.candidates:,} candidates in {took:.0f} s, {size:.0f} MB")


if __name__ == "__main__":
    main()
