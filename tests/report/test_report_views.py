from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from evolve.domain import Estimate, Evaluation, Program, Status
from evolve.errors import UserError
from evolve.problem import Problem
from evolve.report.diff import diff_view, program_view, unified
from evolve.report.figures import bar, objective, seconds
from evolve.report.listing import Column, Listing
from evolve.report.summary import Summary, summary_json, summary_view
from evolve.report.write import write_program
from evolve.session import Result
from tests.report.test_report_interval import held

ISOLATION = {"backend": "local", "level": "namespaces", "layers": ["no network"], "missing": ["memory cgroup"]}


def printed(*views: RenderableType, width: int = 120) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, markup=False)
    for view in views:
        console.print(view)
    return out.getvalue()


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.00834, "8.34 ms"), (12.34, "12.3 s"), (99.96, "100 s"), (245.2, "4 min 05 s"), (7620, "2 h 07 min")],
)
def test_durations_are_read_at_a_glance(value: float, shown: str) -> None:
    assert seconds(value) == shown


def test_objectives_keep_the_digits_that_tell_two_apart() -> None:
    assert objective(2.6359830849, "") == "2.63598"
    assert objective(0.68, "%") == "0.68 %"
    assert objective(None) == "–"


def test_a_bar_never_leaves_its_place() -> None:
    assert [bar(share, 4) for share in (-1, 0, 0.5, 1, 7)] == ["░░░░", "░░░░", "██░░", "████", "████"]


def test_a_listing_drops_optional_columns_from_the_right_before_it_cuts() -> None:
    columns = (Column("name", text=True), Column("score"), Column("b", optional=True), Column("c", optional=True))
    listing = Listing(columns, [("a long name that folds", "1234567.5", "22222222", "33333333")])
    assert "33333333" in printed(listing, width=80)
    narrow = printed(listing, width=50)
    assert "22222222" in narrow
    assert "33333333" not in narrow
    narrowest = printed(listing, width=24)
    assert "1234567.5" in narrowest
    assert "22222222" not in narrowest
    assert max(map(len, narrowest.splitlines())) <= 24


def test_a_diff_names_added_removed_and_changed_files_only() -> None:
    before = Program.of({"a.py": "x = 1\n", "b.py": "same\n", "old.py": "gone"})
    after = Program.of({"a.py": "x = 2\n", "b.py": "same\n", "new.py": "here\n"})
    assert unified(before, after, ("0", "9")) == (
        "--- 0/a.py\n+++ 9/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"
        "--- /dev/null\n+++ 9/new.py\n@@ -0,0 +1 @@\n+here\n"
        "--- 0/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n\\ No newline at end of file\n"
    )
    assert unified(before, before, ("0", "9")) == ""


def test_a_long_diff_is_bounded_and_a_hostile_one_harmless() -> None:
    text = "".join(f"+\x1b[3{index}m\n" for index in range(5))
    for colour in (False, True):
        seen = printed(diff_view(text, colour=colour, lines=3))
        assert "\x1b" not in seen
        assert "+\\x1b[30m" in seen
        assert "2 more lines" in seen


def test_the_files_of_a_program_are_told_apart() -> None:
    seen = printed(*program_view(Program.of({"a.py": "x = 1\n", "b/c.txt": "last"}), colour=True))
    assert seen.index("a.py") < seen.index("x = 1") < seen.index("b/c.txt") < seen.index("last")


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "..\\x", "a\0b"])
def test_no_file_is_written_outside_the_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(UserError, match="leads out of the folder"):
        write_program(Program.of({"ok.py": "", path: ""}), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_program_is_written_byte_for_byte(tmp_path: Path) -> None:
    files: Mapping[str, str] = {"a/b.py": "x\r\ny\n", "c": "é"}
    written = write_program(Program.of(files), tmp_path)
    assert {path.relative_to(tmp_path).as_posix(): path.read_bytes().decode() for path in written} == files


def summary(problem: Problem, seed: Evaluation | None, best: Evaluation | None) -> Summary:
    result = Result(2, True, "60 s used", Estimate(4.0), 17, Estimate(1.5, 0.01, 3), seed, best, 900, 60.2)
    objective = problem.spec.objective.model_copy(update={"unit": "%"})
    statuses = {Status.VALID: 800, Status.CRASH: 100}
    return Summary(result, "mine", "tiny", objective, ISOLATION, statuses, "--- a\n+++ b\n", "x.db", " --db x.db")


def shown(summarised: Summary) -> str:
    return " ".join(printed(*summary_view(summarised, colour=False), width=160).split())


def test_a_summary_sets_the_winner_beside_the_seed_with_intervals(tiny: Problem) -> None:
    summarised = summary(tiny, held(4.0, 4.2, 4.4), held(1.6, 1.8, 2.1))
    seen = shown(summarised)
    assert "run 2 of tiny finished: 60 s used" in seen
    assert "seed, search cases 4 %" in seen
    assert "best, search cases 1.5 ± 0.01 % candidate 2/17" in seen
    assert "seed, held-out cases 4.2 % (95% interval 3.70317 to 4.69683) over 3 cases" in seen
    assert "paired difference -2.367 % (95% interval -2.51 to -2.223) better than the seed" in seen
    assert "not isolated: memory cgroup" in seen
    assert "evolve best 2 -o winner --db x.db" in seen
    assert "evolve resume 2 --seconds 120 --db x.db" in seen
    data = summary_json(summarised)
    assert data["best"] == {"number": 17, "mean": 1.5, "stderr": 0.01, "n": 3}
    assert data["holdout"]["difference"]["better"] is True
    assert data["holdout"]["difference"]["mean"] == pytest.approx(-7.1 / 3)
    assert data["holdout"]["best"]["cases"] == 3


def test_a_summary_claims_no_more_than_was_measured(tiny: Problem) -> None:
    noisy = shown(summary(tiny, held(4.0, 4.2, 4.4), held(1.0, 4.9, 4.3)))
    assert "not shown to be better than the seed" in noisy
    assert "no held-out cases" in shown(summary(tiny, None, None))
    single = shown(summary(tiny, held(4.0), held(1.0)))
    assert "no interval, so no proof either way" in single
    crashed = summary(tiny, held(4.0, 4.1), held(1.0, None))
    assert "best, held-out cases crash" in shown(crashed)
    assert summary_json(crashed)["holdout"]["difference"] is None
    assert summary_json(crashed)["holdout"]["best"] == {
        "status": "crash", "mean": None, "low": None, "high": None, "cases": None,
    }  # fmt: skip


def test_an_interrupted_run_without_a_winner_says_how_to_go_on(tiny: Problem) -> None:
    summarised = summary(tiny, None, None)
    result = replace(summarised.result, finished=False, best=None, best_number=None, seed=None)
    seen = shown(replace(summarised, result=result, diff=""))
    assert "run 2 of tiny interrupted" in seen
    assert "no valid candidate" in seen
    assert "evolve resume 2 --db x.db" in seen
    assert "changed in the seed" not in seen
