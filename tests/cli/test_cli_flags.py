"""Flags about models: what they add to settings files, and what they leave as it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from evolve.cli.flags import Asked, Given, Limits, Manner, settings_for
from evolve.config import Settings

FILE = """
[[llm.models]]
name = "openai/mine"
api_base = "http://127.0.0.1:1/v1"
input_price = 1.0
output_price = 4.0
timeout = 7.0

[[llm.models]]
name = "openai/other"
output = 900
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def loaded(file: Path, asked: Asked, *overrides: str) -> Settings:
    return settings_for([file], overrides, limits=Limits(), manner=Manner(), asked=asked, given=Given(), seed=None)


def test_a_model_named_by_a_flag_keeps_what_the_file_says_of_it(file: Path) -> None:
    [mine] = loaded(file, Asked(model=("openai/mine",))).llm.models
    assert (mine.name, mine.api_base, mine.output_price, mine.timeout) == (
        "openai/mine", "http://127.0.0.1:1/v1", 4.0, 7.0,
    )  # fmt: skip


def test_flags_choose_which_models_are_asked(file: Path) -> None:
    models = loaded(file, Asked(model=("openai/new", "openai/other"))).llm.models
    assert [(model.name, model.output, model.input_price) for model in models] == [
        ("openai/new", None, None), ("openai/other", 900, None),
    ]  # fmt: skip
    assert [model.name for model in loaded(file, Asked()).llm.models] == ["openai/mine", "openai/other"]


def test_an_address_replaces_the_files_and_nothing_else(file: Path) -> None:
    [mine] = loaded(file, Asked(model=("openai/mine",), api_base="https://there/v1")).llm.models
    assert (mine.api_base, mine.input_price, mine.timeout) == ("https://there/v1", 1.0, 7.0)
    every = loaded(file, Asked(api_base="http://there/v1")).llm.models
    assert {model.api_base for model in every} == {"http://there/v1"}
