from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_samples import BAD_EDIT, FIT, MANY_FILES, MODEL, ONE_FILE, PLAN, answered, many_files, one_file, scored

from evolve.domain import Finish, Message, Role, Status
from evolve.errors import EditError
from evolve.scaffold.base import Draft, Prompt
from evolve.scaffold.conversation import MOST_AMENDMENTS, amend, lesson, parse, reflect
from evolve.scaffold.recipes import BY_NAME, RECIPES
from evolve.scaffold.turns import tagged

FILES = one_file().parent.files
GOOD_EDIT = """Idea: A slope of 2.4 takes 0.31 off at x = 2.

curve.py
<<<<<<< SEARCH
    return 2.5 * x * x + 0.25
=======
    return 2.4 * x * x + 0.25
>>>>>>> REPLACE
"""
CHILD = {"curve.py": FIT.format(a=2.4, b=0.25)}
FAULT = "block 1 of curve.py: these lines are not in the file"


def asked(name="mutate", **changes):
    prompt = BY_NAME[name].prompt(one_file())
    return replace(prompt, tag="by=abc;form=diff", **changes)


def amended(prompt, status, text=BAD_EDIT, reason=FAULT):
    return amend(ONE_FILE, prompt, FILES, answered(text), status, reason)


def refused(prompt, answer):
    with pytest.raises(EditError) as caught:
        parse(ONE_FILE, prompt, FILES, answer)
    return caught.value.status


def test_an_answer_becomes_a_program_with_its_idea_parents_and_tag():
    prompt = asked("crossover")
    draft = parse(ONE_FILE, prompt, FILES, answered(GOOD_EDIT))
    assert isinstance(draft, Draft)
    assert dict(draft.files) == CHILD
    assert (draft.operator, draft.parents, draft.inspirations) == ("crossover", (12, 9), (7,))
    assert draft.idea == "A slope of 2.4 takes 0.31 off at x = 2."
    assert draft.tag == "by=abc;form=diff;level=exact;step=edit"


def test_every_recipe_makes_a_program_of_an_edit():
    for recipe in RECIPES:
        occasion = one_file()
        prompt = recipe.prompt(occasion)
        base = occasion.failure.files if recipe.repairs else FILES
        text = next(line for line in base["curve.py"].splitlines() if "return" in line)
        edit = f"Idea: Less.\n\ncurve.py\n<<<<<<< SEARCH\n{text}\n=======\n    return 2.0 * x\n>>>>>>> REPLACE\n"
        made = parse(ONE_FILE, prompt, base, answered(edit))
        if recipe.name == "plan":
            made = parse(ONE_FILE, made, base, answered(edit))
        assert isinstance(made, Draft), recipe.name
        assert "return 2.0 * x\n" in made.files["curve.py"]


def test_a_whole_answer_about_one_of_several_files_leaves_the_others():
    occasion = many_files()
    prompt = BY_NAME["mutate"].prompt(occasion)
    answer = "Idea: Two bins.\n\npacking/lib/extra.py\n```python\nLIMIT = 90\n```\n"
    draft = parse(MANY_FILES, prompt, occasion.parent.files, answered(answer))
    assert isinstance(draft, Draft)
    assert dict(draft.files) == {**occasion.parent.files, "packing/lib/extra.py": "LIMIT = 90\n"}
    assert "level=whole" in draft.tag


@pytest.mark.parametrize(
    ("finish", "text", "status"),
    [
        (Finish.FAILED, "", Status.NO_ANSWER),
        (Finish.BLOCKED, "", Status.BLOCKED),
        (Finish.LENGTH, GOOD_EDIT, Status.TRUNCATED),
        (Finish.LENGTH, "", Status.TRUNCATED),
        (Finish.STOP, " \n", Status.EMPTY),
        (Finish.STOP, "<think>only thoughts</think>\n", Status.NO_EDIT),
        (Finish.STOP, BAD_EDIT, Status.EDIT_NOT_APPLIED),
        (Finish.STOP, "I would rather not change anything.", Status.NO_EDIT),
    ],
)
def test_an_answer_that_is_no_program_says_what_it_is(finish, text, status):
    assert refused(asked(), answered(text, finish)) is status


def test_the_providers_reason_is_kept():
    with pytest.raises(EditError, match="five calls timed out"):
        parse(ONE_FILE, asked(), FILES, answered("", Finish.FAILED, "five calls timed out"))


def test_a_prompt_that_overflows_is_asked_once_more_and_shorter():
    prompt = asked("crossover")
    shorter = parse(ONE_FILE, prompt, FILES, answered("", Finish.OVERFLOW))
    assert isinstance(shorter, Prompt)
    assert shorter.turn == 1
    assert all(section.drop == 0 for section in shorter.sections)
    assert {section.name for section in shorter.sections} >= {"code", "task", "inspiration 9", "system 0"}
    assert shorter.inspirations == ()
    assert refused(shorter, answered("", Finish.OVERFLOW)) is Status.NO_ANSWER


def test_a_plan_is_followed_by_the_edit_in_the_same_conversation():
    plan = asked("plan")
    second = parse(ONE_FILE, plan, FILES, answered(PLAN))
    assert isinstance(second, Prompt)
    assert (second.step, second.turn) == ("edit", 1)
    assert second.sections[: len(plan.sections)] == plan.sections
    assert second.messages()[:2] == plan.messages()
    assert "think" not in second.messages()[2].text
    bare = GOOD_EDIT.split("\n\n", 1)[1]
    draft = parse(ONE_FILE, second, FILES, answered(bare))
    assert isinstance(draft, Draft)
    assert draft.idea == "A slope of 2.4 takes 0.31 off at x = 2."


def test_a_plan_that_was_cut_off_is_still_a_plan():
    second = parse(ONE_FILE, asked("plan"), FILES, answered("1. It is too high on the", Finish.LENGTH))
    assert isinstance(second, Prompt)
    assert refused(asked("plan"), answered("<think>and so", Finish.LENGTH)) is Status.TRUNCATED
    assert refused(asked("plan"), answered("<think>and so</think>")) is Status.EMPTY


def test_an_edit_that_does_not_apply_gets_a_repair_then_a_rewrite_then_up():
    first = asked()
    repair = amended(first, Status.EDIT_NOT_APPLIED)
    rewrite = amended(repair, Status.EDIT_NOT_APPLIED)
    assert (repair.step, repair.form, repair.turn) == ("repair", "diff", 1)
    assert (rewrite.step, rewrite.form, rewrite.turn) == ("rewrite", "whole", 2)
    assert FAULT in repair.messages()[-1].text
    assert "return 2.5 * x * x + 0.25" in repair.messages()[-1].text
    assert "<the complete new text>" in rewrite.messages()[-1].text
    assert amended(rewrite, Status.EDIT_NOT_APPLIED) is None
    draft = parse(ONE_FILE, repair, FILES, answered(GOOD_EDIT))
    assert isinstance(draft, Draft)
    assert draft.tag.endswith("step=repair")


def test_a_whole_file_that_cannot_be_used_is_repaired_once():
    occasion = replace(one_file(), form="whole")
    repair = amended(BY_NAME["mutate"].prompt(occasion), Status.OUTSIDE_REGION)
    assert repair.form == "whole"
    assert amended(repair, Status.OUTSIDE_REGION) is None


def test_a_repair_shows_the_file_the_error_names():
    occasion = many_files()
    prompt = BY_NAME["mutate"].prompt(occasion)
    reason = "packing/rules.py: the code is abbreviated in line 3"
    further = amend(MANY_FILES, prompt, occasion.parent.files, answered("?"), Status.EDIT_NOT_APPLIED, reason)
    last = further.messages()[-1].text
    assert "WEIGHTS = [1.0, 0.3]" in last
    assert "LIMIT = 100" not in last


@pytest.mark.parametrize("status", [Status.DUPLICATE, Status.NO_EDIT])
def test_a_duplicate_or_no_edit_gets_one_nudge(status):
    nudge = amended(asked(), status, reason="the same program was proposed before")
    assert nudge.step == "nudge"
    assert "the same program was proposed before" in nudge.messages()[-1].text
    assert amended(nudge, status) is None


def test_a_cut_answer_is_asked_for_once_more_shorter_and_as_a_diff():
    for form in ("diff", "whole"):
        first = BY_NAME["mutate"].prompt(replace(one_file(), form=form))
        shorter = amended(first, Status.TRUNCATED, text="half of " + BAD_EDIT)
        assert (shorter.form, shorter.step, shorter.turn) == ("diff", "edit", 1)
        assert "much shorter" in shorter.messages()[-1].text
        assert "half of" not in shorter.messages()[-1].text
        assert ("<<<<<<< SEARCH" in shorter.sections[-1].text) is (form == "whole")
        assert amended(shorter, Status.TRUNCATED) is None


def test_an_empty_answer_is_asked_for_once_more():
    again = amended(asked("plan"), Status.EMPTY, text="")
    assert (again.step, again.turn) == ("plan", 1)
    assert again.messages()[-1].role is Role.USER
    assert amended(again, Status.EMPTY, text="") is None
    assert isinstance(parse(ONE_FILE, again, FILES, answered(PLAN)), Prompt)


@pytest.mark.parametrize("status", [Status.NO_ANSWER, Status.BLOCKED, Status.CRASH, Status.VALID])
def test_nothing_is_asked_after_other_ends(status):
    assert amended(asked(), status) is None


@given(st.lists(st.sampled_from(list(Status)), max_size=12), st.sampled_from([recipe.name for recipe in RECIPES]))
def test_amendments_end_and_keep_every_earlier_byte(statuses, name):
    prompt = asked(name)
    for count, status in enumerate(statuses):
        further = amended(prompt, status)
        if further is None:
            continue
        assert further.turn == prompt.turn + 1
        assert further.turn <= MOST_AMENDMENTS, count
        assert further.sections[: len(prompt.sections)] == prompt.sections
        assert further.messages()[: len(prompt.messages()) - 1] == prompt.messages()[:-1]
        assert further.messages()[len(prompt.messages()) - 1].text.startswith(prompt.messages()[-1].text)
        assert all(message.text for message in further.messages())
        prompt = further


def test_a_conversation_survives_an_overflow_in_its_middle():
    repair = amended(asked(), Status.EDIT_NOT_APPLIED)
    shorter = parse(ONE_FILE, repair, FILES, answered("", Finish.OVERFLOW))
    assert isinstance(shorter, Prompt)
    assert shorter.turn == 2
    assert shorter.sections[-2:] == repair.sections[-2:]
    assert amended(shorter, Status.EDIT_NOT_APPLIED).step == "rewrite"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Tried: A slope of 2.4 takes 0.31 off at x = 2; error improved from 0.341 to 0.271 ± 0.012 mm"),
        ({"score": -0.4}, "error got worse from 0.341 to 0.400 ± 0.012 mm"),
        ({"score": -0.35}, "error did not change measurably (from 0.341 to 0.350 ± 0.012 mm)"),
        ({"score": -0.3412, "stderr": None}, "error stayed at 0.3412 mm"),
        ({"base_score": None}, "it works now, error is 0.271 ± 0.012 mm"),
        (
            {"score": None, "status": Status.CRASH, "feedback": "Traceback ...\nZeroDivisionError"},
            "it failed with a crash",
        ),
        ({"score": None, "status": Status.TIMEOUT, "feedback": ""}, "it failed with a timeout"),
    ],
)
def test_a_lesson_is_digested_from_idea_and_outcome(changes, said):
    told = reflect(ONE_FILE, scored(**changes), ())
    assert told.startswith("Tried: A slope of 2.4 takes 0.31 off at x = 2; ")
    assert said in told


def test_there_is_no_lesson_without_an_idea_or_when_the_sandbox_failed():
    assert reflect(ONE_FILE, scored(idea=""), ()) == ""
    assert reflect(ONE_FILE, scored(status=Status.INFRASTRUCTURE, score=None), ()) == ""


def test_nothing_is_learnt_from_a_score_that_cannot_be_true() -> None:
    talk = (Message(Role.USER, "improve it"), Message(Role.ASSISTANT, PLAN))
    beyond = scored(operator="plan", status=Status.SUSPECT, score=None, feedback="beyond the proven bound 1")
    assert reflect(ONE_FILE, beyond, ()) == ""
    assert reflect(ONE_FILE, beyond, talk) == ""


def test_a_plan_is_asked_for_its_lesson_with_the_measured_outcome():
    second = parse(ONE_FILE, asked("plan"), FILES, answered(PLAN))
    raw = f"<think>Well ...</think>{GOOD_EDIT}"
    history = (*second.messages(), Message(Role.ASSISTANT, raw))
    question = reflect(ONE_FILE, scored(operator="plan", tag="by=abc"), history)
    assert isinstance(question, Prompt)
    assert question.messages()[: len(history) - 1] == history[:-1]
    assert question.messages()[-2].text == GOOD_EDIT.strip()
    assert "error improved from 0.341 to 0.271 ± 0.012 mm" in question.messages()[-1].text
    assert "at x = 2 the curve is too high by 0.02" in question.messages()[-1].text
    assert (question.step, question.turn, question.model) == ("lesson", 2, MODEL.name)
    assert question.output < 5_000


def test_a_plan_of_a_person_has_a_digested_lesson():
    assert reflect(ONE_FILE, scored(operator="plan"), ()).startswith("Tried: ")


@given(st.text(max_size=900))
def test_a_lesson_is_one_short_line_without_fences(text):
    told = lesson(text)
    assert len(told) <= 400
    assert "```" not in told
    assert len(told.splitlines()) <= 1
    assert len(reflect(ONE_FILE, scored(idea=text, feedback=text, status=Status.CRASH, score=None), ())) <= 400


def test_a_models_thoughts_are_no_lesson():
    assert lesson("<think>It got better, so\n</think>\n**Smaller slopes** help.\n") == "**Smaller slopes** help."


@given(st.text(alphabet="ab=;", max_size=300))
def test_a_tag_stays_within_its_limit_and_keeps_the_last_words(tag):
    told = tagged(tag, level="indentation", step="rewrite")
    assert len(told) <= 200
    assert told.endswith("level=indentation;step=rewrite")
