"""Programs and answers for tests of edits, and the host's own view of what may change."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from difflib import unified_diff

from hypothesis import strategies as st

from evolve.problem.regions import has_markers, is_safe_path, matches, regions, splice
from evolve.scaffold.base import TaskView

PACKING = '''"""Circles in a square."""

import math

# EVOLVE-BLOCK-START
def centres(n):
    """One in the middle, then a ring."""
    points = [(0.5, 0.5)]
    for i in range(n - 1):
        angle = 2 * math.pi * i / (n - 1)
        points.append((0.5 + 0.3 * math.cos(angle), 0.5 + 0.3 * math.sin(angle)))
    return points


def radii(points):
    sizes = [min(x, y, 1 - x, 1 - y) for x, y in points]
    return [size * 0.5 for size in sizes]
# EVOLVE-BLOCK-END


def pack(n):
    points = centres(n)
    return [[x, y, r] for (x, y), r in zip(points, radii(points), strict=True)]
'''

TWO_REGIONS = """// frozen head
/* EVOLVE-BLOCK-START */
int first(int x) {
\treturn x + 1;
}
/* EVOLVE-BLOCK-END */
int middle(int x) { return first(x); }
/* EVOLVE-BLOCK-START */
int last(int x) {
\treturn x - 1;
}
/* EVOLVE-BLOCK-END */
int main(void) { return last(middle(0)); }
"""

PROGRAM = {"packing.py": PACKING, "lib/two.c": TWO_REGIONS, "data/table.txt": "one\ntwo\nthree", "frozen.py": "x = 1\n"}


def task_of(files: Mapping[str, str], editable: Sequence[str] = (), globs: Sequence[str] = ()) -> TaskView:
    entry = next(iter(files))
    language = "python" if entry.endswith(".py") else "text"
    return TaskView("test", "", language, entry, tuple(editable or files), files, (), tuple(globs))


def assert_only_editable_changed(base: Mapping[str, str], files: Mapping[str, str], task: TaskView) -> None:
    """What the host demands of a child: see `evolve.problem.check_edit`."""
    assert base.keys() <= files.keys()
    for path, text in files.items():
        if path not in base:
            assert is_safe_path(path)
            assert matches(task.editable_globs, path)
            assert not has_markers(text)
        elif text != base[path]:
            assert path in task.editable or matches(task.editable_globs, path)
            assert_only_regions_changed(base[path], text)


def assert_only_regions_changed(before: str, after: str) -> None:
    if not has_markers(before):
        assert not has_markers(after)
        return
    old, new = regions(before), regions(after)
    assert len(old) == len(new)
    for old_region, new_region in zip(reversed(old), reversed(new), strict=True):
        before = splice(before, old_region, after[new_region.start : new_region.end])
    assert before == after


def block(search: Iterable[str], replace: Iterable[str]) -> str:
    return "\n".join(["<<<<<<< SEARCH", *search, "=======", *replace, ">>>>>>> REPLACE", ""])


CODE_LINES = st.one_of(
    st.sampled_from(
        ["", "    ", "x = 1", "    return x", "\treturn y", "=======", "# heading", '    """', "...", "- a"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\n\r", exclude_categories=("Cs",)), max_size=30),
).filter(lambda line: not any(sign in line for sign in ("<<<<<", ">>>>>", "EVOLVE-BLOCK", "-----", "+++++")))
"""Lines of a file that the block grammar can carry."""

_FRAGMENTS = [
    "<<<<<<< SEARCH\n",
    "=======\n",
    ">>>>>>> REPLACE\n",
    "```python\n",
    "```\n",
    "```diff\n",
    "~~~\n",
    "@@ -1,3 +1,3 @@\n",
    "--- a/packing.py\n+++ b/packing.py\n",
    "*** Begin Patch\n*** Update File: packing.py\n",
    "packing.py\n",
    "File: lib/two.c\n",
    "### frozen.py\n",
    "data/new.txt\n",
    "../evil.py\n",
    "<think>\n",
    "</think>\n",
    "Idea: something else\n",
    "# EVOLVE-BLOCK-START\n",
    "# EVOLVE-BLOCK-END\n",
    "/* EVOLVE-BLOCK-START */\n",
    "/* EVOLVE-BLOCK-END */\n",
    '{"code": "',
    '"}\n',
    '{"files": {"packing.py": "x = 1\\n"}}',
    '{"edits": [{"search": "two", "replace": "2"}]}',
    "# ... rest unchanged\n",
    "...\n",
    "+",
    "-",
    " ",
    "\r\n",
    "\ufeff",
    "\u00a0",
    "12 | ",
    "<file path='packing.py'>\n",
    "</file>\n",
]


def _pieces_of_files(seed: int) -> str:
    rng = random.Random(seed)
    lines = PROGRAM[rng.choice(sorted(PROGRAM))].splitlines(keepends=True)
    start = rng.randrange(len(lines))
    return "".join(lines[start : start + rng.choice([1, 2, 3, 6, 40])])


def wild_answers(size: int = 14) -> st.SearchStrategy[str]:
    """Answers put together of markers, fences, tags and pieces of the files, in any order."""
    pieces = st.one_of(
        st.sampled_from(_FRAGMENTS),
        st.integers(0, 10_000).map(_pieces_of_files),
        st.text(max_size=12),
    )
    return st.lists(pieces, max_size=size).map("".join)


def _garbled(lines: Sequence[str], rng: random.Random) -> list[str]:
    """Lines as a model may misquote or change them."""
    kept: list[str] = []
    for line in lines:
        change = rng.random()
        if change < 0.05:
            continue
        if change < 0.15:
            line = line.replace("0", "1").replace("x", "y") if rng.random() < 0.5 else line.strip()
        kept.append(line)
        if change > 0.95:
            kept.append(
                rng.choice(["import os", "    z = 3", "", "# EVOLVE-BLOCK-END", "// EVOLVE-BLOCK-START", "..."])
            )
    return kept


def _near_answer(seed: int) -> str:
    rng = random.Random(seed)
    path = rng.choice(sorted(PROGRAM))
    lines = PROGRAM[path].splitlines()
    said = rng.choice(["", f"{path}\n", f"### `{path}`\n", "Idea: better\n\n", f"Idea: b\n\n```python path={path}\n"])
    kind = rng.random()
    if kind < 0.5:
        answer = ""
        for _ in range(rng.choice([1, 1, 2, 4])):
            start = rng.randrange(len(lines))
            piece = lines[start : start + rng.choice([1, 2, 4, 8])]
            quoted = piece if rng.random() < 0.6 else _garbled(piece, rng)
            answer += block(quoted, _garbled(_garbled(piece, rng), rng))
    elif kind < 0.75:
        answer = "\n".join(["```", *_garbled(lines, rng), "```", ""])
    else:
        answer = "\n".join(unified_diff(lines, _garbled(lines, rng), path, path, lineterm=""))
    return said + answer[: len(answer) if rng.random() < 0.9 else rng.randrange(1 + len(answer))]


def near_answers() -> st.SearchStrategy[str]:
    """Well-formed answers, most of them: blocks, whole files and diffs of the program, misquoted here and there."""
    return st.integers(0, 10**9).map(_near_answer)
