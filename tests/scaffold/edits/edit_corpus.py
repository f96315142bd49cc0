"""The corpus of real-looking answers: how a case is stored, read and run.

A case is `corpus/<name>.txt`: a header, the answer after `---`, and after `%% changes` what the program becomes, as a
diff without context. `python tests/scaffold/edits/edit_corpus.py` prints what every case came to;
with `--write` it stores that as what is expected, to be read before it is committed.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evolve.errors import EditError
from evolve.scaffold.base import TaskView
from evolve.scaffold.edits import LEVELS, Edited, edit_from

CORPUS = Path(__file__).parent / "corpus"

_GLOBS = {"solver": ("*.py",)}
_LANGUAGES = {".py": "python", ".cpp": "c++", ".go": "go"}
_ANSWER, _CHANGES = "---\n", "%% changes\n"

_GARBLED = {
    "cr": lambda text: text.replace("\n", "\r"),
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "tabs": lambda text: re.sub(r"(?m)^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), text),
    "nbsp": lambda text: re.sub(r"(?m)^ +", lambda found: "\u00a0" * len(found[0]), text),
    "bom": lambda text: "\ufeff" + text,
    "zerowidth": lambda text: text.replace("return", "return\u200b"),
    "smart": lambda text: text.replace('"', "\u201d").replace("'", "\u2019"),
}


@dataclass(frozen=True)
class Case:
    """An answer, what was asked of which program, and what should come of it: a level and form, or a status."""

    name: str
    base: str
    asked: str
    garble: tuple[str, ...]
    expect: str
    answer: str
    changes: str

    @property
    def garbled(self) -> str:
        """The answer as it arrives."""
        text = self.answer
        for name in self.garble:
            text = _GARBLED[name](text)
        return text


@cache
def base_files(name: str) -> dict[str, str]:
    """The files of a base program; they are stored as text so that nobody formats them."""
    root = CORPUS / "bases" / name
    files = {
        path.relative_to(root).as_posix().removesuffix(".txt"): path.read_text("utf-8")
        for path in sorted(root.rglob("*.txt"))
    }
    if name == "legacy":
        files = {path: text.removesuffix("\n").replace("\n", "\r\n") for path, text in files.items()}
    return files


@cache
def task(name: str) -> TaskView:
    """What may be edited of a base program: the top folder."""
    files = base_files(name)
    entry = next(iter(files))
    language = _LANGUAGES[Path(entry).suffix]
    editable = tuple(path for path in files if "/" not in path)
    return TaskView(name, "", language, entry, editable, files, (), _GLOBS.get(name, ()))


def cases() -> Iterator[Case]:
    """All cases, by name."""
    for path in sorted(CORPUS.glob("*.txt")):
        head, _, rest = path.read_text("utf-8").partition(_ANSWER)
        answer, _, changes = rest.partition(_CHANGES)
        fields = dict(line.split(": ", 1) for line in head.splitlines())
        garble = tuple(filter(None, fields.get("garble", "").split(",")))
        yield Case(path.stem, fields["base"], fields["asked"], garble, fields["expect"], answer, changes)


def run(case: Case) -> Edited | EditError:
    """What comes of a case."""
    try:
        return edit_from(case.garbled, base_files(case.base), task(case.base), case.asked)
    except EditError as error:
        return error


def changes(case: Case, found: Edited) -> str:
    """The difference between a base program and its child, line ends apart."""
    before, after = base_files(case.base), found.files
    lines: list[str] = []
    for path in sorted(after):
        old, new = (files.get(path, "").splitlines() for files in (before, after))
        lines += difflib.unified_diff(old, new, path, path, lineterm="", n=0)
    return "\n".join([*lines, ""])


def _write(case: Case, found: Edited | EditError) -> None:
    head = {"base": case.base, "asked": case.asked, "garble": ",".join(case.garble)}
    applied = isinstance(found, Edited)
    head["expect"] = f"{found.level} {found.form}; {found.idea}" if applied else f"{found.status}; {found}"
    head["expect"] = " ".join(head["expect"].split())
    text = "".join(f"{key}: {value}\n" for key, value in head.items() if value) + _ANSWER + case.answer
    (CORPUS / f"{case.name}.txt").write_text(text + (_CHANGES + changes(case, found) if applied else ""), "utf-8")


def main(write: bool) -> None:
    """Print what every case comes to, and how many at which level."""
    counts: Counter[str] = Counter()
    for case in cases():
        found = run(case)
        outcome = found.level if isinstance(found, Edited) else str(found.status)
        counts[outcome] += 1
        print(f"{outcome:<18}{case.name}")
        if write:
            _write(case, found)
    applied = sum(counts[level] for level in LEVELS)
    print(f"\n{applied} of {counts.total()} answers apply")
    for outcome, count in sorted(counts.items(), key=lambda item: (item[0] not in LEVELS, -item[1])):
        print(f"{count:>5}  {outcome}")


if __name__ == "__main__":
    main("--write" in sys.argv)
