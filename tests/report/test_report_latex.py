"""LaTeX that nobody's text can break: checked by its structure, and by a TeX where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from evolve.domain import Direction
from evolve.report.compare_data import compare_csv
from evolve.report.compare_latex import compare_latex
from evolve.report.comparison import Comparison, compare
from evolve.report.latex import escape, figure
from evolve.store import Store, open_store
from tests.report.compared_runs import add_run

HOSTILE = [
    r"50% of $x_1^2$ & more \\ \input{/etc/passwd} #1 {~",
    "]*[2pt]\\\\*[1em] --'' ,,``\"<|>",
    '=HYPERLINK("x")\n\\end{table}\r\x1b[31m\u202e\x00',
    "日本 naïve Ångström ffi ế ­",
    "^^4d^^M \\iffalse % comment",
]
SPECIAL = re.compile(r"(?<!\\)[$&#%_^~]")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


def compared(store: Store, names: list[str], runs: int = 6, direction: Direction = Direction.MAXIMIZE) -> Comparison:
    """An arm of paired runs for each name, every one better than the one before it."""
    arms = []
    for lead, name in enumerate(names):
        course = [[0.0, 1.0 + direction.sign * lead + seed / 100] for seed in range(runs)]
        ids = [add_run(store, name, seed, each, held_out=each[-1], cost=0.25, direction=direction)
               for seed, each in enumerate(course)]  # fmt: skip
        arms.append((name, [store.run(each) for each in ids]))
    return compare(store, arms)


def balanced(text: str) -> bool:
    """Whether braces that are not quoted open and close in order."""
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text.replace(r"\\", "")):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text(text: str) -> None:
    written = escape(text)
    assert written.isascii()
    assert written.isprintable()
    assert balanced(written)
    assert not SPECIAL.search(re.sub(r"\$\\\w+\$|\\[\^~][{]\w[}]", "", written))
    # No command of the text's own survived: each one is ours.
    ours = (
        r"textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar|textasciigrave|char|evolveunicode"
    )
    assert not re.search(rf"\\(?!{ours}|[r^~=u.vc\"'`H]\{{)[a-zA-Z]", written)
    assert not re.search(r"--|''|,,|``", written)


def test_letters_people_write_are_set_as_they_are() -> None:
    assert escape("Ångström & Čapek, naïve – 5 µs") == (
        r"\r{A}ngstr\"{o}m \& \v{C}apek, na\"{i}ve \textendash{} 5 $\mu$s"
    )
    assert escape("日") == r"\evolveunicode{65E5}"


def test_small_figures_are_powers_of_ten() -> None:
    assert figure("-2.5e-05") == r"$-2.5 \times 10^{-5}$"
    assert figure("0.031") == "$0.031$"


def test_the_table_holds_every_arm_at_every_axis(store: Store) -> None:
    text = compare_latex(compared(store, ["plain", "clever", "wise"], runs=8))
    assert r"\usepackage{booktabs}" in text
    assert [text.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule", r"\begin{table}")] == [1] * 4
    rows = table_rows(text)
    assert [row[:2] for row in rows[2:]] == [["plain", "8"], ["clever", "8"], ["wise", "8"]]
    assert "at 2 evaluations" in rows[0][2]
    assert r"at \$0.25" in rows[0][3]
    assert "on held{-}out" not in text
    # Medians of 1.00 .. 1.07 and the same one and two higher; exact intervals of eight values; p = 2/2^8, twice.
    assert rows[2][2:5] == ["$1.035$", "($1$ to $1.07$)", "--"]
    assert rows[3][2:5] == ["$2.035$", "($2$ to $2.07$)", "$0.016$"]
    assert "99.2\\,\\% coverage" in text
    assert "sign-flip tests by run seed against plain, corrected for the number of arms (Holm)" in text


def table_rows(text: str) -> list[list[str]]:
    """The cells of every row of the one table."""
    body = text.split(r"\toprule")[1].split(r"\bottomrule")[0]
    lines = [line.strip() for line in body.splitlines() if line.strip().endswith(r"\\")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)&", line.removesuffix(r"\\"))] for line in lines]


def test_hostile_names_break_no_row(store: Store) -> None:
    text = compare_latex(compared(store, HOSTILE, runs=2, direction=Direction.MINIMIZE))
    rows = table_rows(text)
    assert {len(row) for row in rows[1:]} == {2 + 3 * 3}
    assert len(rows) == 2 + len(HOSTILE)
    assert balanced(text)
    assert text.isascii()
    assert text.count(r"\end{table}") == 1
    assert text.count(r"\newcommand") == 0
    assert text.count(r"\DeclareRobustCommand") == 1


def test_hostile_names_break_no_csv(store: Store) -> None:
    lines = compare_csv(compared(store, HOSTILE, runs=2)).splitlines()
    # The seed and one candidate: two checkpoints by evaluations, four by money, the end and the held-out score.
    assert len(lines) == 1 + len(HOSTILE) * 2 * (2 + 4 + 2)
    assert not any(line.startswith(("=", "+", "-", "@", '"=')) for line in lines)
    assert all(line.isprintable() for line in lines)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex here")
def test_a_tex_compiles_it(store: Store, tmp_path: Path) -> None:
    table = compare_latex(compared(store, HOSTILE, runs=6))
    document = f"\\documentclass{{article}}\n\\usepackage{{booktabs}}\n\\begin{{document}}\n{table}\\end{{document}}\n"
    (tmp_path / "table.tex").write_text(document)
    done = subprocess.run(
        ["pdflatex", "-no-shell-escape", "-halt-on-error", "table.tex"], cwd=tmp_path, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
