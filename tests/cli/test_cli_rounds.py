"""`evolve rounds` as a person uses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Evolve
from tests.rps import write_rps

FLAGS = ("--evaluations", 8, "--seed", 3, "--set", "search.order=ordered", "--set", "scaffold.polish=0")


@pytest.mark.slow
def test_a_series_is_played_shown_and_gone_on_with(evolve: Evolve, tmp_path: Path) -> None:
    write_rps(tmp_path / "rps")
    ran = evolve(tmp_path, "rounds", "rps", "--rounds", 1, *FLAGS)
    assert ran.code == 0, ran.err
    assert "round 1 of 1: run 1" in ran.out
    assert "series rps · points, more is better" in ran.out
    assert "the problem's own" in ran.out
    more = evolve(tmp_path, "rounds", "rps", "--rounds", 2, "--json", *FLAGS)
    assert more.code == 0, more.err
    found = more.json()
    rows = found["rounds"]
    assert [row["round"] for row in rows] == [1, 2]
    assert rows[1]["opponents"] == [[rows[0]["run"], rows[0]["candidate"]]]
    assert rows[0]["beaten_by"] is None
    assert rows[1]["beaten_by"] in (0.0, 1.0)
    assert all(row["holdout"]["cases"] == 3 for row in rows)
    assert [len(line) for line in found["matrix"]] == [2, 2]
    finished = evolve(tmp_path, "rounds", "rps", "--rounds", 2, "--quiet", *FLAGS)
    assert finished.code == 0
    _, _, shown = finished.out.partition("score of the champion of each row against the one of each column, ")
    legend, _, table = shown.partition("\n")
    assert legend == "* and green where it wins"
    means = [[cell["mean"] for cell in line] for line in found["matrix"]]
    wins = [means[row][other] > means[other][row] for row in range(2) for other in range(2)]
    marked = [cell.startswith("*") for line in table.splitlines()[1:3] for cell in line.split()[1:]]
    assert marked == wins
    assert any(marked)
    assert "round 2 of 2" not in finished.out
    _look_at_a_round(evolve, tmp_path, rows[1])


def _look_at_a_round(evolve: Evolve, folder: Path, row: dict[str, int]) -> None:
    """A single round is a run like any other, from the database alone."""
    best = f"{row['run']}/{row['candidate']}"
    for command in (("show", "rps.2"), ("show", best, "--eval"), ("lineage", best), ("archive", "rps.2"), ("runs",)):
        looked = evolve(folder, *command)
        assert looked.code == 0, looked.err
    assert evolve(folder, "export", "rps.2", "--html", "round.html").code == 0
    spent = evolve(folder, "resume", "rps.2")
    assert "has used its 8 evaluations" in spent.err
    resumed = evolve(folder, "resume", "rps.2", "--evaluations", 12, "--json")
    assert resumed.code == 0, resumed.err
    assert resumed.json()["evaluations"] == 12
    settings = evolve(folder, "show", "rps.2", "--json").json()["settings"]["problem"]
    assert settings["round"] == 2
    assert settings["seed"] == settings["champions"][-1]


@pytest.mark.parametrize(
    ("flags", "refusal"),
    [
        (("--history", "some"), "--history 'some' is neither all nor a number of rounds"),
        (("--history", "0"), "--history '0' is neither all nor a number of rounds"),
        (("--rounds", "0"), "--rounds 0 leaves nothing to do"),
        (("--total", "10"), "has no unit"),
        (("--total", "10s", "--total", "1h"), "sets the limit on seconds a second time"),
        (("--llm", "replay"), "a series of rounds cannot be replayed"),
        (("--name", "a/b"), "a run's name is neither a number nor"),
    ],
)
def test_what_makes_no_sense_is_refused(evolve: Evolve, tmp_path: Path, flags: tuple[str, ...], refusal: str) -> None:
    write_rps(tmp_path / "rps")
    ran = evolve(tmp_path, "rounds", "rps", *flags)
    assert ran.code == 2
    assert refusal in ran.err
    assert not (tmp_path / "evolve.db").exists()


def test_a_problem_without_champions_is_refused(evolve: Evolve, tmp_path: Path) -> None:
    assert evolve(tmp_path, "new", "sine").code == 0
    ran = evolve(tmp_path, "rounds", "sine")
    assert ran.code == 2
    assert "sine has nothing to do with champions" in ran.err
