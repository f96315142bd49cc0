"""Duels: champions of several rounds against each other, by the problem's own evaluator, and what they show.

One program's score against another is what the evaluator gives it when the other is the only champion. Scores are taken
both ways and compared: in a game where points are shared it is enough to have more of them than the other.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evolve.assembly import SandboxFor, chosen_sandbox, derived_seed, inputs_of, sealed_problem
from evolve.config import Settings
from evolve.domain import SEED_NUMBER, Direction, Estimate, Program, Series, Status
from evolve.evaluate import Evaluator
from evolve.look import PatientEvaluator
from evolve.problem import Champion, Inputs, load_problem
from evolve.store import Event, Store

EVENT = "duels"
"""Kind of the event that holds scores; it lies with the run of the younger of both champions."""
ROUNDING = 1e-9
"""Of a score (of 1 where it is smaller): a lead this small is a tie whose sums were rounded differently."""

Key = tuple[int, int]
"""Run and candidate."""


@dataclass(frozen=True, slots=True)
class Score:
    """What one program got with another as its only opponent; no estimate when it failed."""

    status: Status
    estimate: Estimate | None

    def better(self, other: Score, direction: Direction) -> bool:
        """Whether it is better than the other's, by more than rounding; any score is better than none."""
        if self.estimate is None or other.estimate is None:
            return self.estimate is not None and other.estimate is None
        ours, theirs = self.estimate.mean, other.estimate.mean
        return (ours - theirs) * direction.sign > ROUNDING * max(1.0, abs(ours), abs(theirs))


@dataclass(frozen=True, slots=True)
class Duels:
    """Scores by (program, opponent), as far as they are measured."""

    scores: Mapping[tuple[Key, Key], Score]
    direction: Direction

    def beats(self, one: Key, other: Key) -> bool:
        """Whether the score of `one` against `other` is better than the other's against it. KeyError before both are.

        A program neither beats itself nor one of the same text, but by noise.
        """
        return one != other and self.scores[one, other].better(self.scores[other, one], self.direction)

    def beaten_by(self, champions: Sequence[Key]) -> float | None:
        """The share of all but the last of these champions that beat the last one; None when it is the only one."""
        *older, newest = champions
        return sum(self.beats(one, newest) for one in older) / len(older) if older else None

    def cycles(self, champions: Sequence[Key]) -> int:
        """How many triples of champions go round as rock, paper and scissors do."""
        return sum(self._goes_round(*triple) for triple in itertools.combinations(champions, 3))

    def _goes_round(self, one: Key, two: Key, three: Key) -> bool:
        rounds = ((one, two, three), (one, three, two))
        return any(self.beats(a, b) and self.beats(b, c) and self.beats(c, a) for a, b, c in rounds)


def stored(store: Store, champions: Sequence[Key], direction: Direction) -> Duels:
    """Every duel between these champions that was measured."""
    scores: dict[tuple[Key, Key], Score] = {}
    for run_id, _ in champions:
        for event in store.events(run_id, kinds=[EVENT]):
            for one, other, status, mean, stderr, n in event.data["scores"]:
                estimate = None if mean is None else Estimate(mean, stderr, n)
                scores[_key(one), _key(other)] = Score(Status(status), estimate)
    wanted = set(itertools.product(champions, repeat=2))
    return Duels({pair: score for pair, score in scores.items() if pair in wanted}, direction)


def _key(pair: Sequence[int]) -> Key:
    return pair[0], pair[1]


class Arena:
    """Measures duels that are not measured yet.

    Args:
        store: Open for writing; holds the champions' runs.
        folder: The problem, unchanged.
        settings: Of the series; the sandbox and how often noisy scores are looked at.
        champions: Run and candidate of every round's champion, oldest first.
        sandbox_for: Makes the sandbox; the one the settings name when left out.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        settings: Settings,
        champions: Sequence[Key],
        sandbox_for: SandboxFor = chosen_sandbox,
    ) -> None:
        self._store = store
        self._folder = folder
        self._settings = settings
        self._champions = tuple(champions)
        self._sandbox_for = sandbox_for

    async def measure(self) -> Duels:
        """Every champion against every one, itself included; what was measured before is not again.

        Raises SandboxUnavailable, and EvaluatorError when no cases can be made with a single champion.
        """
        direction = load_problem(self._folder, self._inputs()).direction
        known = stored(self._store, self._champions, direction)
        for place, opponent in enumerate(self._champions):
            missing = [one for one in self._champions if (one, opponent) not in known.scores]
            if missing:
                await self._against(place, missing)
        return stored(self._store, self._champions, direction)

    async def _against(self, place: int, programs: Sequence[Key]) -> None:
        """Score programs with one champion as the only opponent, and note what they got."""
        opponent = self._champions[place]
        files = self._program(opponent).as_dict()
        problem = load_problem(self._folder, self._inputs((Champion(place + 1, opponent[1], files),)))
        # Cases and noise that no round has seen: what is told of a winner must not be what chose it.
        first = self._store.run(self._champions[0][0])
        seed, image = derived_seed(first.seed, EVENT), first.isolation.get("image", "")
        sandbox = self._sandbox_for(sealed_problem(problem, seed, image), self._with_slots(len(programs)))
        try:
            await sandbox.start()
            evaluator = Evaluator(problem, sandbox, derived_seed(seed, "noise"))
            patient = PatientEvaluator(evaluator, self._settings.sandbox.retries)
            scores = await asyncio.gather(*(self._score(patient, one) for one in programs))
        finally:
            await sandbox.close()
        self._note(opponent, dict(zip(programs, scores, strict=True)))

    def _with_slots(self, most: int) -> Settings:
        """The settings with no more slots than there are programs: each has a process to start."""
        slots = min(most, self._settings.workers.evaluations)
        workers = self._settings.workers.model_copy(update={"evaluations": slots})
        return self._settings.model_copy(update={"workers": workers})

    async def _score(self, evaluator: PatientEvaluator, one: Key) -> Score:
        program = self._program(one)
        values: list[float] = []
        for look in range(self._looks()):
            evaluation = await evaluator.again(one[1], program, look, Series.FINAL)
            if evaluation is None:
                return Score(Status.INFRASTRUCTURE, None)
            if evaluation.objective is None:
                return Score(evaluation.status, None)
            values.append(evaluation.objective.mean)
        return Score(Status.VALID, Estimate.of(values))

    def _looks(self) -> int:
        """One where scores are exact, and as many as finalists get where two looks at a seed differed."""
        return self._settings.noise.final_looks or 1 if any(map(self._is_noisy, self._champions)) else 1

    def _is_noisy(self, champion: Key) -> bool:
        seed = self._store.candidate(champion[0], SEED_NUMBER)
        first = None if seed.evaluation is None else seed.evaluation.objective
        values = {value for relook in seed.relooks for value in relook.values.values()}
        return first is not None and bool(values - {first.mean})

    def _note(self, opponent: Key, scores: Mapping[Key, Score]) -> None:
        """Store scores, each with the run of the younger champion. What the sandbox failed at is left to be tried."""
        by_run: dict[int, list[list[object]]] = {}
        for one, score in scores.items():
            if score.status is Status.INFRASTRUCTURE:
                continue
            got = score.estimate
            figures = (None, None, 0) if got is None else (got.mean, got.stderr, got.n)
            row = [list(one), list(opponent), score.status.value, *figures]
            by_run.setdefault(max(one[0], opponent[0]), []).append(row)
        for run_id, rows in by_run.items():
            elapsed = self._store.elapsed(run_id)
            self._store.append(run_id, [Event(EVENT, {"scores": rows}, elapsed)])

    def _inputs(self, champions: tuple[Champion, ...] = ()) -> Inputs:
        return replace(inputs_of(self._settings.problem), champions=champions)

    def _program(self, key: Key) -> Program:
        return self._store.candidate(*key).program
