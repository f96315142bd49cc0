"""From answers of models to edits of scaffolds: well-formed, sloppy and hopeless ones."""

from __future__ import annotations

import pytest
from meta_samples import FILES, answered, edit, view

from evolve.domain import Finish, Status
from evolve.errors import EditError
from evolve.genome.genome import CONTRACT
from evolve.scaffold.base import MetaEdit, Prediction, Prompt
from evolve.scaffold.meta.checks import HOSTS
from evolve.scaffold.meta.improver import create


def parsed(answer: str, finish: Finish = Finish.STOP) -> MetaEdit | Prompt:
    improver = create()
    return improver.meta_parse(improver.meta_propose(view()), FILES, answered(answer, finish))


def made(answer: str) -> MetaEdit:
    got = parsed(answer)
    assert isinstance(got, MetaEdit), got.messages()[-1].text
    return got


def asked_again(answer: str) -> str:
    got = parsed(answer)
    assert isinstance(got, Prompt)
    assert (got.turn, got.step) == (1, "repair")
    return got.messages()[-1].text


GOOD = edit("asking.py", "UNIFORM = 0.5", "UNIFORM = 0.1")


def test_an_edit_comes_with_its_idea_and_prediction() -> None:
    got = made(GOOD.replace("area up", "invalid_replies down on towns, routes"))
    assert got.files == {"asking.py": FILES["asking.py"].replace("0.5", "0.1")}
    assert got.idea == "Try it."
    assert got.prediction == Prediction("invalid_replies", "down", ("towns", "routes"))


@pytest.mark.parametrize(
    ("said", "prediction"),
    [
        ("**Predict:** area up", Prediction("area", "up")),
        ("Prediction: `area` goes up on `towns`.", Prediction("area", "up", ("towns",))),
        ("- Predict: valid share up on all problems", Prediction("valid_share", "up")),
        ("predict: tokens decreases on towns and routes", Prediction("tokens", "down", ("towns", "routes"))),
    ],
)
def test_predictions_are_read_as_people_write_them(said: str, prediction: Prediction) -> None:
    assert made(GOOD.replace("Predict: area up", said)).prediction == prediction


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "there is no line `Predict: <metric> <up or down>`"),
        ("Predict: everything better", "say one of area, final, valid_share, invalid_replies, tokens"),
        ("Predict: luck up", "is no prediction"),
        ("Predict: area up on towers", "the prediction names towers; the problems are routes, towns"),
    ],
)
def test_a_prediction_that_cannot_be_read_is_asked_for_once_more(said: str, why: str) -> None:
    assert why in asked_again(GOOD.replace("Predict: area up", said))


def test_predictions_inside_an_edit_are_text_of_the_file() -> None:
    answer = edit("prompts/tasks/mutate.md", "# Task", "# Task\n\nPredict: final down\nRemove: asking.py")
    got = made(answer)
    assert got.prediction == Prediction("area", "up")
    assert list(got.files) == ["prompts/tasks/mutate.md"]
    assert "Predict: final down" in str(got.files["prompts/tasks/mutate.md"])


def test_an_edit_that_does_not_apply_is_repaired_once() -> None:
    improver = create()
    bad = edit("asking.py", "NOT THERE = 1", "UNIFORM = 0.1")
    first = improver.meta_propose(view())
    again = improver.meta_parse(first, FILES, answered(bad))
    assert isinstance(again, Prompt)
    assert bad.strip() in again.messages()[-2].text
    assert "NOT THERE = 1" in again.messages()[-1].text
    assert isinstance(improver.meta_parse(again, FILES, answered(GOOD)), MetaEdit)
    with pytest.raises(EditError) as caught:
        improver.meta_parse(again, FILES, answered(bad))
    assert caught.value.status is Status.EDIT_NOT_APPLIED


@pytest.mark.parametrize(
    ("answer", "finish", "status"),
    [
        ("", Finish.STOP, Status.EMPTY),
        ("I would leave it as it is.", Finish.STOP, Status.NO_EDIT),
        (edit("asking.py", "UNIFORM = 0.5", "UNIFORM = 0.5"), Finish.STOP, Status.NO_EDIT),
        (GOOD[:90], Finish.LENGTH, Status.TRUNCATED),
        (GOOD, Finish.BLOCKED, Status.BLOCKED),
        ("", Finish.FAILED, Status.NO_ANSWER),
    ],
)
def test_what_is_no_edit_has_a_status_and_is_not_asked_again(answer: str, finish: Finish, status: Status) -> None:
    with pytest.raises(EditError) as caught:
        parsed(answer, finish)
    assert caught.value.status is status


def test_files_are_added_and_removed() -> None:
    answer = GOOD + "\nnotes/new.md\n<<<<<<< SEARCH\n=======\nA new one.\n>>>>>>> REPLACE\n\nRemove: `evidence.py`\n"
    got = made(answer)
    assert got.files["evidence.py"] is None
    assert got.files["notes/new.md"] == "A new one.\n"
    assert set(got.files) == {"asking.py", "evidence.py", "notes/new.md"}


def test_a_removal_alone_is_an_edit() -> None:
    got = made("Idea: It is of no use.\nPredict: tokens down\nRemove: regions.py\n")
    assert got.files == {"regions.py": None}
    assert got.idea == "It is of no use."


def test_paths_may_name_the_whole_package() -> None:
    assert set(made(GOOD.replace("asking.py", "evolve/scaffold/asking.py")).files) == {"asking.py"}
    whole = "scaffold/evidence.py\n```python\ndef feedback(task):\n    return 1\n```\n"
    assert set(made(f"Idea: All of it.\nPredict: area up\n\n{whole}").files) == {"evidence.py"}


def test_meta_itself_may_be_edited() -> None:
    got = made(edit("meta/improver.py", "    return create", "    return None"))
    assert set(got.files) == {"meta/improver.py"}


def test_files_that_speak_of_the_markers_of_programs_are_no_different() -> None:
    got = made(edit("regions.py", 'START = "EVOLVE-BLOCK-START"', 'START = "EVOLVE-BLOCK-BEGIN"'))
    assert got.files == {"regions.py": 'START = "EVOLVE-BLOCK-BEGIN"\nEND = "EVOLVE-BLOCK-END"\n'}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (edit("asking.py", "UNIFORM = 0.5", "UNIFORM = ("), "asking.py is no Python after this edit: line 5"),
        (edit("prompts/tasks/mutate.md", "# Task", "# {% if x %}"), "prompts/tasks/mutate.md is no template"),
        (edit("scaffold.toml", 'name = "small"', "name = small"), "scaffold.toml cannot be read after this edit"),
        (
            edit("scaffold.toml", 'name = "small"', f"name = {'9' * 5000}"),
            "scaffold.toml cannot be read after this edit",
        ),
        (
            edit("prompts/tasks/mutate.md", "# Task", f"{{{{ {'9' * 5000} }}}}"),
            "prompts/tasks/mutate.md cannot be read",
        ),
        (edit("base.py", "", "x = 1"), "base.py is the host's; a scaffold cannot change it"),
        (edit("run.sh", "", "ls"), "run.sh: a file ends in one of .py"),
        ("Predict: area up\nRemove: scaffold.toml", "a scaffold cannot do without scaffold.toml"),
        ("Predict: area up\nRemove: nothing.py", "`Remove: nothing.py` names no file of the scaffold"),
        (GOOD.replace("<<<<<<< SEARCH", "<<<<"), "the answer holds no edit"),
    ],
)
def test_a_slip_is_told_and_mended(answer: str, why: str) -> None:
    assert why in asked_again(answer)


def test_the_files_of_the_host_are_known() -> None:
    assert set(HOSTS) == set(CONTRACT)


@pytest.mark.parametrize("said", ["Show: regions.py", "I miss something.\n\nShow: `regions.py` and nothing.py"])
def test_a_model_may_ask_for_other_files_once(said: str) -> None:
    improver = create()
    first = improver.meta_propose(view())
    again = improver.meta_parse(first, FILES, answered(said))
    assert isinstance(again, Prompt)
    assert (again.turn, again.step) == (1, "look")
    assert [section.name for section in again.sections if section.name.startswith("file ")] == ["file regions.py"]
    assert again.messages()[-1].text.endswith(first.sections[-1].text)
    assert isinstance(improver.meta_parse(again, FILES, answered(GOOD)), MetaEdit)
    with pytest.raises(EditError, match="holds no edit"):
        improver.meta_parse(again, FILES, answered(said))


def test_files_that_are_not_there_cannot_be_shown() -> None:
    assert "nowhere.py cannot be shown" in asked_again("Show: nowhere.py")


def test_an_edit_is_an_edit_whatever_is_said_beside_it() -> None:
    assert set(made(f"{GOOD}\nShow: regions.py\n").files) == {"asking.py"}
