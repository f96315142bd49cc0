from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.cli.conftest import Evolve, Searched


@pytest.mark.slow
def test_a_real_run_is_drawn_whole(evolve: Evolve, searched: Searched, tmp_path: Path) -> None:
    path = tmp_path / "run.png"
    done = evolve(searched.folder, "plot", "first", "-o", path)
    assert (done.code, done.out.strip()) == (0, f"wrote {path}")
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    assert (width, height) == (1800, 1500)


def test_one_figure_of_a_real_run(evolve: Evolve, searched: Searched, tmp_path: Path) -> None:
    path = tmp_path / "run.svg"
    assert evolve(searched.folder, "plot", "--what", "lineage", "-o", path, "--json").json() == {
        "run": 1, "sealed": True, "written": [str(path)],
    }  # fmt: skip
    assert path.read_text().startswith("<?xml")


def test_a_figure_that_cannot_be_is_one_sentence(evolve: Evolve, searched: Searched, tmp_path: Path) -> None:
    for name, said in (("a.doc", "ends in '.doc'"), ("no/a.png", "there is no folder")):
        refused = evolve(searched.folder, "plot", "1", "-o", tmp_path / name)
        assert refused.code == 2
        assert said in refused.err
        assert len(refused.err.strip().splitlines()) == 1
    assert "spent no money" in evolve(searched.folder, "plot", "--axis", "money", "-o", tmp_path / "a.png").err
