"""Scaffold zero in a process of its own proposes, byte for byte, what it proposes in this one: a real run asks both."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from standin.mind import PERSONAS, think

from evolve.assembly import scaffold_settings, scaffold_zero
from evolve.config import Settings, load_settings
from evolve.domain import Completion, Message, Status
from evolve.errors import EditError
from evolve.genome.folder import manifest_of, zero
from evolve.genome.lines import ProcessLines
from evolve.genome.remote import RemoteScaffold
from evolve.llm.base import Card, Price, Request
from evolve.llm.scripted import ScriptedModel
from evolve.problem import load_problem
from evolve.scaffold.base import Draft, OutcomeView, Prompt, ScoredView, SearchView, TaskView
from evolve.scaffold.plain import encode
from evolve.session import Session, choose_run
from evolve.store import open_store

PROBLEM = Path(__file__).parents[2] / "problems" / "symbolic_law"
CARD = Card("standin", Price(1.0, 4.0), context=32_000, output=4_000)


class Both:
    """Fulfils `Scaffold` by asking scaffold zero here and elsewhere, and comparing."""

    def __init__(self, task: TaskView, settings: Settings, preload: tuple[str, ...]) -> None:
        self.here = scaffold_zero(task, settings)
        self.away = RemoteScaffold(
            ProcessLines(zero(), preload), manifest_of(zero()), task, scaffold_settings(settings)
        )
        self.compared: Counter[str] = Counter()

    def _same(self, op: str, *values: object) -> Any:
        answers: list[Any] = []
        for scaffold in (self.here, self.away):
            try:
                answers.append(getattr(scaffold, op)(*values))
            except EditError as error:
                answers.append(error)
        here, away = answers
        if isinstance(here, EditError):
            assert (here.status, str(here)) == (away.status, str(away))
            raise here
        assert json.dumps(encode(here)) == json.dumps(encode(away)), op
        if isinstance(here, Prompt):
            assert here.messages() == away.messages()
        self.compared[f"{op} {type(here).__name__}"] += 1
        return away

    def propose(self, view: SearchView) -> Draft | Prompt:
        return self._same("propose", view)  # type: ignore[no-any-return]

    def parse(self, prompt: Prompt, base: Mapping[str, str], answer: Completion) -> Draft | Prompt:
        return self._same("parse", prompt, base, answer)  # type: ignore[no-any-return]

    def amend(
        self, prompt: Prompt, base: Mapping[str, str], answer: Completion, status: Status, reason: str
    ) -> Prompt | None:
        return self._same("amend", prompt, base, answer, status, reason)  # type: ignore[no-any-return]

    def reflect(self, scored: ScoredView, history: Sequence[Message]) -> str | Prompt:
        return self._same("reflect", scored, history)  # type: ignore[no-any-return]

    def observe(self, outcome: OutcomeView) -> None:
        self.here.observe(outcome)
        self.away.observe(outcome)
        self.snapshot()

    def pins(self) -> frozenset[int]:
        return self._same("pins")  # type: ignore[no-any-return]

    def snapshot(self) -> Mapping[str, object]:
        return self._same("snapshot")  # type: ignore[no-any-return]

    def close(self) -> None:
        self.away.close()


def answered(request: Request) -> str:
    messages = tuple((message.role.value, message.text) for message in request.messages)
    return think(PERSONAS["weak"], messages, request.seed or 0).text


def run_both(folder: Path, *overrides: str, preload: tuple[str, ...] = ()) -> Both:
    """An ordered run on a real problem, in the real sandbox."""
    problem = load_problem(PROBLEM)
    settings = load_settings(
        [], ["seed=11", "search.order=ordered", "scaffold.polish=4", "workers.evaluations=1", *overrides]
    )
    made: list[Both] = []

    def scaffold_for(task: TaskView, chosen: Settings) -> Both:
        made.append(Both(task, chosen, preload))
        return made[0]

    with open_store(folder / "evolve.db", create=True) as store:
        run = choose_run(store, problem, settings)
        model = ScriptedModel(answered, [CARD])
        session = Session(store, run, problem, settings, (), scaffold_for=scaffold_for, model_for=lambda *_: model)
        asyncio.run(session.run())
    assert not made[0].away.faults
    return made[0]


@pytest.mark.slow
def test_with_a_model_every_prompt_and_every_program_is_the_same(tmp_path: Path) -> None:
    both = run_both(tmp_path, 'llm.models=[{name="standin"}]', "budget.evaluations=45", "scaffold.tuned=0")
    assert both.compared["propose Prompt"] >= 30
    assert both.compared["parse Draft"] >= 30
    assert both.compared["amend Prompt"]
    assert both.compared["reflect str"]
    assert both.compared["snapshot dict"] >= 40


@pytest.mark.slow
def test_without_a_model_every_program_is_the_same(tmp_path: Path) -> None:
    both = run_both(tmp_path, "budget.evaluations=60", preload=("ribs",))
    assert both.compared["propose Draft"] >= 40
    assert both.compared["snapshot dict"] >= 40
