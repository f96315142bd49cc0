"""From the text of an answer to a whole child program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evolve.domain import Status
from evolve.errors import EditError
from evolve.scaffold.base import TaskView
from evolve.scaffold.edits import blocks, wrapped
from evolve.scaffold.edits.answer import read
from evolve.scaffold.edits.apply import apply_blocks
from evolve.scaffold.edits.bare import bare_file
from evolve.scaffold.edits.bench import Bench
from evolve.scaffold.edits.choose import chosen
from evolve.scaffold.edits.clean import Spoken, spoken
from evolve.scaffold.edits.idea import idea_of
from evolve.scaffold.edits.lines import content_key, is_blank, split_lines, trim_blank
from evolve.scaffold.edits.parts import Reading, Whole, looser, truncated
from evolve.scaffold.edits.paths import Paths
from evolve.scaffold.edits.snippet import lacking, put_in_place
from evolve.scaffold.edits.whole import new_file, replace_whole, tidied
from evolve.scaffold.pyspan import compiles
from evolve.scaffold.regions import END_MARKER, START_MARKER


@dataclass(frozen=True, slots=True)
class Edited:
    """A child program made of an answer.

    `files` is the whole program, `level` the loosest step that was needed (`exact`, `whitespace`, `indentation`,
    `fuzzy`, `whole`), `form` what the answer turned out to be (`diff` or `whole`), `idea` what the model says it tried.
    """

    files: Mapping[str, str]
    level: str
    form: str
    idea: str


def edit_from(answer: str, base: Mapping[str, str], task: TaskView, form: str) -> Edited:
    """Apply the edit in a model's answer to the program `base` (`{path: text}`).

    `form`, what the model was asked for (`diff` or `whole`), is a hint: what it sent is recognised. Text outside the
    editable regions and files stays byte for byte; newline style and final newline of a file stay too.

    Raises EditError, with a message for the model to act on: EMPTY (no text), NO_EDIT (no edit, or one that changes
    nothing), EDIT_NOT_APPLIED, OUTSIDE_REGION, or TRUNCATED (cut off inside an edit).
    """
    if all(is_blank(line) for line in answer.split("\n")):
        raise EditError(Status.EMPTY, "the answer has no text; send the edit")
    bench = _bench(base, task)
    said = spoken(answer)
    reading = _reading(said, bench, form)
    if not reading:
        raise _nothing(said, reading, form)
    if reading.cut or any(not block.ended for block in reading.blocks[:-1]):
        raise truncated("the answer ends inside a block; send a shorter answer, complete to its end")
    try:
        return _edited(reading, bench, said, form)
    except EditError as error:
        # Some answers give the change and then the whole file that comes of it.
        if error.status is not Status.EDIT_NOT_APPLIED or not (reading.blocks and reading.wholes):
            raise
        try:
            return _edited(replace(reading, blocks=()), _bench(base, task), said, form)
        except EditError:
            raise error from None


def _edited(reading: Reading, bench: Bench, said: Spoken, form: str) -> Edited:
    wholes = chosen(reading, bench)
    if not reading.blocks and not wholes:
        raise _nothing(said, reading, form)
    apply_blocks(reading.blocks, bench)
    _check_finished(reading, bench)
    for path, whole in wholes.items():
        _put_whole(path, whole, bench)
    files = bench.files()
    if files == dict(bench.base):
        raise EditError(Status.NO_EDIT, "the edit changes nothing: the program is the same as before")
    level = looser(bench.level, "whole") if wholes else bench.level
    return Edited(files, level, "diff" if reading.blocks else "whole", idea_of(reading.prose))


def _bench(base: Mapping[str, str], task: TaskView) -> Bench:
    return Bench(base, Paths(base, task), _python(base, task))


def _python(base: Mapping[str, str], task: TaskView) -> frozenset[str]:
    entry = {task.entry} if task.language == "python" else set()
    return frozenset(path for path in base if path.endswith(".py")) | entry


def _reading(said: Spoken, bench: Bench, form: str) -> Reading:
    """The first way of reading an answer in which there is an edit; the last one when there is none."""
    literal = form == "whole" and any(blocks.starts(line) for text in bench.base.values() for line in split_lines(text))
    reading = Reading()
    for text in dict.fromkeys((said.answer, said.everything)):
        plain = wrapped.unwrapped(text)
        if plain and wrapped.is_wrapped(text) and (reading := read(plain, bench.paths, literal)):
            return reading
        reading = read(text, bench.paths, literal)
        if reading.blocks or any(whole.language != "json" for whole in reading.wholes):
            return reading
        if plain and (inner := read(plain, bench.paths, literal)):
            return inner
        if found := reading or bare_file(text, bench):
            return found
    return reading


def _nothing(said: Spoken, reading: Reading, form: str) -> EditError:
    if reading.cut or said.thinking or wrapped.is_cut(said.answer):
        where = "its reasoning" if said.thinking else "its edit"
        return truncated(f"the answer ends inside {where}; send a shorter answer, complete to its end")
    wanted = "the whole file in a fence" if form == "whole" else "SEARCH/REPLACE blocks, or the whole file in a fence"
    return EditError(Status.NO_EDIT, f"the answer holds no edit; send {wanted}")


def _check_finished(reading: Reading, bench: Bench) -> None:
    """Accept a last block without its last marker only when what it says is there to its end."""
    last = reading.blocks[-1] if reading.blocks else None
    if last is None or last.ended:
        return
    search, replace = (trim_blank(half) for half in (last.swaps[0].search, last.swaps[0].replace))
    same_end = bool(search and replace) and content_key(search[-1]) == content_key(replace[-1])
    changed = [path for path, document in bench.documents.items() if document.text != bench.base[path]]
    if same_end or (changed and all(path in bench.python and compiles(bench.document(path).text) for path in changed)):
        return
    raise truncated("the answer ends inside its last block; send a shorter answer, complete to its end")


def _put_whole(path: str, whole: Whole, bench: Bench) -> None:
    if path not in bench.base:
        bench.added[path] = new_file(path, whole.lines, bench.paths)
        return
    document = bench.document(path)
    lines = tidied(whole.lines, document)
    if whole.ended and path in bench.python and not _marked(lines) and lacking(lines, document):
        bench.documents[path] = put_in_place(lines, document)
    else:
        bench.documents[path] = replace_whole(whole, document, path in bench.python)


def _marked(lines: Sequence[str]) -> bool:
    return any(START_MARKER in line or END_MARKER in line for line in lines)
