"""Work as it is shown: prompts of several turns, marked blocks, and what a program may hold."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from evolve.domain import Limits, Program, Role
from evolve.errors import UserError
from evolve.handout import Editable, Work, as_answer, prompt_text, work_of
from evolve.problem import load_problem
from evolve.question import Question
from evolve.report.work import work_view
from evolve.report.write import write_work
from evolve.scaffold.base import Prompt, Section
from tests.conftest import SEED, write_tiny

NOON = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)


def prompt(*sections: Section) -> Prompt:
    return Prompt("mutate", "person", sections, 0, (0,))


def test_a_prompt_of_one_turn_is_what_a_model_would_get_and_nothing_else() -> None:
    text = prompt_text(prompt(Section("a", "You improve.", Role.SYSTEM), Section("b", "Code"), Section("c", "Task")))
    assert text == "You improve.\n\nCode\n\nTask"


def test_earlier_answers_are_set_apart() -> None:
    talk = prompt(Section("a", "Task"), Section("b", "I did", Role.ASSISTANT), Section("c", "It failed"))
    parts = ["Task", "--- the answer so far ---", "I did", "--- what is asked now ---", "It failed"]
    assert prompt_text(talk) == "\n\n".join(parts)


@pytest.mark.parametrize(
    ("marked", "lines"),
    [
        (SEED, ()),
        ("# EVOLVE-BLOCK-START\na = 1\nb = 2\n# EVOLVE-BLOCK-END\nx = 1\n", ((2, 3),)),
        ("x\n# EVOLVE-BLOCK-START\n# EVOLVE-BLOCK-END\ny", ((3, 2),)),
        (
            "# EVOLVE-BLOCK-START\na\n# EVOLVE-BLOCK-END\n\n# EVOLVE-BLOCK-START\nb\n# EVOLVE-BLOCK-END",
            ((2, 2), (6, 6)),
        ),
    ],
)
def test_the_lines_that_may_change_are_counted_as_an_editor_does(
    tmp_path: Path, marked: str, lines: tuple[tuple[int, int], ...]
) -> None:
    problem = load_problem(write_tiny(tmp_path / "tiny"))
    question = Question(1, 0, prompt(Section("a", "Task")), Program.of({"curve.py": marked}))
    assert work_of(1, problem, question, NOON).editable == (Editable("curve.py", lines),)


def test_files_are_noted_as_an_answer_that_states_them() -> None:
    assert as_answer({"a.py": "x = 1\n", "b.py": "y"}) == "a.py\n```\nx = 1\n\n```\n\nb.py\n```\ny\n```"


def test_what_a_candidate_wrote_cannot_style_the_terminal() -> None:
    work = Work(1, 2, "mutate", "edit", (0,), (), 0, "\x1b[31mred", {}, (Editable("a", ((3, 2),)),), (), Limits(), NOON)
    shown = work_view(work, "evolve tell 1 2")
    assert "\\x1b[31mred" in shown
    assert "\x1b" not in "".join(part for part in shown if isinstance(part, str))


def test_a_program_with_a_file_of_the_prompts_name_is_not_written_over(tmp_path: Path) -> None:
    work = Work(1, 2, "mutate", "edit", (0,), (), 0, "Task", {"PROMPT.md": "mine"}, (), (), Limits(), NOON)
    with pytest.raises(UserError, match=r"PROMPT\.md of its own"):
        write_work(work, tmp_path / "work")
    assert not (tmp_path / "work").exists()
