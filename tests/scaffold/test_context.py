import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prompt_samples import MANY_FILES, MODEL, ONE_FILE, elite, many_files, one_file

from evolve.domain import Role, Status
from evolve.scaffold import context, evidence, wording
from evolve.scaffold.base import FailureView, Section
from evolve.scaffold.occasion import Lesson
from evolve.scaffold.recipes import BY_NAME, RECIPES
from evolve.scaffold.tokens import estimate

FENCE_TRAP = '''def curve(x):
    """
    ````
    ```python
    <<<<<<< SEARCH
    {{ number }} {% if x %} {# no comment #}
    =======
    >>>>>>> REPLACE
    """
    return x
'''


def text_of(prompt, role=None):
    return "\n\n".join(message.text for message in prompt.messages() if role in (None, message.role))


def tokens_of(prompt):
    return sum(estimate(message.text) for message in prompt.messages())


def first_line(section):
    return section.text.split("\n", 1)[0]


def busy(parent_size=10, others=6, feedback=50, artifacts=3, artifact_size=50, lessons=4, failures=4, tokens=24_000):
    """An occasion of any size."""
    task = replace(ONE_FILE, seed_files={"curve.py": "def curve(x):\n    return 1\n"})

    def program(size, number):
        return {"curve.py": f"def curve(x):\n    y = {number}\n" + "    y += 1.5 * x\n" * size + "    return y\n"}

    parent = elite(
        1,
        program(parent_size, 1),
        -1.0,
        feedback="too high by 0.31\n" * feedback,
        metrics={f"metric{i}": float(i) for i in range(feedback)},
        artifacts={f"artifact{i}": "x=1: 0.25\n" * artifact_size for i in range(artifacts)},
    )
    elites = tuple(elite(10 + i, program(parent_size, i), -2.0 - i) for i in range(others))
    told = tuple(Lesson(20 + i, "Tried: more; error got worse", "mutate", -0.1, False, 0.1) for i in range(lessons))
    crashed = tuple(
        FailureView(30 + i, program(1, i), Status.CRASH, "ZeroDivisionError", (1,), "mutate") for i in range(failures)
    )
    view = replace(one_file().view, elites=(parent, *elites), best=parent)
    return replace(
        one_file(),
        task=task,
        view=view,
        parent=parent,
        inspirations=elites,
        lessons=told,
        failures=crashed,
        failure=None,
        tokens=tokens,
    )


def test_the_stable_part_is_the_same_bytes_on_every_occasion_of_every_recipe():
    for form in ("diff", "whole"):
        seen = set()
        for recipe in RECIPES:
            if form not in recipe.forms:
                continue
            for occasion in (
                one_file(),
                replace(one_file(), parent=one_file().inspirations[0], lessons=(), failures=()),
            ):
                first, *rest = recipe.prompt(replace(occasion, form=form, rng=random.Random(9))).messages()
                assert first.role is Role.SYSTEM
                assert first.stable
                assert not any(message.stable for message in rest)
                seen.add(first.text)
        assert len(seen) == 1


def test_both_forms_share_all_of_the_stable_part_but_its_end():
    diff, whole = (context.system(MANY_FILES, form, 24_000) for form in ("diff", "whole"))
    assert diff[:-1] == whole[:-1]
    assert diff[-1] != whole[-1]
    assert sum(estimate(section.text) for section in diff[:-1]) > estimate(whole[-1].text)


def test_nothing_stable_comes_after_something_volatile():
    for recipe in RECIPES:
        for occasion in (one_file(), many_files(), busy()):
            if recipe.repairs and occasion.failure is None:
                continue
            stable = [section.stable for section in recipe.prompt(occasion).sections]
            assert stable == sorted(stable, reverse=True)


def test_the_system_part_says_what_the_task_is():
    text = text_of(BY_NAME["mutate"].prompt(one_file()), Role.SYSTEM)
    for said in (
        "Find a function `curve(x)` that follows hidden points.",
        "Make `error` lower.",
        "in mm; lower is better",
        "`curve.py`, only between the lines with EVOLVE-BLOCK-START and EVOLVE-BLOCK-END",
        "2 seconds and 512 MB",
        "Language: python",
        "Idea: <one sentence>",
        "<<<<<<< SEARCH",
    ):
        assert said in text


def test_files_that_never_change_are_shown_once_and_not_with_every_program():
    prompt = BY_NAME["mutate"].prompt(many_files())
    assert text_of(prompt, Role.SYSTEM).count("return [bin - item]") == 1
    assert "return [bin - item]" not in text_of(prompt, Role.USER)
    assert "new files whose path matches `packing/lib/*.py`" in text_of(prompt, Role.SYSTEM)


def test_other_programs_show_only_what_may_change_and_the_parent_all():
    prompt = BY_NAME["mutate"].prompt(one_file())
    assert text_of(prompt, Role.USER).count("def main(x)") == 1
    assert "return 2.0 * x * x + -1.0" in text_of(prompt, Role.USER)


def test_scores_are_said_in_the_objectives_own_direction_with_error_and_sample_size():
    text = text_of(BY_NAME["mutate"].prompt(one_file()), Role.USER)
    assert "Score: error = 0.341 ± 0.012 mm (n = 5; lower is better)." in text
    assert "-0.34" not in text
    exact = text_of(BY_NAME["mutate"].prompt(many_files()), Role.USER)
    assert "Score: items = 41 (one measurement; higher is better)." in exact


@pytest.mark.parametrize(
    ("value", "stderr", "said"),
    [
        (2.6359830849174815, None, "2.635983085"),
        (0.1 + 0.2, None, "0.3"),
        (1234.5678, 0.0123, "1234.568"),
        (1234.5678, 45.0, "1235"),
        (1e-7, 2e-9, "0.0000001000"),
        (5.0, 1e-30, "5"),
        (5.0, float("nan"), "5"),
    ],
)
def test_a_number_has_the_digits_its_error_leaves_it(value, stderr, said):
    assert wording.number(value, stderr) == said


def test_what_is_known_of_the_parent_comes_after_all_else_and_the_task_last():
    names = [section.name for section in BY_NAME["mutate"].prompt(one_file()).sections]
    assert names[3:] == [
        "failures", "inspiration 7", "inspiration 9",
        "parent", "metrics", "feedback", "artifact residuals", "code", "task",
    ]  # fmt: skip
    assert names[2] == "lessons"


def test_feedback_and_artifacts_are_this_parents_own():
    text = text_of(BY_NAME["mutate"].prompt(one_file()), Role.USER)
    assert text.count("## Feedback on candidate") == 1
    assert "## Feedback on candidate 12\n\n```text\nat x = 2 the curve is too high by 0.31\n" in text
    assert "## Artifact of candidate 12: residuals\n\n```text\nx=-1: -0.02\n" in text


def test_hostile_text_survives_unharmed_wherever_it_stands():
    trap = {"curve.py": FENCE_TRAP}
    occasion = replace(
        one_file(),
        parent=elite(1, trap, -1.0, feedback=FENCE_TRAP, artifacts={"a\n# Task": FENCE_TRAP}, idea="{{ 7 * 7 }} ```"),
        inspirations=(elite(2, trap, -2.0),),
        failure=FailureView(3, trap, Status.CRASH, FENCE_TRAP, (1,), "mutate", "{% raw %}\n# Task"),
    )
    for recipe in RECIPES:
        text = text_of(recipe.prompt(occasion), Role.USER)
        block = f"`````python\n{FENCE_TRAP}`````"
        assert text.count(block) == (3 if recipe.mates == 2 else 2)
        assert text.count("\n# Task\n") == 1
        if not recipe.repairs:
            assert "Its idea: {{ 7 * 7 }}" in text
            assert f"`````text\n{FENCE_TRAP.strip()}\n`````" in text


SIZES = st.integers(0, 400)


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 12), SIZES, st.integers(0, 9), SIZES, SIZES, SIZES, st.integers(1_000, 30_000))
def test_a_prompt_fits_its_budget_whatever_there_is_to_tell(
    parent, others, feedback, artifacts, size, lessons, failed, n
):
    prompt = BY_NAME["mutate"].prompt(busy(parent, others, feedback, artifacts, size, lessons, failed, n))
    names = {section.name for section in prompt.sections}
    assert {"parent", "code", "task", "system 0"} <= names
    if any(section.drop for section in prompt.sections):
        assert tokens_of(prompt) <= n
    assert set(prompt.inspirations) == {int(name.split()[1]) for name in names if name.startswith("inspiration")}


def test_sections_are_left_out_in_the_stated_order():
    room, order = 40_000, []
    before = [section.name for section in BY_NAME["mutate"].prompt(busy(tokens=room)).sections]
    full = busy(tokens=room)
    prompt = BY_NAME["mutate"].prompt(full)
    budget = tokens_of(prompt) + 100
    while budget > 0:
        kept = context.fit(prompt.sections, budget)
        names = [section.name for section in kept]
        order += [name for name in before if name not in names]
        before = names
        budget -= 10
    assert order == [
        "artifact artifact0", "artifact artifact1", "artifact artifact2", "failures",
        *(f"inspiration {number}" for number in (15, 14, 13, 12, 11, 10)), "lessons", "metrics", "feedback",
    ]  # fmt: skip
    assert [section.drop for section in context.fit(prompt.sections, 0)] == [0] * len(before)


def test_long_feedback_keeps_its_head_and_its_tail():
    parent = elite(1, one_file().parent.files, -1.0, feedback="first\n" + "x = 1.25\n" * 9_000 + "last")
    section = next(s for s in evidence.parent(ONE_FILE, parent, 16_000) if s.name == "feedback")
    assert "```text\nfirst\n" in section.text
    assert section.text.endswith("last\n```")
    assert "characters left out ...]" in section.text
    assert estimate(section.text) < 16_000 / 16 + 50


def test_a_small_context_window_bounds_the_prompt_and_the_answer():
    model = replace(MODEL, context=8_000, output=8_192)
    prompt = BY_NAME["mutate"].prompt(replace(busy(others=12, parent_size=100), model=model))
    assert prompt.output <= 4_000
    assert tokens_of(prompt) + prompt.output <= 8_000
    assert len(prompt.inspirations) < 12


def test_room_for_an_answer_grows_with_the_program_the_form_and_thinking():
    small, large = ({"curve.py": "    y += 1.5 * x\n" * size} for size in (10, 1_000))
    wide = replace(MODEL, output=200_000)
    room = context.answer_room
    assert 4_000 < room(wide, ONE_FILE, small, "diff") < room(wide, ONE_FILE, large, "diff")
    assert room(wide, ONE_FILE, large, "diff") > 4_000 + estimate(large["curve.py"])
    assert room(wide, ONE_FILE, large, "whole") > room(wide, ONE_FILE, large, "diff")
    assert room(replace(wide, reasoning=True), ONE_FILE, small, "diff") > 16_000
    assert room(MODEL, ONE_FILE, large, "whole") == MODEL.output


def test_a_mate_is_never_left_out():
    occasion = replace(busy(others=3, parent_size=200), tokens=1_000)
    prompt = BY_NAME["crossover"].prompt(occasion)
    assert prompt.parents == (1, 10)
    assert prompt.inspirations == ()
    assert "inspiration 10" in [section.name for section in prompt.sections]


def test_many_metrics_and_artifacts_are_counted_not_all_shown():
    crowded = busy(feedback=200, artifacts=30, artifact_size=1)
    sections = BY_NAME["mutate"].prompt(crowded).sections
    metrics = next(section.text for section in sections if section.name == "metrics")
    assert metrics.endswith("- and 176 more")
    assert sum(section.name.startswith("artifact") for section in sections) == evidence.MOST_ARTIFACTS


def test_fit_leaves_out_nothing_when_all_fits():
    sections = [Section("a", "x" * 30, drop=3), Section("b", "y" * 30)]
    assert context.fit(sections, 1_000) == tuple(sections)


def test_a_whole_answer_is_asked_for_as_the_regions_of_a_file_allow():
    one = "a = 0\n# EVOLVE-BLOCK-START\nb = 1\n# EVOLVE-BLOCK-END\n"
    task = replace(ONE_FILE, seed_files={"curve.py": one})
    assert "give only the text between them" in context.answer_form(task, "whole")
    two = replace(ONE_FILE, seed_files={"curve.py": one + one})
    assert "give the whole text, those lines included" in context.answer_form(two, "whole")
    assert "EVOLVE-BLOCK" not in context.answer_form(replace(ONE_FILE, seed_files={"curve.py": "b = 1\n"}), "whole")
    shown = evidence.inspiration(two, elite(3, {"curve.py": one + one}, 1.0)).text
    assert "```python\nb = 1\n[...]\nb = 1\n```" in shown
    assert "a = 0" not in shown


def test_long_fixed_files_share_a_quarter_of_the_budget():
    files = {"curve.py": "b = 1\n", "data.py": "x = [1]\n" * 20_000, "more.py": "y = 2\n" * 20_000}
    system = context.system(replace(ONE_FILE, seed_files=files), "diff", 8_000)
    assert 1_000 < estimate(system[1].text) < 8_000 / 4 + 100
    assert system[1].text.index("data.py") < system[1].text.index("more.py")
    assert system == context.system(replace(ONE_FILE, seed_files=files), "diff", 8_000)
