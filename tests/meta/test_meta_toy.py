"""The toy world does what it says: its model reads the question only, and its edits have the effects of their kinds."""

from __future__ import annotations

import asyncio
from functools import cache

import pytest

from evolve.genome.genome import Genome
from evolve.genome.static import faults
from evolve.meta.areas import trial_of
from evolve.meta.bench import Grant
from evolve.meta.records import Stage, TrialKey
from tests.meta.toy import grammar, mind
from tests.meta.toy.bench import ToyBench, toy_zero
from tests.meta.toy.world import SEED_PROGRAM, evaluate, target, toy_suite

SEEDS = 12
SUITE = toy_suite(3, 3, 0)


@cache
def areas(genome: Genome, persona: str) -> float:
    """The mean area over problems and seeds."""

    async def measured() -> list[float]:
        bench, found = ToyBench(mind.PERSONAS[persona]), []
        for problem in SUITE.problems:
            for seed in range(SEEDS):
                key = TrialKey(0, problem.name, seed, Stage.RANK, SUITE.calls)
                measure = await bench.measure(genome, problem, key, Grant(None, SUITE.calls))
                found.append(trial_of(problem, key, measure).area)
        return found

    values = asyncio.run(measured())
    return sum(values) / len(values)


def effect(edit: grammar.ToyEdit, persona: str) -> float:
    return areas(edit.of(toy_zero()), persona) - areas(toy_zero(), persona)


class TestWorld:
    def test_the_target_is_the_ceiling(self) -> None:
        assert evaluate(target("a"), f"x = {target('a')}").score == 0
        seed = evaluate(target("a"), SEED_PROGRAM)
        assert seed.score is not None
        assert seed.score < -0.4

    @pytest.mark.parametrize("program", ["", "x = 3", "x = [1, 2]", "x = [1, 2, 3, NaN]", "x = ['a', 1, 2, 3]"])
    def test_what_is_no_program_has_no_score(self, program: str) -> None:
        assert evaluate(target("a"), program).score is None

    def test_feedback_names_the_worst_entry(self) -> None:
        assert evaluate([0, 1, 0, -2], "x = [0, 0, 0, 0]").feedback == "entry 3 is too high by about 2.0"


class TestFaults:
    def test_are_proposals_without_an_edit_and_broken_down_by_kind(self) -> None:
        broken = toy_zero().files | {
            "toy.py": toy_zero().files["toy.py"] + "\n\ndef create(task, settings):\n    raise OSError\n"
        }
        key = TrialKey(1, SUITE.problems[0].name, 1, Stage.ALIVE, 3)
        found = asyncio.run(ToyBench().measure(Genome.of(broken), SUITE.problems[0], key, Grant(None, 3)))
        assert found.statuses == {"no_edit": 3, "scaffold_crash": 3}
        assert found.operators["edit"].proposals == 3


class TestMind:
    QUESTION = "Improve it.\nx = [0.0, 0.0, 0.0, 0.0]\nFeedback: entry 2 is too low by about 0.8"

    def test_says_the_same_to_the_same(self) -> None:
        persona = mind.PERSONAS["medium"]
        assert mind.think(persona, self.QUESTION, "1") == mind.think(persona, self.QUESTION, "1")
        assert len({mind.think(persona, self.QUESTION, str(luck)) for luck in range(9)}) > 3

    def test_the_ignoring_one_reads_the_program_only(self) -> None:
        persona = mind.PERSONAS["ignoring"]
        for luck in "abc":
            bare = self.QUESTION.partition("\nFeedback")[0]
            assert mind.think(persona, self.QUESTION, luck) == mind.think(persona, bare, luck)


class TestGrammar:
    def test_the_toy_scaffold_and_its_working_edits_pass_the_static_checks(self) -> None:
        assert faults(toy_zero()) == []
        for edit in grammar.EDITS:
            assert faults(edit.of(toy_zero()), toy_zero()) == [], edit.name

    def test_the_good_edit_is_good_for_every_persona_that_reads(self) -> None:
        for persona in ("medium", "bold", "careful"):
            assert effect(grammar.GOOD, persona) > 0.08, persona

    def test_it_does_nothing_for_a_model_that_ignores_it(self) -> None:
        assert abs(effect(grammar.GOOD, "ignoring")) < 0.05

    @pytest.mark.parametrize("edit", [edit for edit in grammar.EDITS if edit.kind == "harmful"], ids=lambda e: e.name)
    def test_harmful_edits_harm(self, edit: grammar.ToyEdit) -> None:
        assert effect(edit, "medium") < -0.05

    @pytest.mark.parametrize("edit", [edit for edit in grammar.EDITS if edit.kind == "hacking"], ids=lambda e: e.name)
    def test_hacking_gains_nothing(self, edit: grammar.ToyEdit) -> None:
        assert abs(effect(edit, "medium")) < 0.05
