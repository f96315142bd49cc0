from __future__ import annotations

import pytest

from evolve.config import ModelSettings
from evolve.report.findings import State
from evolve.report.providers import KEYS, keys, redacted

MODEL = ModelSettings(name="openai/mine", api_key_env="MY_OWN_KEY")


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in {name for names in KEYS.values() for name in names}:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "secret",
    ["sk-proj-AbC_123-xyz987", "sk-ant-api03-Zz99887766", "gsk_A1b2C3d4E5f6", "xai-0123456789ab", "hf_abcdefghijkl",
     "AIzaSyA-1234567890_abc"],
)  # fmt: skip
def test_what_looks_like_a_key_is_never_shown(secret: str) -> None:
    for text in (f"invalid key {secret}.", f"https://host/v1?key={secret}&alt=sse", f'{{"Authorization": "{secret}"}}'):
        shown = redacted(text, MODEL)
        assert secret not in shown
        assert "[key]" in shown


def test_a_key_of_any_shape_is_not_shown_if_it_is_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_OWN_KEY", "correct horse battery")
    monkeypatch.setenv("MISTRAL_API_KEY", "0a1b2c3d4e5f")
    assert redacted("no: correct horse battery, 0a1b2c3d4e5f!", MODEL) == "no: [key], [key]!"
    assert redacted("Authorization: Bearer whatever-it-is", MODEL) == "Authorization: Bearer [key]"


@pytest.mark.parametrize(
    "text", ["the skeleton is missing", "api_key_missing_error", "task-oriented model", "model qwen3-coder:30b", "x"]
)
def test_ordinary_words_stay(text: str) -> None:
    assert redacted(text, MODEL) == text


def test_a_variable_as_short_as_a_word_blanks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_OWN_KEY", "none")
    assert redacted("there is none", MODEL) == "there is none"


def test_variables_are_named_by_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (keys().state, "OPENAI_API_KEY" in keys().way_out) == (State.NOTE, True)
    monkeypatch.setenv("GEMINI_API_KEY", "AIzaSecretSecret")
    monkeypatch.setenv("XAI_API_KEY", "xai-secret")
    found = keys()
    assert found.text == "GEMINI_API_KEY (gemini/...), XAI_API_KEY (xai/...)"
    assert found.details == {"variables": {"gemini": ["GEMINI_API_KEY"], "xai": ["XAI_API_KEY"]}}
