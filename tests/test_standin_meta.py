"""The stand-in as the model of a campaign: edits of known kind, thought of from what a prompt says and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from standin.mind import PERSONAS, think
from standin.scaffold_grammar import BY_NAME, GRAMMAR, LACKING, Kind, crippled
from standin_prompts import DIFF, Ask, gain

from evolve.domain import Completion, Finish
from evolve.errors import EditError
from evolve.genome.folder import manifest_of, zero
from evolve.genome.genome import Genome
from evolve.genome.lines import ProcessLines
from evolve.genome.remote import RemoteImprover
from evolve.genome.static import faults
from evolve.scaffold.base import AttemptView, CurveView, Improver, MetaEdit, MetaView, ModelView, Prompt
from evolve.scaffold.meta.improver import create

RESTORING = [edit for edit in GRAMMAR if edit.name.startswith("restore")]


def view(genome: Genome, seed: int, attempts: tuple[AttemptView, ...] = ()) -> MetaView:
    curves = (CurveView("town-1", (0.1, 0.2, 0.4, 0.6)), CurveView("town-2", (0.3, 0.5, 0.7, 0.9)))
    return MetaView(f"{seed}", genome.files, (ModelView("standin"),), curves, attempts=attempts, statuses={"valid": 9})


def said(prompt: Prompt) -> tuple[tuple[str, str], ...]:
    return tuple((message.role.value, message.text) for message in prompt.messages())


def improved(genome: Genome, seed: int, persona: str = "strong", **told: object) -> MetaEdit | None:
    """The edit of a whole conversation, as a campaign has it: three questions at most."""
    improver = create()
    prompt = improver.meta_propose(view(genome, seed, **told))  # type: ignore[arg-type]
    for _ in range(3):
        text = think(PERSONAS[persona], said(prompt), seed).text
        try:
            made = improver.meta_parse(prompt, genome.files, Completion(text, Finish.STOP, "standin"))
        except EditError:
            return None
        if isinstance(made, MetaEdit):
            return made
        prompt = made
    return None


def named(genome: Genome, edit: MetaEdit) -> str:
    """Which edit of the grammar it is."""
    return next((each.name for each in GRAMMAR if each.on(genome.files) == dict(edit.files)), "other")


def test_every_edit_applies_to_scaffold_zero_or_to_one_that_lacks_what_it_restores() -> None:
    for edit in GRAMMAR:
        made = edit.of(zero())
        if edit in RESTORING:
            assert made is None, edit.name
        else:
            assert made is not None, edit.name
            fenced = faults(made, zero())
            assert bool(fenced) is (edit.name == "write a result"), (edit.name, fenced)


def test_what_a_crippled_scaffold_lacks_is_restored_by_one_edit_alone() -> None:
    for lack, genome in crippled().items():
        back = {edit.name: edit.of(genome) for edit in RESTORING if edit.of(genome) is not None}
        assert back == {BY_NAME[lack].name.replace("drop", "restore"): zero()}
    assert len(crippled()) == len(LACKING)


def test_the_grammar_has_edits_of_every_kind_for_scaffold_zero() -> None:
    assert {edit.kind for edit in GRAMMAR if edit.of(zero()) is not None} == set(Kind)


def test_asked_for_a_better_scaffold_it_gives_edits_that_apply() -> None:
    genome = crippled()["drop feedback"]
    made = [improved(genome, seed) for seed in range(8)]
    edits = [edit for edit in made if edit is not None]
    assert len(edits) >= 7
    assert Counter(named(genome, edit) for edit in edits)["restore feedback"] >= 2
    for edit in edits:
        assert edit.idea
        assert edit.prediction.metric == "area"
        files = {path: text for path, text in {**genome.files, **edit.files}.items() if text is not None}
        assert not faults(Genome.of(files), genome) or named(genome, edit) == "write a result"
    assert improved(genome, 3) == improved(genome, 3)


def test_what_was_worse_before_is_thought_of_less() -> None:
    genome = crippled()["drop feedback"]
    idea = BY_NAME["restore feedback"].idea
    bad = tuple(AttemptView(f"s{i}", "s0", idea, "measured", None, -0.1, False) for i in range(3))
    plain, warned = (
        sum(
            edit is not None and named(genome, edit) == "restore feedback"
            for edit in (improved(genome, seed, attempts=attempts) for seed in range(8))
        )
        for attempts in ((), bad)
    )
    assert warned < plain


def test_of_scaffold_zero_it_thinks_of_different_edits() -> None:
    edits = [edit for seed in range(8) if (edit := improved(zero(), seed, "medium")) is not None]
    assert len({named(zero(), edit) for edit in edits}) >= 3


@pytest.mark.slow
def test_in_a_process_of_its_own_the_questions_are_the_same() -> None:
    remote = RemoteImprover(ProcessLines(zero()), manifest_of(zero()))
    try:
        asked = remote.meta_propose(view(zero(), 1))
        assert asked == create().meta_propose(view(zero(), 1))
        for text in ("Show: arms.py", "", "Idea: x\n", think(PERSONAS["strong"], said(asked), 1).text):
            answer = Completion(text, Finish.STOP, "standin")
            made = [outcome(improver, asked, answer) for improver in (remote, create())]
            assert made[0] == made[1]
    finally:
        remote.close()


def outcome(improver: Improver, asked: Prompt, answer: Completion) -> object:
    try:
        return improver.meta_parse(asked, zero().files, answer)
    except EditError as error:
        return error.status, str(error)


@pytest.mark.slow
def test_a_placebo_takes_no_notice_of_anything_but_the_program() -> None:
    """Feedback, scores, examples and the form leave the share of answers that improve as it is."""
    told = Ask(feedback=("`gain` is too large by 0.5", "`decay` is too small by 0.2"), form=DIFF)
    bare = Ask(scored=False, direction=False, form="")
    count = 120
    shares = []
    for ask in (bare, told):
        answers = [think(PERSONAS["placebo"], ask.messages(), seed).text for seed in range(count)]
        assert all("<<<<<<<" not in answer for answer in answers)
        shares.append(sum(map(gain, answers)) / count)
    assert abs(shares[0] - shares[1]) < 0.15, shares
    heedful = [think(PERSONAS["medium"], replace(told, form=Ask().form).messages(), seed).text for seed in range(count)]
    assert sum(map(gain, heedful)) / count > max(shares) + 0.2
