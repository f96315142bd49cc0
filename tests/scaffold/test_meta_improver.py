"""The question for a better scaffold: what it says, that it fits, and what it is about."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from meta_samples import FILES, MODEL, answered, view

from evolve.domain import Finish, Status
from evolve.errors import EditError
from evolve.genome.folder import zero
from evolve.scaffold.base import CurveView, MetaView, OperatorView, Prompt
from evolve.scaffold.meta import unused
from evolve.scaffold.meta.diagnosis import diagnose, weaknesses
from evolve.scaffold.meta.improver import create
from evolve.scaffold.tokens import estimate

GOLDEN = Path(__file__).parent / "golden_meta" / "improve.md"


def as_text(prompt: Prompt) -> str:
    return "\n\n".join(f"[{message.role.value}]\n\n{message.text}" for message in prompt.messages()) + "\n"


def length(prompt: Prompt) -> int:
    return sum(estimate(section.text) for section in prompt.sections)


def test_the_question_is_as_it_was() -> None:
    """After a meant change: `python tests/scaffold/test_meta_improver.py` writes it anew."""
    assert as_text(create().meta_propose(view())) == GOLDEN.read_text(encoding="utf-8")


def test_the_same_view_gives_the_same_question() -> None:
    assert create().meta_propose(view()) == create().meta_propose(view())
    assert {diagnose(view(seed=f"{i}")).name for i in range(30)} >= {"idle rewrite", "slow beginning"}


@pytest.mark.parametrize("most", [8_000, 24_000])
@pytest.mark.parametrize("load", ["usual", "heavy"])
def test_a_question_keeps_to_its_tokens(most: int, load: str) -> None:
    given = view(files=zero().files, most=most)
    if load == "heavy":
        given = replace(
            given,
            curves=tuple(CurveView(f"problem {i}", (0.1,) * 20) for i in range(400)),
            attempts=given.attempts * 400,
            feedback=("word " * 5_000,) * 10,
        )
    prompt = create().meta_propose(given)
    assert length(prompt) <= most
    shown = [section.name for section in prompt.sections if section.name.startswith("file ")]
    assert shown
    for name in shown:
        path = name.removeprefix("file ")
        section = next(section for section in prompt.sections if section.name == name)
        assert zero().files[path] in section.text


def test_files_that_were_asked_for_keep_to_the_same_tokens() -> None:
    first = create().meta_propose(view(files=zero().files, most=12_000))
    asked = answered("Show: arms.py, asking.py, context.py, evidence.py, memory.py, conversation.py")
    again = create().meta_parse(first, zero().files, asked)
    assert isinstance(again, Prompt)
    assert length(again) <= 12_000
    assert "file arms.py" in {section.name for section in again.sections}


def test_a_context_window_bounds_it_too() -> None:
    model = replace(MODEL, context=24_000, output=8_000)
    prompt = create().meta_propose(view(files=zero().files, models=(model,)))
    assert length(prompt) + prompt.output <= 24_000
    shorter = create().meta_parse(prompt, zero().files, answered("", Finish.OVERFLOW))
    assert isinstance(shorter, Prompt)
    assert shorter.turn == 1
    assert length(shorter) < length(prompt)


@pytest.mark.parametrize("changes", [{"models": ()}, {"files": {}}, {"most": 500}])
def test_without_a_model_files_or_room_there_is_no_question(changes: dict[str, object]) -> None:
    with pytest.raises(EditError) as caught:
        create().meta_propose(view(**changes))
    assert caught.value.status is Status.NO_EDIT


def test_all_is_told_of_a_scaffold_that_was_never_measured() -> None:
    prompt = create().meta_propose(MetaView("s", FILES, (MODEL,)))
    assert "It was not measured yet." in as_text(prompt)


def found(**changes: object) -> dict[str, str]:
    nothing: dict[str, object] = {"curves": (), "operators": (), "statuses": {}, "attempts": (), "tokens": 0.0}
    return {one.name: one.said for one in weaknesses(view(**{**nothing, **changes}))}


def test_each_weakness_is_seen_in_the_numbers() -> None:
    assert "20% of the proposals came to nothing" in found(statuses={"valid": 8, "no_edit": 2})["unusable answers"]
    assert "10 crash" in found(statuses={"valid": 8, "crash": 10})["failing programs"]
    faulty = {"valid": 5, "no_edit": 5, "scaffold_crash": 5}
    assert "50% of the proposals came to nothing" in found(statuses=faulty)["unusable answers"]
    assert "50% of the proposals repeated" in found(statuses={"valid": 1, "duplicate": 1})["repetition"]
    assert "2 scaffold_late" in found(statuses={"valid": 1, "scaffold_late": 2})["own faults"]
    assert "the last 67% of the calls" in found(curves=(CurveView("p", (0.2, 0.2, 0.2)),))["early end"]
    assert "`p` stood at 0.00" in found(curves=(CurveView("p", (0.0, 0.5, 1.0)),))["slow beginning"]
    lag = found(curves=(CurveView("p", (0.2, 0.3), (0.4, 0.5)), CurveView("q", (0.3,), (0.3,))))
    assert "On `p` it does worse than its parent did: 0.25 against 0.45" in lag["behind its parent"]
    idle = found(operators=(OperatorView("mutate", 10, 9, 5, 10), OperatorView("plan", 5, 5, 0, 10)))
    assert "`plan` took 10 of 20 calls" in idle["idle plan"]
    assert "A call takes 40,000 tokens" in found(calls=1.0, tokens=40_000.0)["cost"]


def test_what_nothing_uses_is_found_and_its_files_are_shown() -> None:
    assert unused.findings(FILES) == []
    files = {**FILES, "asking.py": FILES["asking.py"].replace("feedback(task)", "task").replace("import feedback", "x")}
    assert [one.said for one in unused.findings(files)] == ["nothing calls `feedback` of `evidence.py`"]
    files = {**FILES, "prompts/tasks/plan.md": "Plan.\n"}
    assert [one.paths for one in unused.findings(files)] == [("prompts/tasks/plan.md",)]
    record = "from dataclasses import dataclass\n\n\n@dataclass(frozen=True)\nclass Told:\n    lessons: int = 3\n"
    assert [one.said for one in unused.findings({**FILES, "told.py": record})] == [
        "nothing reads `lessons` of `Told` in `told.py`"
    ]
    assert unused.findings({**FILES, "told.py": record, "use.py": "def create(told):\n    return told.lessons\n"}) == []


if __name__ == "__main__":
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(as_text(create().meta_propose(view())), encoding="utf-8")
    sys.stdout.write(f"{GOLDEN}\n")
