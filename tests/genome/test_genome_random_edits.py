"""The control: edits drawn blindly, always valid, the same for the same draw."""

from __future__ import annotations

import random

import pytest

from evolve.errors import EditError
from evolve.genome.folder import zero
from evolve.genome.genome import Genome
from evolve.genome.random_edits import random_edit
from evolve.genome.static import faults
from evolve.scaffold.base import Prediction


def edited(genome: Genome, seed: int) -> tuple[Genome, str]:
    edit = random_edit(genome, random.Random(seed))
    assert edit.prediction == Prediction("area", "up")
    (path,) = edit.files
    assert edit.idea.rstrip(".").split(" in ")[-1].startswith(f"{path}, line ")
    return Genome.of({**genome.files, path: edit.files[path] or ""}), edit.idea


def test_every_draw_is_a_valid_scaffold_that_differs() -> None:
    ideas = set()
    for seed in range(60):
        child, idea = edited(zero(), seed)
        assert faults(child, zero()) == []
        ideas.add(idea.partition(" ")[0])
    assert ideas >= {"Scale", "Swap", "Turn", "Drop", "Remove", "Say"}


def test_the_same_draw_gives_the_same_edit() -> None:
    assert random_edit(zero(), random.Random(5)) == random_edit(zero(), random.Random(5))


def test_edits_add_up_over_generations() -> None:
    genome = zero()
    for seed in range(15):
        genome, _ = edited(genome, seed)
    assert faults(genome, zero()) == []


def test_each_move_changes_what_it_says() -> None:
    text = (
        "é = (2, 30)\nmade = len('é') < 3 or é is not None\nfast = True\n\n\n"
        "def create(task=1, *, most=2):\n    return task\n"
    )
    files = {
        "scaffold.toml": 'name = "s"\napi = 1\nentry = "main:create"\nmeta = "main:create"\n',
        "main.py": text,
        "prompts/task.md": "# Task\n\nFirst.\n\nSecond.\n",
    }
    genome = Genome.of(files)
    seen = {edited(genome, seed) for seed in range(300)}
    told = {idea: child.files for child, idea in seen}
    assert told["Swap 2 and 30 in main.py, line 1."]["main.py"] == text.replace("(2, 30)", "(30, 2)")
    assert told["Turn `<` into `<=` in main.py, line 2."]["main.py"] == text.replace(" < ", " <= ")
    assert told["Turn `is not` into `is` in main.py, line 2."]["main.py"] == text.replace("is not", "is")
    assert told["Turn True into False in main.py, line 3."]["main.py"] == text.replace("True", "False")
    assert told["Drop the default of `most` of `create` in main.py, line 6."]["main.py"] == text.replace(
        "most=2", "most"
    )
    cut = told["Remove the paragraph that begins with 'First.\\n\\nSecond.\\n' in prompts/task.md, line 3."]
    assert cut["prompts/task.md"] == "# Task\n\nSecond.\n"
    assert any(idea.startswith("Scale 30 to ") for idea in told)
    assert any(files["prompts/task.md"].count("Second.") == 2 for files in told.values())


def test_numbers_beyond_all_measure_are_left_alone() -> None:
    files = {
        "scaffold.toml": 'name = "s"\napi = 1\nentry = "main:create"\nmeta = "main:create"\n',
        "main.py": f"a = [1e999, 0x{'f' * 4000}, 2]\n\n\ndef create():\n    return None\n",
    }
    ideas = {edited(Genome.of(files), seed)[1].partition(" to ")[0] for seed in range(20)}
    assert {idea for idea in ideas if idea.startswith("Scale")} == {"Scale 2"}


def test_a_scaffold_with_nothing_to_change_is_said_to_be_one() -> None:
    files = {
        "scaffold.toml": 'name = "s"\napi = 1\nentry = "main:create"\nmeta = "main:create"\n',
        "main.py": "def create():\n    return None\n",
    }
    with pytest.raises(EditError, match="found nothing to change"):
        random_edit(Genome.of(files), random.Random(1))
