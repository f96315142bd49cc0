"""What a candidate must not see, wherever a search is started from."""

from __future__ import annotations

from pathlib import Path

import pytest

from evolve.sandbox.paths import hidden


def test_the_folder_a_search_is_started_in_is_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path) in hidden([])


def test_a_search_may_be_started_in_tmp_which_is_another_folder_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/tmp")
    assert "/tmp" not in hidden([])
