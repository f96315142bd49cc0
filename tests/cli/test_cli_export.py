"""`evolve export`: what it writes, says and refuses."""

from __future__ import annotations

from pathlib import Path

from evolve.store import open_store
from tests.cli.conftest import Evolve, Searched


def candidates(searched: Searched) -> int:
    with open_store(str(searched.folder / "evolve.db"), create=False, read_only=True) as store:
        return store.run(1).summary.candidates


def test_a_run_becomes_one_file(evolve: Evolve, searched: Searched, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    ran = evolve(searched.folder, "export", "first", "--html", path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"wrote {path} (")
    assert f"{candidates(searched)} candidates; open it in a browser" in ran.out
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_json_says_how_much_of_the_run_is_in_it(evolve: Evolve, searched: Searched, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    said = evolve(searched.folder, "export", "--html", path, "--candidates", 10, "--json").json()
    assert said == {
        "run": 1,
        "sealed": True,
        "written": [{"path": str(path), "bytes": path.stat().st_size, "candidates": candidates(searched), "whole": 10}],
    }


def test_part_of_a_run_says_so(evolve: Evolve, searched: Searched, tmp_path: Path) -> None:
    ran = evolve(searched.folder, "export", "--html", tmp_path / "report.html", "--candidates", 10)
    assert f"10 of {candidates(searched)} candidates with program and prompts (--candidates keeps more)" in ran.out


def test_both_files_at_once(evolve: Evolve, searched: Searched, tmp_path: Path) -> None:
    files = (tmp_path / "report.html", tmp_path / "all.csv")
    ran = evolve(searched.folder, "export", "--html", files[0], "--csv", files[1])
    assert ran.code == 0, ran.err
    assert [line.split()[1] for line in ran.out.splitlines()] == list(map(str, files))


def test_what_it_refuses(evolve: Evolve, searched: Searched, tmp_path: Path) -> None:
    nothing = evolve(searched.folder, "export", "last")
    assert (nothing.code, nothing.out) == (2, "")
    assert "give --html report.html or --csv candidates.csv" in nothing.err
    none = evolve(searched.folder, "export", "--html", tmp_path / "report.html", "--candidates", 0)
    assert none.code == 2
    assert "--candidates" in none.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_with_force_alone(evolve: Evolve, searched: Searched, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("mine")
    refused = evolve(searched.folder, "export", "--html", path)
    assert (refused.code, refused.out) == (2, "")
    assert "already there; --force replaces it" in refused.err
    assert path.read_text() == "mine"
    assert evolve(searched.folder, "export", "--html", path, "--force").code == 0
    assert path.stat().st_size > 10_000


def test_neither_file_is_written_where_one_cannot_be(evolve: Evolve, searched: Searched, tmp_path: Path) -> None:
    page, table = tmp_path / "report.html", tmp_path / "all.csv"
    (tmp_path / "link").symlink_to(".")
    same = evolve(searched.folder, "export", "--html", page, "--csv", tmp_path / "link" / "report.html", "--force")
    assert (same.code, same.out) == (2, "")
    assert "--html and --csv both name" in same.err
    table.write_text("mine")
    for csv, said in ((table, "already there"), (tmp_path, "is a folder"), (Path("/dev/null"), "no ordinary file")):
        ran = evolve(searched.folder, "export", "--html", page, "--csv", csv)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err
    assert not page.exists()
    assert table.read_text() == "mine"
