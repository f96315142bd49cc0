"""Going on with what is given besides a problem folder: a sentence names what changed since."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from evolve.assembly import inputs_of
from evolve.cli.run import problem_of
from evolve.config import Settings
from evolve.errors import ProblemError
from evolve.problem import load_problem
from evolve.rounds import Rounds
from evolve.session import Session, choose_run
from evolve.store import Store, open_store
from tests.rps import PROBLEM_TOML, Referee, settings, write_rps


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written = write_rps(tmp_path / "rps")
    toml = PROBLEM_TOML.replace('name = "rps"\n', 'name = "rps"\nparameters = { n = 3, strict = true }\n', 1)
    (written / "problem.toml").write_text(toml, encoding="utf-8")
    (written / "holdout").mkdir()
    (written / "holdout" / "own.txt").write_text("own", encoding="utf-8")
    return written


@pytest.fixture
def held_out(tmp_path: Path) -> Path:
    given = tmp_path / "hd"
    given.mkdir()
    (given / "one.txt").write_text("one", encoding="utf-8")
    return given


def given(held_out: Path) -> Settings:
    return settings(f'problem.holdout="{held_out}"', "problem.parameters.n=4", "problem.parameters.strict=false")


def test_other_held_out_files_are_not_called_another_problem_folder(store: Store, folder: Path, held_out: Path) -> None:
    wanted = given(held_out)
    run = choose_run(store, load_problem(folder, inputs_of(wanted.problem)), wanted)
    assert problem_of(store, run).spec.parameters["n"] == 4
    (held_out / "one.txt").write_text("another", encoding="utf-8")
    with pytest.raises(ProblemError) as refused:
        problem_of(store, run)
    path = folder.resolve()
    assert str(refused.value).startswith(
        f"problem {path} (with n=4, strict=false) or its held-out folder {held_out} changed since run 1 began"
    )
    flags = f"--parameter n=4 --parameter strict=false --holdout {held_out}"
    assert str(refused.value).endswith(f"start a new run with evolve run {path} {flags}")


def begin(store: Store, folder: Path, wanted: Settings) -> None:
    sitting = Rounds(store, folder, wanted).sitting()
    assert sitting is not None
    session = Session(store, sitting.run, sitting.problem, sitting.settings, sandbox_for=Referee())
    assert asyncio.run(session.run()).finished


def test_a_series_says_which_files_changed(store: Store, folder: Path, held_out: Path) -> None:
    begin(store, folder, given(held_out))
    (held_out / "two.txt").write_text("two", encoding="utf-8")
    with pytest.raises(ProblemError, match=rf"or its held-out folder {held_out} changed since round 1 of the series"):
        Rounds(store, folder, given(held_out))


def test_a_series_says_when_it_is_given_something_else(store: Store, folder: Path, held_out: Path) -> None:
    begin(store, folder, given(held_out))
    with pytest.raises(ProblemError, match=rf"is given changed from .*--holdout {held_out} to nothing since round 1"):
        Rounds(store, folder, settings())
