"""A child may change the editable files and regions, and not one byte elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evolve.domain import Program, Status
from evolve.errors import EditError
from evolve.problem import MarkerError, Problem, check_edit, load_problem, matches, regions, splice

MARKED = """import os  # frozen
// EVOLVE-BLOCK-START
first
/* EVOLVE-BLOCK-END */
middle
<!-- EVOLVE-BLOCK-START -->
<!-- EVOLVE-BLOCK-END -->
last"""


@pytest.fixture
def problem(make_folder: Callable[..., Path]) -> Problem:
    toml = (
        'name = "tiny"\nsummary = "s"\n[objective]\nmetric = "score"\ndirection = "minimize"\n'
        '[program]\nentry = "marked.txt"\neditable = ["*.txt", "lib/**/*.txt"]\n'
    )
    return load_problem(
        make_folder(
            {
                "problem.toml": toml,
                "seed/main.py": None,
                "seed/marked.txt": MARKED,
                "seed/free.txt": "free\n",
                "seed/lib/deep/free.txt": "free\n",
                "seed/fixed.cfg": "fixed\n",
            }
        )
    )


def status_of(problem: Problem, child: Program, base: Program | None = None) -> Status | None:
    try:
        check_edit(problem, child, base)
    except EditError as error:
        return error.status
    return None


def test_regions_are_found_in_any_comment_syntax() -> None:
    assert [MARKED[region.start : region.end] for region in regions(MARKED)] == ["first\n", ""]


def test_without_markers_the_whole_file_is_the_region() -> None:
    (region,) = regions("a\nb")
    assert splice("a\nb", region, "new") == "new"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("EVOLVE-BLOCK-START\nx\n", "never closed"),
        ("x\nEVOLVE-BLOCK-END\n", "line 2 has EVOLVE-BLOCK-END without"),
        ("EVOLVE-BLOCK-START\nEVOLVE-BLOCK-START\nEVOLVE-BLOCK-END\n", "line 2 has EVOLVE-BLOCK-START inside"),
        ("# EVOLVE-BLOCK-START EVOLVE-BLOCK-END\n", "line 1 has both"),
    ],
)
def test_unbalanced_markers_are_named_by_line(text: str, sentence: str) -> None:
    with pytest.raises(MarkerError, match=sentence):
        regions(text)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("marked.txt", "first\n", "one\ntwo\r\n"),
        ("marked.txt", "first\n", ""),
        ("marked.txt", "START -->\n<!--", "START -->\nnew\n<!--"),
        ("free.txt", "free\n", ""),
        ("lib/deep/free.txt", "free", "\u00e9"),
    ],
)
def test_an_edit_inside_is_accepted(problem: Problem, path: str, old: str, new: str) -> None:
    text = problem.seed.as_dict()[path]
    assert old in text
    check_edit(problem, problem.seed.with_files({path: text.replace(old, new, 1)}))


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("marked.txt", "import os", "import sys"),
        ("marked.txt", "middle", "midle"),
        ("marked.txt", "middle\n", "middle\n\n"),
        ("marked.txt", "last", "last\n"),
        ("marked.txt", "first\n/*", "first/*"),
        ("marked.txt", "// EVOLVE", "//  EVOLVE"),
        ("marked.txt", "first\n", "EVOLVE-BLOCK-END\nEVOLVE-BLOCK-START\n"),
        ("marked.txt", "first\n", "EVOLVE-BLOCK-START\n"),
        ("marked.txt", "/* EVOLVE-BLOCK-END */\n", ""),
        ("marked.txt", MARKED, "first"),
        ("free.txt", "free", "EVOLVE-BLOCK-START\nEVOLVE-BLOCK-END"),
        ("fixed.cfg", "fixed", "mended"),
    ],
)
def test_an_edit_outside_is_refused(problem: Problem, path: str, old: str, new: str) -> None:
    text = problem.seed.as_dict()[path]
    assert old in text
    child = problem.seed.with_files({path: text.replace(old, new, 1)})
    assert status_of(problem, child) is Status.OUTSIDE_REGION


def test_swapping_two_regions_around_frozen_text_is_refused(problem: Problem) -> None:
    text = MARKED.replace("first\n", "").replace("middle\n", "first\nmiddle\n")
    assert status_of(problem, problem.seed.with_files({"marked.txt": text})) is Status.OUTSIDE_REGION


def test_the_refusal_names_file_and_line(problem: Problem) -> None:
    child = problem.seed.with_files({"marked.txt": MARKED.replace("middle", "muddle")})
    with pytest.raises(EditError, match=r"marked\.txt changed outside .* near line 5"):
        check_edit(problem, child)


def test_files_may_be_added_where_a_glob_matches_and_never_removed(problem: Problem) -> None:
    assert status_of(problem, problem.seed.with_files({"lib/more.txt": "x"})) is None
    for path in ("more.py", "lib/.hidden.txt", "../up.txt", "/abs.txt", "lib//x.txt", "a b.txt", "lib/../x.txt"):
        assert status_of(problem, problem.seed.with_files({path: "x"})) is Status.OUTSIDE_REGION, path
    fewer = Program.of({path: text for path, text in problem.seed.as_dict().items() if path != "free.txt"})
    assert status_of(problem, fewer) is Status.OUTSIDE_REGION


def test_no_change_is_its_own_status(problem: Problem) -> None:
    changed = problem.seed.with_files({"free.txt": "other"})
    assert status_of(problem, problem.seed) is Status.NO_EDIT
    assert status_of(problem, changed, base=changed) is Status.NO_EDIT
    assert status_of(problem, changed) is None


def test_text_that_no_file_can_hold_is_refused(problem: Problem) -> None:
    assert status_of(problem, problem.seed.with_files({"free.txt": "\ud800"})) is Status.SYNTAX


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("*.py", "a.py", True),
        ("*.py", "lib/a.py", False),
        ("lib/*.py", "lib/a.py", True),
        ("lib/**", "lib/x/y.c", True),
        ("**/*.py", "a.py", True),
        ("**/*.py", "x/y/a.py", True),
        ("a?.py", "ab.py", True),
        ("a.py", "aXpy", False),
        ("a.py", "a.py\n", False),
    ],
)
def test_globs(glob: str, path: str, expected: bool) -> None:
    assert matches([glob], path) == expected


LINES = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=12).filter(lambda s: "EVOLVE" not in s)
BODY = st.lists(LINES, max_size=4).map(lambda lines: "".join(line + "\n" for line in lines))


@given(st.lists(st.tuples(BODY, BODY), min_size=1, max_size=4), BODY, st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_any_splice_passes_and_any_other_change_fails(
    problem: Problem, parts: list[tuple[str, str]], tail: str, data: st.DataObject
) -> None:
    text = "".join(f"{frozen}# EVOLVE-BLOCK-START\n{body}# EVOLVE-BLOCK-END\n" for frozen, body in parts) + tail
    bent = _with_seed_text(problem, text)
    child = text
    for region in reversed(regions(text)):
        child = splice(child, region, data.draw(BODY))
    if child != text:
        check_edit(bent, bent.seed.with_files({"free.txt": child}))
    inside = [range(region.start, region.end + 1) for region in regions(child)]
    position = data.draw(st.integers(0, len(child)))
    if not any(position in span for span in inside):
        broken = child[:position] + "~" + child[position:]
        assert status_of(bent, bent.seed.with_files({"free.txt": broken})) is Status.OUTSIDE_REGION


def _with_seed_text(problem: Problem, text: str) -> Problem:
    return replace(problem, seed=problem.seed.with_files({"free.txt": text}))
