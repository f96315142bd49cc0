"""`ToyBench`: the bench of a campaign over toy problems, a faithful small loop in place of the engine.

The scaffold is real code called through `Scaffold` and `Improver`; what is small is around it: elites are the best
programs in one list, nothing is stored, and a reply that breaks the contract costs a call. (`Search` itself takes 20 ms
and more for such a trial, this loop about 1.)
"""

from __future__ import annotations

import asyncio
import sys
import types
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from evolve.domain import Completion, Finish, Outcome, Status, Usage
from evolve.errors import BudgetSpent, EditError
from evolve.genome.genome import Genome
from evolve.meta.bench import Edited, Grant
from evolve.meta.records import FAULT, Measured, SuiteProblem, Tally, TrialKey
from evolve.scaffold.base import (
    EliteView,
    Improver,
    MetaEdit,
    MetaView,
    ModelView,
    OutcomeView,
    Prediction,
    Prompt,
    Scaffold,
    SearchView,
)
from tests.meta.toy import mind, world

MODEL = ModelView("toy", 1.0, 1.0)
PRICE = 0.001
"""US dollars of a call."""
SHOWN = 6
"""Elites a scaffold sees."""


@cache
def toy_zero() -> Genome:
    """The toy scaffold as it is in the folder."""
    root = Path(__file__).parent / "scaffold"
    paths = sorted(path for path in root.rglob("*") if path.suffix in (".py", ".toml"))
    return Genome.of({path.relative_to(root).as_posix(): path.read_text() for path in paths})


@dataclass
class ToyBench:
    """Fulfils `Bench`. `bought` counts model calls, `fails` says which runs the machinery fails (by key), and
    `predicts` is a prediction put in place of all others.
    """

    persona: mind.Persona = mind.PERSONAS["medium"]
    delay: float = 0.0
    fails: Callable[[TrialKey], str] = lambda key: ""
    manifest: Mapping[str, str] = field(default_factory=lambda: {"toy": "1"})
    bought: int = 0
    purchase: Callable[[str], None] = lambda what: None
    predicts: Prediction | None = None

    async def measure(self, genome: Genome, problem: SuiteProblem, key: TrialKey, grant: Grant) -> Measured:
        """Run a scaffold on a toy problem."""
        assert grant.calls >= key.calls
        await asyncio.sleep(self.delay)
        if said := self.fails(key):
            return Measured((), 0.0, 0, failed=said)
        measured = _Run(genome, problem, key, self.persona).measured()
        if grant.money is not None and measured.calls * PRICE > grant.money + 1e-12:
            raise BudgetSpent(f"{grant.money:g} USD do not cover the run")
        self.bought += measured.calls
        self.purchase(f"{key.stage} {key.scaffold} {key.problem} {key.seed}")
        return measured

    async def edit(self, improver: Genome, view: MetaView, number: int, grant: Grant) -> Edited:
        """Ask the toy model for an edit, in one question."""
        await asyncio.sleep(self.delay)
        if grant.money is not None and grant.money < PRICE:
            raise BudgetSpent(f"{grant.money:g} USD do not cover a question")
        self.bought += 1
        bill: dict[str, Any] = {"calls": 1, "tokens": 100, "cost": PRICE, "model": MODEL.name}
        try:
            prompt = _improver(improver).meta_propose(replace(view, models=(MODEL,)))
            answer = completion(mind.think(self.persona, prompt.messages()[0].text, str(number)))
            edit = _improver(improver).meta_parse(prompt, view.files, answer)
        except EditError as error:
            return Edited(None, error.status, str(error), **bill)
        except Exception as error:  # the scaffold's own fault, whatever it is
            return Edited(None, Status.CRASH, f"{type(error).__name__}: {error}", **bill)
        assert isinstance(edit, MetaEdit)
        return Edited(edit if self.predicts is None else replace(edit, prediction=self.predicts), Status.VALID, **bill)

    def digests(self) -> Mapping[str, str]:
        """What decides the numbers of the toy world."""
        return dict(self.manifest)


class _Run:
    """One run of a scaffold on a problem, for some calls."""

    def __init__(self, genome: Genome, problem: SuiteProblem, key: TrialKey, persona: mind.Persona) -> None:
        self._problem, self._key, self._persona = problem, key, persona
        self._genome, self._target = genome, world.target(problem.name)
        self._statuses: Counter[str] = Counter()
        self._improved = 0
        self._feedback: list[str] = []
        first = world.evaluate(self._target, world.SEED_PROGRAM)
        assert first.score is not None
        self._seed_score, self._best = first.score, first.score
        self._elites = [self._elite(0, world.SEED_PROGRAM, first)]

    def measured(self) -> Measured:
        bests, scaffold = [], None
        for number in range(1, self._key.calls + 1):
            try:
                scaffold = scaffold or load(self._genome, "toy").create(world.task_view(self._problem.name), {})
                status, said = self._call(scaffold, number)
            except EditError as error:
                status, said = error.status.value, str(error)
            except Exception as error:  # the scaffold's own fault, whatever it is
                status, said = self._fault("crash"), f"{type(error).__name__}: {error}"
            self._statuses[status] += 1
            if status != Status.VALID:
                self._feedback.append(said)
            bests.append(self._best)
        total = self._key.calls
        valid = self._statuses[Status.VALID]
        return Measured(
            tuple(bests),
            self._seed_score,
            self._key.calls,
            evaluations=valid,
            statuses=dict(self._statuses),
            operators={"edit": Tally(total, valid, self._improved, total)},
            feedback=tuple(self._feedback[:10]),
            tokens=100 * total,
            cost=PRICE * total,
        )

    def _call(self, scaffold: Scaffold, number: int) -> tuple[str, str]:
        """One call of the model: propose, ask, parse, score, observe."""
        view = SearchView(number, f"{self._key.seed}:{number}", 0, tuple(self._elites[:SHOWN]), models=(MODEL,))
        prompt = scaffold.propose(view)
        assert isinstance(prompt, Prompt)
        known = {elite.number: elite for elite in self._elites}
        if prompt.base not in known or set(prompt.parents) - known.keys():
            return self._fault("forged"), f"it speaks of candidate {prompt.base}, which it was not shown"
        luck = f"{self._genome.short}:{self._problem.name}:{self._key.seed}:{number}"  # sampled anew in every run
        answer = completion(mind.think(self._persona, prompt.messages()[0].text, luck))
        draft = scaffold.parse(prompt, known[prompt.base].files, answer)
        assert not isinstance(draft, Prompt)
        text = draft.files["solution.py"]
        scored = world.evaluate(self._target, text)
        status = Status.WRONG if scored.score is None else Status.VALID
        better = scored.score is not None and scored.score > known[prompt.base].score
        self._improved += better
        if scored.score is not None:
            self._best = max(self._best, scored.score)
            self._elites.append(self._elite(number, text, scored))
            self._elites.sort(key=lambda elite: -elite.score)
        outcome = Outcome.IMPROVED if better else Outcome.REJECTED
        told = OutcomeView(number, "edit", "", prompt.parents, 0, status, outcome, scored.score, None)
        scaffold.observe(told)
        return status.value, scored.feedback

    def _fault(self, kind: str) -> str:
        """Count a fault of the scaffold's own by kind; the status of the proposal it spoilt."""
        self._statuses[f"{FAULT}{kind}"] += 1
        return Status.NO_EDIT.value

    def _elite(self, number: int, text: str, scored: world.Scored) -> EliteView:
        assert scored.score is not None
        return EliteView(number, {"solution.py": text}, scored.score, None, 0, None, 0, "edit", scored.feedback)


def completion(text: str) -> Completion:
    """An answer of the toy model."""
    return Completion(text, Finish.STOP, MODEL.name, Usage(50, 0, 50))


@cache
def load(genome: Genome, module: str) -> types.ModuleType:
    """A module of a scaffold, run in this process: the toy's own edits are all harmless."""
    made = types.ModuleType(f"toy_{genome.short}.{module}")
    sys.modules[made.__name__] = made
    source = genome.files[module.replace(".", "/") + ".py"]
    exec(compile(source, f"{genome.short}/{module}.py", "exec"), made.__dict__)
    return made


def _improver(genome: Genome) -> Improver:
    found: Improver = load(genome, "meta.improver").create()
    return found
