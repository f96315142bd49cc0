from __future__ import annotations

from pathlib import Path

import pytest

from evolve.config import Settings, load_settings, settings_from
from evolve.errors import SettingsError


def test_later_sources_win(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("[search]\nislands = 4\nwindow = 3\n[budget]\nseconds = 5\n")
    settings = load_settings([file], ["search.islands=6", "search.order=ordered"], budget={"seconds": 9.0})
    assert (settings.search.islands, settings.search.window, settings.search.order) == (6, 3, "ordered")
    assert settings.budget.seconds == 9.0


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("search.iland=3", "did you mean search.islands"),
        ("search.islands=0", "search.islands = 0"),
        ("search.islands=many", "search.islands = 'many'"),
        ("budget.seconds=inf", "budget.seconds"),
        ("islands", "section.key=value"),
        ("search..x=1", "section.key=value"),
        ("search=3", "search = 3"),
    ],
)
def test_a_wrong_override_is_named_with_its_value(override: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said.replace(".", r"\.")):
        load_settings([], [override])


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings([], ["search.islands=0", "workers.queue=0", "nonsense=1"])
    message = str(caught.value)
    assert "search.islands" in message
    assert "workers.queue" in message
    assert "nonsense" in message


@pytest.mark.parametrize(("text", "said"), [(None, "does not exist"), ("a = [", "not valid TOML")])
def test_a_bad_file_is_one_sentence(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "s.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SettingsError, match=said):
        load_settings([file])


def test_identity_ignores_budget_and_widths_and_nothing_else() -> None:
    plain = load_settings()
    assert load_settings([], ["budget.seconds=3", "workers.evaluations=7"]).identity() == plain.identity()
    assert load_settings([], ["search.islands=3"]).identity() != plain.identity()
    assert load_settings([], ["seed=3"]).identity() != plain.identity()


def test_settings_survive_the_database() -> None:
    settings = load_settings([], ["search.islands=3", "budget.target=1.5", "seed=9"])
    assert settings_from(settings.as_json()) == settings
    assert isinstance(settings, Settings)
