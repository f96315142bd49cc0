"""`evolve run --scaffold`: which scaffold a run uses, that it stays with it, and that it is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from small_scaffold import MANIFEST, genome

from evolve.cli import main
from evolve.cli.scaffolds import check_kept_scaffold, with_scaffold
from evolve.config import Settings
from evolve.domain import Program
from evolve.errors import ScaffoldError
from evolve.genome.folder import write_folder
from evolve.genome.genome import Genome
from evolve.problem import load_problem
from evolve.session import choose_run
from evolve.store import open_store
from tests.conftest import write_tiny

Evolve = Callable[..., tuple[int, str, str]]

NUDGE = '''\
import random
import re

from evolve.scaffold.base import Draft


class Nudge:
    """Moves one number of the best program; counts what it was told."""

    def __init__(self, task, settings):
        self.told = 0

    def propose(self, view):
        rng = random.Random(view.seed)
        path, text = next(iter(view.best.files.items()))
        moved = re.sub(r"a = [-0-9.]+", f"a = {rng.uniform(2, 4):.3f}", text)
        return Draft("nudge", {path: moved}, (view.best.number,), idea=f"told {self.told}")

    def observe(self, outcome):
        self.told += 1

    def pins(self):
        return frozenset()


create = Nudge
'''


@pytest.fixture
def evolve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Evolve:
    write_tiny(tmp_path / "tiny")
    write_folder(genome(NUDGE, MANIFEST.replace("small:improver", "small:create")), tmp_path / "nudge")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EVOLVE_DB", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([*arguments])
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, said.out, said.err

    return run


@pytest.mark.slow
def test_a_scaffold_from_a_folder_proposes_and_stays_with_its_run(evolve: Evolve, tmp_path: Path) -> None:
    ordered = ("--set", "search.order=ordered", "--set", "search.window=1", "--json", "--quiet")
    code, out, err = evolve("run", "tiny", "--scaffold", "nudge", "--evaluations", "6", *ordered)
    assert code == 0, err
    said = json.loads(out)
    assert len(said["scaffold"]) == 64
    with open_store(tmp_path / "evolve.db", create=False) as store:
        operators = {told.origin.operator for told in store.tells(1)}
        assert operators == {"seed", "nudge"}
        kept = Genome(store.program_by_digest(said["scaffold"]))
    assert kept.files["small.py"] == NUDGE
    (tmp_path / "nudge" / "small.py").unlink()
    code, out, err = evolve("resume", "1", "--evaluations", "9", "--json", "--quiet")
    assert code == 0, err
    assert json.loads(out)["scaffold"] == said["scaffold"]
    with open_store(tmp_path / "evolve.db", create=False) as store:
        ideas = [told.origin.idea for told in store.tells(1)]
    assert ideas[1:] == [f"told {number}" for number in range(1, len(ideas))]
    assert len(ideas) == 9
    _, shown, _ = evolve("show", "1")
    assert f"{said['scaffold'][:12]}, not the built-in one" in shown
    code, out, _ = evolve("run", "tiny", "--scaffold", said["scaffold"][:8], "--evaluations", "3", *ordered)
    assert (code, json.loads(out)["run"]) == (0, 2)


@pytest.mark.slow
def test_zero_is_what_runs_use_and_is_not_spoken_of(evolve: Evolve) -> None:
    for flags in ([], ["--scaffold", "zero"]):
        code, out, _ = evolve("run", "tiny", "--evaluations", "4", "--json", "--quiet", *flags)
        assert code == 0
        assert json.loads(out)["scaffold"] == "zero"
    _, shown, _ = evolve("show", "1")
    assert "not the built-in one" not in shown


def test_runs_of_scaffold_zero_are_what_they_were_before_others_could_be_named() -> None:
    usual = Settings()
    known = Settings.model_validate({"scaffold": {"id": ""}})
    assert known.identity() == usual.identity()
    named = usual.model_copy(update={"scaffold": usual.scaffold.model_copy(update={"id": "a" * 64})})
    assert named.identity() != usual.identity()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (
            ["--scaffold", "./nowhere"],
            "./nowhere is neither a folder, zero, CAMPAIGN:NUMBER nor a digest of this database",
        ),
        (["--scaffold", "abcdef99"], "begins with abcdef99"),
        (["--scaffold", "tiny"], "tiny holds no scaffold that can run: the scaffold has no scaffold.toml"),
        (["--scaffold", "nudge", "--llm", "replay"], "leave --scaffold nudge out"),
        (["--set", "scaffold.id=zero"], "scaffold.id = 'zero'"),
    ],
)
def test_a_scaffold_that_is_none_is_refused_before_anything_is_stored(
    evolve: Evolve, flags: list[str], words: str
) -> None:
    code, _, err = evolve("run", "tiny", "--evaluations", "4", *flags)
    assert code == 2
    assert words in err
    code, out, _ = evolve("runs", "--json")
    assert code == 2 or json.loads(out) == []


def test_a_folder_with_a_fault_is_refused_with_file_and_line(evolve: Evolve, tmp_path: Path) -> None:
    (tmp_path / "nudge" / "small.py").write_text(NUDGE + "def (\n")
    line = NUDGE.count("\n") + 1
    code, _, err = evolve("run", "tiny", "--evaluations", "4", "--scaffold", "nudge")
    assert code == 2
    assert f"--scaffold nudge cannot run: small.py, line {line}: invalid syntax" in err
    assert not (tmp_path / "evolve.db").exists()


@pytest.mark.slow
def test_a_folder_that_does_not_start_is_refused_with_what_it_said(evolve: Evolve, tmp_path: Path) -> None:
    (tmp_path / "nudge" / "small.py").write_text(NUDGE + "raise RuntimeError('boo')\n")
    code, _, err = evolve("run", "tiny", "--evaluations", "4", "--scaffold", "nudge")
    assert code == 2
    assert "--scaffold nudge cannot run: it failed at init" in err
    assert "RuntimeError: boo" in err
    assert not (tmp_path / "evolve.db").exists()


def test_what_people_decided_is_what_runs_use(tmp_path: Path) -> None:
    """The log of decisions, as `evolve meta approve` and its kin write it."""
    chosen, other = genome(), genome(NUDGE)
    with open_store(tmp_path / "evolve.db", create=True) as store:
        for each in (chosen, other):
            store.keep_program(each.program)
        assert with_scaffold(store, Settings(), None).scaffold.id == ""
        said = {"digest": chosen.digest, "campaign": 1, "number": 2, "by": "me"}
        first = store.append_entry("scaffolds", "approve", said, after="")
        assert with_scaffold(store, Settings(), None).scaffold.id == chosen.digest
        assert with_scaffold(store, Settings(), "zero").scaffold.id == ""
        named = with_scaffold(store, Settings(), other.digest[:8])
        assert named.scaffold.id == other.digest
        out = {**said, "digests": [other.digest], "reason": "reads its neighbours' files"}
        store.append_entry("scaffolds", "quarantine", out, after=first.hash)
        with pytest.raises(ScaffoldError, match=r"is in quarantine \(reads its neighbours. files\)"):
            with_scaffold(store, Settings(), other.digest[:8])
        with pytest.raises(ScaffoldError, match="is in quarantine"):
            with_scaffold(store, named, None)
        problem = load_problem(write_tiny(tmp_path / "tiny"))
        row = choose_run(store, problem, named)
        with pytest.raises(ScaffoldError, match=f"run {row.id} uses scaffold .* --scaffold zero"):
            check_kept_scaffold(store, row, named)
        check_kept_scaffold(store, row, with_scaffold(store, Settings(), None))


def test_a_stored_program_that_is_no_scaffold_is_refused(tmp_path: Path) -> None:
    program = Program.of({"main.py": "x = 1\n"})
    with open_store(tmp_path / "evolve.db", create=True) as store:
        store.keep_program(program)
        with pytest.raises(ScaffoldError, match=r"has no scaffold\.toml"):
            with_scaffold(store, Settings(), program.digest)
