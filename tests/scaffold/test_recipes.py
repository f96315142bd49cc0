import time
from dataclasses import replace
from pathlib import Path

import pytest
from golden_prompts_update import FOLDER, golden
from prompt_samples import MODEL, elite, many_files, one_file

from evolve.scaffold import recipes
from evolve.scaffold.recipes import BY_NAME, RECIPES
from evolve.scaffold.templates import SHIPPED

GOLDEN = dict(golden())


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_a_prompt_is_what_it_was(name):
    assert GOLDEN[name] == (FOLDER / name).read_text(encoding="utf-8")


def test_there_is_no_golden_prompt_without_a_recipe():
    assert {path.name for path in FOLDER.iterdir()} == set(GOLDEN)


def test_every_module_of_the_folder_is_a_recipe_with_a_template():
    folder = Path(recipes.__file__).parent
    modules = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")}
    assert [recipe.name for recipe in RECIPES] == sorted(modules)
    assert {f"tasks/{name}" for name in modules} <= set(SHIPPED.names())


def test_a_new_recipe_is_found_by_its_file_alone(tmp_path, monkeypatch):
    (tmp_path / "more_recipes").mkdir()
    (tmp_path / "more_recipes" / "_shared.py").write_text("")
    (tmp_path / "more_recipes" / "bolder.py").write_text(
        "from evolve.scaffold.recipes.mutate import Mutate\n\n\n"
        "class Bolder(Mutate):\n    name = 'bolder'\n    template = 'tasks/mutate'\n\n\nRECIPE = Bolder()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    (recipe,) = recipes.discovered("more_recipes", [str(tmp_path / "more_recipes")])
    prompt = recipe.prompt(one_file())
    assert prompt.operator == "bolder"
    assert prompt.sections == BY_NAME["mutate"].prompt(one_file()).sections


def test_every_recipe_asks_for_the_idea_and_edits_the_base_it_names():
    for recipe in RECIPES:
        for occasion in (one_file(), many_files()):
            prompt = recipe.prompt(occasion)
            assert "`Idea: <one sentence>`" in prompt.sections[-1].text
            assert f"candidate {prompt.base}" in prompt.sections[-1].text.lower()
            assert prompt.operator == recipe.name
            assert prompt.model == MODEL.name
            assert prompt.form in recipe.forms
            assert prompt.turn == 0
            assert prompt.temperature is None


def test_parents_get_credit_and_inspirations_do_not():
    occasion = one_file()
    assert BY_NAME["mutate"].prompt(occasion).parents == (12,)
    assert BY_NAME["mutate"].prompt(occasion).inspirations == (9, 7)
    assert BY_NAME["crossover"].prompt(occasion).parents == (12, 9)
    assert BY_NAME["crossover"].prompt(occasion).inspirations == (7,)


def test_a_repair_edits_the_failed_program_and_credits_its_parent():
    prompt = BY_NAME["repair"].prompt(one_file())
    assert (prompt.base, prompt.parents) == (15, (12,))
    text = prompt.messages()[-1].text
    assert "ValueError: math domain error" in text
    assert "-    return 2.5 * x * x + 0.25\n+    return math.sqrt(x) * x * x + 0.25" in text
    assert "Candidate 15, mutate of 12" not in text
    assert prompt.sections[-2].text.count("math.sqrt(x) * x * x") == 1


def test_a_repair_does_without_a_parent_that_is_no_longer_known():
    occasion = one_file()
    lost = replace(occasion, failure=replace(occasion.failure, parents=(99,)))
    assert "changed" not in [section.name for section in BY_NAME["repair"].prompt(lost).sections]


def test_a_crossover_says_by_what_its_parents_differ():
    task = BY_NAME["crossover"].prompt(many_files()).sections[-1].text
    assert "By score, candidate 3 is 0.5 better than candidate 5." in task
    assert "Their other metrics, candidate 3's first: variety 7 and 12." in task
    close = one_file()
    mate = elite(9, close.parent.files, close.parent.score - 0.01, stderr=0.02)
    task = BY_NAME["crossover"].prompt(replace(close, inspirations=(mate,))).sections[-1].text
    assert "candidate 12 is as good as candidate 9, as far as was measured." in task


def test_a_recipe_without_what_it_needs_says_so():
    with pytest.raises(ValueError, match="crossover needs a mate"):
        BY_NAME["crossover"].prompt(replace(one_file(), inspirations=()))
    with pytest.raises(ValueError, match="repair needs an occasion with a failure"):
        BY_NAME["repair"].prompt(replace(one_file(), failure=None))


def test_a_rewrite_is_asked_for_whole_whatever_the_form():
    prompt = BY_NAME["rewrite"].prompt(replace(one_file(), form="diff"))
    assert prompt.form == "whole"
    assert "SEARCH" not in "".join(message.text for message in prompt.messages())


def test_only_a_plan_reflects_and_begins_without_code():
    assert [recipe.name for recipe in RECIPES if recipe.reflects] == ["plan"]
    prompt = BY_NAME["plan"].prompt(one_file())
    assert prompt.step == "plan"
    assert "Write no code now" in prompt.sections[-1].text


def test_a_prompt_is_made_in_milliseconds():
    occasion = one_file()
    BY_NAME["mutate"].prompt(occasion)
    start = time.process_time()
    for _ in range(50):
        BY_NAME["mutate"].prompt(occasion)
    assert (time.process_time() - start) / 50 < 0.02
