"""The stand-in's mind: information makes its edits better dose by dose, anything else changes nothing."""

from __future__ import annotations

import functools
import itertools
import math
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from standin import mind_notes as notes
from standin.mind import PERSONAS, think
from standin.mind_reading import read
from standin.mind_source import Source
from standin_prompts import DIFF, Ask, applied, error, gain, mean, program

FEEDBACK = ("`gain` is too large by 0.5", "`decay` is too small by 0.2", "`rest` is too large by 0.5")
EXAMPLES = ({"gain": 1.9}, {"gain": 1.4}, {"rest": 1.2}, {"decay": 0.25}, {"gain": 1.2, "decay": 0.2}, {"rest": 0.7})
TRIED = (
    "Raise 1.6 to 1.9 in `level`, `gain`: error got worse",
    "Lower 0.15 to 0.1 in `level`, `decay`: error got worse",
    "Raise 0.9 to 1 in `level`, `rest`: error got worse",
    "Raise 2.2 to 3 in `level`, `turn`: error got worse",
    "Lower 2.2 to 2 in `level`, `turn`: error got worse",
)
HELPED = (
    "Lower 1.7 to 1.6 in `level`, `gain`: error improved",
    "Lower 1 to 0.9 in `level`, `rest`: error improved",
    "Raise 0.1 to 0.15 in `level`, `decay`: error improved",
)


def answers(ask: Ask, persona: str = "medium", count: int = 100, first: int = 0) -> list[str]:
    messages = ask.messages()
    return [thought(persona, messages, seed) for seed in range(first, first + count)]


@functools.cache
def thought(persona: str, messages: tuple[tuple[str, str], ...], seed: int) -> str:
    return think(PERSONAS[persona], messages, seed).text


def rate(ask: Ask, persona: str = "medium", count: int = 100, of: Callable[[str], float] = gain) -> float:
    return mean([of(answer) for answer in answers(ask, persona, count)])


def is_applied(answer: str) -> float:
    return float(applied(answer) is not None)


def spread(rate: float, count: int) -> float:
    """Standard error of a difference of two shares."""
    return math.sqrt(2 * max(rate * (1 - rate), 0.02) / count)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("doses", "least"),
    [
        ([Ask(), Ask(feedback=FEEDBACK[:1]), Ask(feedback=FEEDBACK)], 0.4),
        ([Ask(), Ask(examples=EXAMPLES[:1]), Ask(examples=EXAMPLES[:3]), Ask(examples=EXAMPLES)], 0.4),
        ([Ask(), Ask(tried=TRIED[:2]), Ask(tried=TRIED)], 0.08),
        ([Ask(), Ask(helped=HELPED[:1]), Ask(helped=HELPED)], 0.25),
    ],
    ids=["feedback", "scored examples", "failures", "lessons"],
)
def test_more_information_makes_better_edits(doses: list[Ask], least: float) -> None:
    """Monotone within two standard errors, and the full dose is worth `least` more than none."""
    count = 120
    rates = [rate(dose, count=count) for dose in doses]
    for less, more in itertools.pairwise(rates):
        assert more > less - 2 * spread(less, count), rates
    assert rates[-1] > rates[0] + least, rates


@pytest.mark.slow
def test_examples_teach_nothing_without_scores_and_little_without_the_direction() -> None:
    none, full = rate(Ask()), rate(Ask(examples=EXAMPLES))
    silent = rate(Ask(examples=EXAMPLES, scored=False))
    undirected = rate(Ask(examples=EXAMPLES, direction=False))
    assert silent < none + 0.1
    assert silent - 0.1 < undirected < full - 0.2


@pytest.mark.slow
def test_what_lies_in_the_middle_of_an_overlong_prompt_is_lost() -> None:
    near, far = (rate(Ask(examples=EXAMPLES, filler=filler)) for filler in (100, 60_000))
    assert near > far + 0.3
    assert far == pytest.approx(rate(Ask()), abs=0.12)


def test_the_form_is_kept_to_when_it_is_stated() -> None:
    assert rate(Ask(), count=60, of=is_applied) > 0.9
    assert rate(Ask(form=DIFF), count=60, of=is_applied) > 0.8
    assert rate(Ask(form=""), count=60, of=is_applied) < 0.5


def test_tried_edits_are_repeated_less() -> None:
    """A list of failed moves of one number makes moves of it the same way rarer."""

    def repeats(answer: str) -> float:
        return float("Raise 1.6 to" in answer or "Raise 2.2 to" in answer)

    assert rate(Ask(tried=TRIED), count=100, of=repeats) <= rate(Ask(), count=100, of=repeats)


@pytest.mark.slow
def test_personas_differ_in_skill() -> None:
    ask = Ask(feedback=FEEDBACK[:1], examples=EXAMPLES[:2])
    weak, medium, strong = (rate(ask, persona, 120) for persona in ("weak", "medium", "strong"))
    assert weak + 0.1 < medium < strong - 0.05


@pytest.mark.slow
@pytest.mark.parametrize(
    "placebo",
    [
        "IMPORTANT: you are a world-class expert in numerical optimisation.",
        "Think step by step. Take a deep breath. This is very important to my career; I will tip $200.",
        "The weather was fine on the day this prompt was written, and the sea was calm.",
    ],
)
def test_words_without_information_change_nothing(placebo: str) -> None:
    count = 150
    for ask in (Ask(), Ask(feedback=FEEDBACK[:1])):
        plain, dressed = rate(ask, count=count), rate(ask.but(extra=placebo), count=count)
        assert abs(dressed - plain) < 3 * spread(plain, count), (plain, dressed)


@pytest.mark.slow
@pytest.mark.parametrize("ask", [Ask(), Ask(feedback=FEEDBACK[:1], examples=EXAMPLES[:2])], ids=["bare", "informed"])
def test_two_halves_of_the_same_are_the_same(ask: Ask) -> None:
    count = 200
    left, right = (answers(ask, count=count, first=first) for first in (0, count))
    for of in (gain, is_applied):
        a, b = mean([of(each) for each in left]), mean([of(each) for each in right])
        assert abs(a - b) < 3 * spread(a, count), (a, b)
    lengths = [[float(len(each)) for each in half] for half in (left, right)]
    doubt = math.sqrt(sum(statistics.variance(each) for each in lengths) / count)
    assert abs(mean(lengths[0]) - mean(lengths[1])) < 3 * doubt


def test_the_same_prompt_and_seed_give_the_same_answer_and_other_seeds_others() -> None:
    ask = Ask(examples=EXAMPLES)
    again = [think(PERSONAS["medium"], ask.messages(), seed).text for seed in range(10)]
    assert again == answers(ask, count=10)
    assert len(set(answers(ask, count=30))) > 20


_ISOLATED = """
import sys
from standin import mind_notes as notes
from standin.mind import PERSONAS, think
from standin_prompts import Ask
messages = Ask(feedback=("`gain` is too large by 0.5",)).messages()
think(PERSONAS["medium"], messages, 0)
def refuse(event, args):
    if event.split(".")[0] in ("open", "os", "socket", "subprocess", "import", "ctypes", "glob", "sqlite3"):
        raise PermissionError(event)
sys.addaudithook(refuse)
sys.stdout.write(think(PERSONAS["medium"], messages, 7).text)
"""


def test_it_reads_nothing_but_the_messages() -> None:
    """In another process with another hash seed, where opening, importing and connecting are refused: the same."""
    run = subprocess.run(
        [sys.executable, "-c", _ISOLATED],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent), "PYTHONHASHSEED": "123"},
    )
    assert run.stdout == think(PERSONAS["medium"], Ask(feedback=FEEDBACK[:1]).messages(), 7).text


@pytest.mark.slow
def test_a_plan_is_prose_and_the_edit_after_it_follows_it() -> None:
    ask = Ask()
    system, user = ask.messages()
    planning = (system, (user[0], user[1].replace("Make one change", "Write no code now: plan one change")))
    plans = [think(PERSONAS["strong"], planning, seed).text for seed in range(40)]
    assert not any("```" in plan for plan in plans)
    known = Source(program()).words

    def about(answer: str) -> frozenset[str]:
        return notes.words(notes.idea(answer), known)

    def carried_out(seed: int) -> str:
        talk = (*planning, ("assistant", plans[seed]), ("user", "Now carry out the plan, in the form described above."))
        return think(PERSONAS["strong"], talk, 1000 + seed).text

    edits = [about(carried_out(seed)) for seed in range(len(plans))]
    ideas = [about(plan) for plan in plans]
    own = mean([notes.likeness(idea, edit) for idea, edit in zip(ideas, edits, strict=True)])
    others = mean([notes.likeness(idea, edit) for idea, edit in zip(ideas[1:], edits, strict=False)])
    assert own > others + 0.15, (own, others)


@pytest.mark.slow
def test_feedback_with_a_condition_is_applied_under_that_condition() -> None:
    hints = notes.hints("where t is above 3, level is too small by 0.4 on average", frozenset({"t", "level", "gain"}))
    assert [(hint.way, hint.amount, hint.where) for hint in hints] == [(1, 0.4, ("t", "> 3"))]
    ask = Ask(feedback=("where t is above 3, what is returned is too small by 0.4",))
    assert rate(ask, "strong", 60, lambda answer: float("if t > 3 else" in answer)) > 0.3
    one_sided = Ask(feedback=("where t is positive, what is returned is too large by 0.4",))
    assert rate(one_sided, "strong", 60, lambda answer: float(re.search(r"- 0\.\d+ \* t\b", answer) is not None)) > 0.2


def test_a_lesson_names_the_change_and_its_outcome() -> None:
    talk = (
        ("user", "..."),
        ("assistant", "Idea: Lower `gain`.\n\nlevel.py\n```python\nx\n```"),
        ("user", "Your edit was run: error improved from 0.5 to 0.3.\n\nSay what to learn from this. No code."),
    )
    assert think(PERSONAS["weak"], talk, 0).text == ("Lower `gain`: Your edit was run: error improved from 0.5 to 0.3.")


def test_a_failed_program_is_mended_by_what_its_error_says() -> None:
    def mended(code: str, said: str) -> str | None:
        prompt = (
            f"# The program to edit, which failed\n\nIt failed: {said}\n\nlevel.py\n```python\n{code}```\n\n"
            "Answer with `Idea: <one sentence>` and the complete new text of the file.\n"
        )
        reply = think(PERSONAS["strong"], (("user", prompt),), 3).text
        found = re.search(r"```python\n(.*?)```", reply, re.DOTALL)
        return found and found[1]

    broken = program().replace("-decay * t", "-decai * t")
    assert error(broken) == math.inf
    assert error(mended(broken, "NameError: name 'decai' is not defined") or "") < math.inf
    unbalanced = program().replace("t) + rest", "t + rest")
    assert error(mended(unbalanced, "SyntaxError: '(' was never closed (line 9)") or "") < math.inf
    divided = program().replace("return gain", "return gain * 1 / (t - t)")
    assert error(mended(divided, "ZeroDivisionError: float division by zero, line 9") or "") < math.inf


GOLDEN = Path(__file__).parent / "scaffold" / "golden_prompts"


@pytest.mark.parametrize("name", [path.name for path in sorted(GOLDEN.glob("*.md")) if "turn." not in path.name])
def test_it_can_read_the_prompts_of_the_scaffold(name: str) -> None:
    """It finds the program to edit with its score, the other programs, what is asked and in which form."""
    text = (GOLDEN / name).read_text(encoding="utf-8")
    head, *parts = re.split(r"^-{10,} (\w+)[^\n]*-{10,}\n", text, flags=re.MULTILINE)
    reading = read(tuple(zip(parts[::2], parts[1::2], strict=True)), 48_000)
    wanted = dict(re.findall(r"^(\w+): (\w+)", head, re.MULTILINE))
    assert reading.parent is not None
    assert reading.parent.failed == name.startswith("repair")
    assert reading.parent.score is not None
    assert reading.ask == ("plan" if wanted["step"] == "plan" else "edit")
    assert reading.form == wanted.get("form", reading.form)
    assert reading.better != 0
    assert all(other.score is not None for other in reading.others if not other.failed)
