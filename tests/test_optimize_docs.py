"""docs/library.md: its snippets run in order, with a server on loopback for the model, and print what it says."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import evolve
from evolve.optimized import Attempt, Optimized
from tests.standin.chat import ChatRequest
from tests.standin.server import StandInServer

TEXT = (Path(__file__).parents[1] / "docs" / "library.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def writes(request: ChatRequest) -> str:
    """A prompt that works once the feedback was read, and a poor one before."""
    told = "said 'The answer is" in request.text
    line = f"Answer the question{' with the number alone' if told else ''}. Draft {request.number}."
    return f"Idea: say how to answer\n\n```\n{line}\n```\n"


@pytest.mark.slow
def test_every_snippet_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EVOLVE_DB", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-standin")
    names: dict[str, Any] = {}
    with StandInServer(writes, key="sk-standin") as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        for snippet in SNIPPETS:
            exec(compile(snippet, "docs/library.md", "exec"), names)
        assert len(server.chats) >= 10
        prompts = [chat.request.text for chat in server.chats if chat.request is not None]
        assert all("Whether the answer is exactly what is wanted" in prompt for prompt in prompts)
        assert not any("of memory" in prompt for prompt in prompts)  # nothing limits a function
    printed = capsys.readouterr().out
    shown = re.findall(r"```\n(seed .*?)```", TEXT, re.DOTALL)
    figures = re.compile(r"[\d.]+(?: ms| s\b)?|/\S+/evolve\.db")
    assert [figures.sub("#", line) for line in shown[0].splitlines()] == [
        figures.sub("#", line) for line in printed.splitlines()[:5]
    ]
    assert "number alone" in printed
    assert (tmp_path / "evolve.db").is_file()
    assert (tmp_path / "other.db").is_file()


def test_the_page_names_every_argument_and_everything_that_comes_back() -> None:
    arguments = set(inspect.signature(evolve.optimize).parameters)
    fields = {each.name for record in (Optimized, Attempt) for each in dataclasses.fields(record)}
    named = set(re.findall(r"\w+", TEXT))
    assert (arguments | fields) - named - {"single"} == set()


def test_the_docstring_explains_every_argument() -> None:
    told = inspect.getdoc(evolve.optimize) or ""
    for argument in inspect.signature(evolve.optimize).parameters:
        assert re.search(rf"^    {argument}: ", told, re.MULTILINE), argument
