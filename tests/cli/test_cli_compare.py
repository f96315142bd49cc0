from __future__ import annotations

from pathlib import Path

import pytest

from evolve.store import open_store
from tests.cli.conftest import Evolve, Searched
from tests.report.compared_runs import add_run


@pytest.fixture
def contested(tmp_path: Path) -> Path:
    """Runs 1 to 6 called `plain` and 7 to 12 called `clever`, of the same six seeds."""
    with open_store(tmp_path / "evolve.db", create=True) as store:
        for name, lead in (("plain", 0.0), ("clever", 0.5)):
            for seed in range(6):
                add_run(store, name, seed, [0.0, 1.0 + lead + seed / 10], held_out=1.0 + lead + seed / 10)
    return tmp_path


def test_a_name_stands_for_all_its_runs(evolve: Evolve, contested: Path) -> None:
    shown = evolve(contested, "compare", "plain", "clever")
    assert shown.code == 0
    assert "clever is better than plain at 2 evaluations" in shown.out
    data = evolve(contested, "compare", "plain", "clever", "--json").json()
    assert [[run["run"] for run in arm["runs"]] for arm in data["arms"]] == [[*range(1, 7)], [*range(7, 13)]]
    assert data["held_out"][0]["better"] is True


def test_arms_may_be_lists_of_numbers_and_names(evolve: Evolve, contested: Path) -> None:
    data = evolve(contested, "compare", "1,2,3,4,5", "7, 8,last", "--json").json()
    assert [[run["run"] for run in arm["runs"]] for arm in data["arms"]] == [[1, 2, 3, 4, 5], [7, 8, 12]]
    assert data["tracks"][0]["checkpoints"][-1]["contests"][0]["paired"] is False


def test_figures_come_as_csv_too(evolve: Evolve, contested: Path) -> None:
    lines = evolve(contested, "compare", "plain", "clever", "--csv").out.splitlines()
    assert lines[0] == "arm,run,seed,axis,amount,best,sealed"
    assert "clever,12,5,evaluations,2,2.0,1" in lines


def test_a_table_for_a_paper_and_the_climb_for_a_chart(evolve: Evolve, contested: Path) -> None:
    text = evolve(contested, "compare", "plain", "clever", "--latex").out
    assert text.startswith("% needs \\usepackage{booktabs}")
    assert "clever & 6 & $1.75$ & ($1.5$ to $2$) & $0.031$ & " in text
    [climb] = evolve(contested, "compare", "plain", "clever", "--json").json()["climbs"]
    assert (climb["axis"], climb["amount"]) == ("evaluations", [1, 2])
    assert climb["arms"][1]["median"] == [0.0, 1.75]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plain",), "two or more"),
        ((), "two or more"),
        (("plain", "nothing"), "there is no run called 'nothing'"),
        (("plain", "99"), "there is no run 99"),
        (("plain", ","), "names no run"),
        (("plain", "3,clever"), "run 3 is in the arms"),
        (("plain", "clever", "--csv", "--json"), "--csv and --json each say what to print; give one of them"),
        (("plain", "clever", "--csv", "--latex"), "give one of them"),
    ],
)
def test_what_cannot_be_compared_exits_with_a_sentence(
    evolve: Evolve, contested: Path, arguments: tuple[str, ...], said: str
) -> None:
    refused = evolve(contested, "compare", *arguments)
    assert refused.code == 2
    assert said in refused.err
    assert refused.out == ""


@pytest.mark.slow
def test_runs_of_a_real_search_can_be_compared(evolve: Evolve, searched: Searched, tmp_path: Path) -> None:
    for seed in (1, 2):
        ran = evolve(tmp_path, "run", searched.folder / "sine", "--evaluations", 12 * seed, "--seed", seed, "--new",
                     "--name", f"arm-{seed}", "--quiet")  # fmt: skip
        assert ran.code == 0, ran.err
    data = evolve(tmp_path, "compare", "arm-1", "arm-2", "--json").json()
    [track] = data["tracks"]
    assert track["checkpoints"][-1]["amount"] == 12
    assert [arm["runs"][0]["evaluations"] for arm in data["arms"]] == [12, 24]


@pytest.mark.parametrize("width", [50, 65, 80])
def test_narrow_terminals_cut_no_figure(evolve: Evolve, contested: Path, width: int) -> None:
    out = evolve(contested, "compare", "plain", "clever", env={"COLUMNS": str(width)}).out
    assert max(map(len, out.splitlines())) <= width
    assert "…" not in out
    assert "1.75" in out
