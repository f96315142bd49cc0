"""docs/problems.md: a reader who writes its files and types its commands in order sees what it says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from evolve.problem import ProblemSpec, load_problem, templates
from tests.cli.conftest import run_evolve

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
_STEP = re.compile(
    r"^`(?P<path>[\w./-]+)`:\n\n```\w+\n(?P<text>.*?)```|^```sh\n(?P<commands>.*?)```", re.DOTALL | re.MULTILINE
)
_EXIT = re.compile(r"#.*exits with (\d+)")


def steps() -> Iterator[tuple[str, str]]:
    """Files to write (path, text) and commands to type ("", line), in the order of the page."""
    for match in _STEP.finditer(TEXT):
        if match["path"]:
            yield match["path"], match["text"]
        for line in (match["commands"] or "").splitlines():
            yield "", line


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_ten_minutes_go_as_they_are_told(tmp_path: Path) -> None:
    for path, text in steps():
        if path:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
            continue
        expected = int(found[1]) if (found := _EXIT.search(text)) else 0
        ran = run_evolve(tmp_path, *shlex.split(text, comments=True)[1:])
        assert ran.code == expected, f"{text}: {ran.out}{ran.err}"


def test_the_page_shows_a_first_scorer_that_can_be_fooled_and_a_second_that_cannot() -> None:
    shown = [text for path, text in steps() if path == "forecast/evaluate.py"]
    assert ["except program.Failure" in text for text in shown] == [True, False]
    assert any(_EXIT.search(line) for path, line in steps() if not path)


def test_every_template_is_in_its_table() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)` \|", TEXT.partition("## ")[2], re.MULTILINE)) >= set(templates())


def test_every_key_of_problem_toml_is_named() -> None:
    schema = ProblemSpec.model_json_schema(by_alias=True)
    sections = [
        schema,
        *(section for name, section in schema["$defs"].items() if name != "PassRule"),
    ]  # written as text
    keys = {key for section in sections for key in section.get("properties", {})}
    assert {key for key in keys if not re.search(rf"\b{key}\b", TEXT)} == set()


@pytest.mark.parametrize(
    "folder", sorted((ROOT / "problems").glob("*/problem.toml")), ids=lambda path: path.parent.name
)
def test_every_shipped_problem_is_in_the_index_with_its_seed_and_best_known_value(folder: Path) -> None:
    spec = load_problem(folder.parent).spec
    (row,) = re.findall(rf"^\| \[`{spec.name}`\].*$", TEXT, re.MULTILINE)
    assert spec.objective.best_known is not None
    assert f"{spec.objective.best_known.value:.4g}" in row
