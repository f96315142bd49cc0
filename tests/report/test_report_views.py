from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console, RenderableType
from rich.text import Text

from evolve.config import BudgetSettings
from evolve.domain import Estimate, Evaluation, Program, Status
from evolve.errors import UserError
from evolve.problem import Problem
from evolve.report.console import show
from evolve.report.diff import diff_view, program_view, unified, whole_diff_view
from evolve.report.figures import bar, objective, seconds
from evolve.report.listing import Column, Listing
from evolve.report.spending import ModelUse, Spending, money_sentence, spending_json
from evolve.report.summary import Summary, summary_json, summary_view
from evolve.report.write import write_program
from evolve.session import Result
from evolve.store import MoneyRow
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


NOTHING_SPENT = Spending()
MINUTE = BudgetSettings(seconds=60)


def summary(
    problem: Problem,
    seed: Evaluation | None,
    best: Evaluation | None,
    *,
    reason: str = "60 s used",
    spending: Spending = NOTHING_SPENT,
    budget: BudgetSettings = MINUTE,
) -> Summary:
    result = Result(2, True, reason, Estimate(4.0), 17, Estimate(1.5, 0.01, 3), seed, best, 900, 60.2)
    objective = problem.spec.objective.model_copy(update={"unit": "%"})
    statuses = {Status.VALID: 800, Status.CRASH: 100}
    return Summary(
        result, "mine", "tiny", objective, ISOLATION, statuses, "--- a\n+++ b\n", "x.db", " --db x.db", spending, budget
    )


def shown(summarised: Summary) -> str:
    return " ".join(printed(*summary_view(summarised, colour=False), width=160).split())


def test_a_summary_sets_the_winner_beside_the_seed_with_intervals(tiny: Problem) -> None:
    summarised = summary(tiny, held(4.0, 4.2, 4.4), held(1.6, 1.8, 2.1))
    seen = shown(summarised)
    assert "run 2 of tiny finished: 60 s used" in seen
    assert "seed, search cases 4 %" in seen
    assert "best, search cases 1.5 % (standard error 0.01) candidate 2/17" in seen
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


@pytest.mark.parametrize(
    ("reason", "budget", "flags"),
    [
        ("500 evaluations used", BudgetSettings(evaluations=500, seconds=90), "--evaluations 1000"),
        ("950 evaluations used", BudgetSettings(evaluations=950), "--evaluations 1900"),
        ("$1.98 of $2 used; another call of m may take $0.05", BudgetSettings(money=2.0), "--budget 4usd"),
        (
            "900 of 1,000 tokens used; another call of m may take 5,000 tokens",
            BudgetSettings(tokens=1000, evaluations=5000),
            "--budget 2000tokens",
        ),
    ],
)
def test_a_finished_run_is_given_more_of_what_ended_it(
    tiny: Problem, reason: str, budget: BudgetSettings, flags: str
) -> None:
    seen = shown(summary(tiny, None, None, reason=reason, budget=budget))
    assert f"evolve resume 2 {flags} --db x.db" in seen


@pytest.mark.parametrize("reason", ["target 0.1 reached", "nothing new to propose"])
def test_what_more_of_everything_would_not_help_is_not_offered(tiny: Problem, reason: str) -> None:
    assert "evolve resume" not in shown(summary(tiny, None, None, reason=reason, budget=BudgetSettings(seconds=600)))


USE = ModelUse("openai/x", 87, 73_847, 0.2, 67, 62, 23, 6)


def test_a_summary_says_what_each_model_did_and_what_the_built_in_proposer_did(tiny: Problem) -> None:
    other = ModelUse("openai/free", 3, 100, None, 2, 1, 0, 1)
    spending = Spending(MoneyRow(90, 0.2, unknown=3, tokens=73_947), (USE, other), 30, 99, "best-of-n")
    summarised = summary(tiny, None, None, spending=spending)
    seen = shown(summarised)
    assert "models 90 answers, price unknown, 73,947 tokens" in seen
    assert (
        "openai/x: 87 answers, $0.20, 73,847 tokens; 62 of 67 candidates valid, 23 better than their parent,"
        " 6 new bests" in seen
    )
    assert "openai/free: 3 answers, price unknown, 100 tokens; 1 of 2 candidates valid" in seen
    assert "1 new best" in seen
    assert "built-in proposer 30 of 99 candidates (30%, tuning and simplifying included)" in seen
    assert "strategy best-of-n" in seen
    data = summary_json(summarised)
    assert data["strategy"] == "best-of-n"
    assert data["models"]["cost"] is None
    assert data["models"]["builtin"] == 30
    assert [(use["model"], use["cost"], use["new_bests"]) for use in data["models"]["by_model"]] == [
        ("openai/x", 0.2, 6), ("openai/free", None, 1),
    ]  # fmt: skip


def test_a_replay_costs_nothing_now_and_is_not_given_more(tiny: Problem) -> None:
    spending = Spending(MoneyRow(87, 0.2, tokens=73_847), (USE,), 0, 67, replay="run 3")
    summarised = summary(tiny, None, None, spending=spending)
    seen = shown(summarised)
    assert "replay of run 3" in seen
    assert "87 answers replayed; they cost $0.20 when recorded, nothing now" in seen
    assert "evolve resume" not in seen
    models = spending_json(spending)
    assert models is not None
    assert models["replay"] == "run 3"


def test_calls_without_an_answer_are_told_apart_from_what_was_answered() -> None:
    free = MoneyRow(12, unknown=12, tokens=73_847, lost_tokens=10_934)
    assert money_sentence(free) == (
        "12 answers, price unknown, 73,847 tokens, and up to 10,934 for calls without an answer"
    )
    paid = MoneyRow(1, 0.5, 0.02, tokens=1_000, lost_tokens=2_000)
    assert money_sentence(paid) == (
        "1 answer, $0.50, 1,000 tokens, and up to $0.02 and 2,000 tokens for calls without an answer"
    )
    assert money_sentence(MoneyRow(1, 0.5, tokens=9)) == "1 answer, $0.50, 9 tokens"


def test_long_lines_of_a_diff_are_left_to_the_terminal_to_wrap_and_tables_are_not_padded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = "+" + "x = 1 + " * 60 + "1"
    coloured = diff_view(line, colour=True)
    assert isinstance(coloured, Text)
    show(coloured, Listing([Column("name", text=True), Column("last", text=True)], [("a", "b"), ("longer", "c")]))
    assert capsys.readouterr().out.splitlines() == [line, "name    last", "a       b", "longer  c"]


def test_an_interrupted_run_says_so_once(tiny: Problem) -> None:
    summarised = summary(tiny, None, None, reason="interrupted")
    seen = shown(replace(summarised, result=replace(summarised.result, finished=False)))
    assert "run 2 of tiny interrupted objective" in seen


def test_nothing_of_a_difference_that_is_decided_by_is_left_out() -> None:
    text = "+x\n" * 10_050 + f"+a = 1{' ' * 5_000}; far = 1\n+last\n"
    seen = str(whole_diff_view(text, colour=False)).splitlines()
    assert len(seen) == 10_050 + 34 + 1
    assert all(len(line) <= 160 for line in seen)
    assert seen[-2].startswith("+↪ ")
    assert seen[-2].endswith("; far = 1")
    assert seen[-1] == "+last"
    assert "far = 1" in printed(whole_diff_view(text[-6_000:], colour=True))
