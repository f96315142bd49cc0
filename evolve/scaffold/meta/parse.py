"""From the text of an answer to an edit of a scaffold, or to an error its author can act on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from evolve.domain import Status
from evolve.errors import EditError
from evolve.scaffold.base import METRICS, MetaEdit, Prediction, Prompt, TaskView
from evolve.scaffold.edits import edit_from
from evolve.scaffold.edits.clean import spoken
from evolve.scaffold.edits.idea import idea_of
from evolve.scaffold.meta.checks import fault_of
from evolve.scaffold.turns import IDEA_LIMIT

_MARKERS, _HIDDEN = "EVOLVE-BLOCK", "EVOLVE\ue000BLOCK"
"""Files of a scaffold speak of the markers of programs without being marked themselves."""

_OPENS, _CLOSES = re.compile(r"\s*<{5,9}(?!<)"), re.compile(r"\s*>{5,9}(?!>)")
_OPENED = re.compile(r"^\s*<{5,9}(?!<)", re.MULTILINE)
_CLOSED = re.compile(r"^\s*(?:={5,}|>{4,})", re.MULTILINE)
"""A block that closes and never opened was meant as an edit."""

_FENCE = re.compile(r"\s*(`{3,}|~{3,})(.*)")
_PREDICT = re.compile(
    r"\W*predict(?:ion|s|ed)?\W*:\W*(?P<metric>[a-z][a-z_ -]*?)\W+(?:goes\W+|will go\W+|should go\W+)?"
    r"(?P<way>up|down|higher|lower|increases?|decreases?|rises?|falls?)\b(?:\W+on\b(?P<on>.*))?.*",
    re.IGNORECASE,
)
_SAID = re.compile(r"\W*predict(?:ion|s|ed)?\W*:.*", re.IGNORECASE)
_REMOVE = re.compile(r"\W*remove\W*:\W*(?P<path>[\w./-]+\w)\W*", re.IGNORECASE)
_PREFIX = re.compile(r"^([\s`*#]*)(?:\./)?(?:evolve/)?scaffold/(?=[\w./-]+\.\w+[\s`*:]*$)")
_SHOW = re.compile(r"\W*show\W*:\W*(?P<paths>[\w./-]+\w(?:[\s,;`'\"]+(?:and\s+)?[\w./-]+\w)*)\W*", re.IGNORECASE)
_LONGEST = 500
"""Characters of a line that is looked at for a prediction, a removal or a wish."""

_UP = frozenset({"up", "higher", "increase", "increases", "rise", "rises"})
_NAMED = re.compile(r"^- `([^`\n]+)`: -?\d+\.\d+, ", re.MULTILINE)
"""A problem with its curve in the digest."""


def problems_of(prompt: Prompt) -> frozenset[str]:
    """The problems a prediction may name: those of the digest."""
    text = next((section.text for section in prompt.sections if section.name == "curves"), "")
    return frozenset(_NAMED.findall(text))


def wanted(answer: str) -> tuple[str, ...]:
    """The files an answer asks to see instead of giving an edit; none when it gives one, or asks for nothing."""
    told = list(_told(spoken(answer).answer))
    if not all(prose for _, prose in told):
        return ()
    asked = [found["paths"] for line, _ in told if (found := _says(_SHOW, line))]
    return tuple(_PREFIX.sub("", path) for paths in asked for path in re.findall(r"[\w./-]+\.\w+", paths))


def edit_of(answer: str, files: Mapping[str, str], problems: frozenset[str]) -> MetaEdit:
    """The edit in an answer, with what it should do.

    Raises EditError: NO_EDIT (no edit, or one that changes nothing), EDIT_NOT_APPLIED, OUTSIDE_REGION (a file of the
    host), TRUNCATED, SYNTAX (a file that is not what its name says), OUTPUT (no prediction that could be read).
    """
    body, removed = _read(spoken(answer).answer, files)
    lines = [line for line, prose in _told(spoken(answer).answer) if prose]
    changed, idea = _changed(body, files, bool(removed))
    changed = {**changed, **dict.fromkeys(removed)}
    if not changed:
        raise EditError(Status.NO_EDIT, "the edit changes nothing: the scaffold is the same as before")
    if fault := fault_of(files, changed):
        raise fault
    said = [line for line in lines if not (_says(_SAID, line) or _says(_REMOVE, line))]
    return MetaEdit(changed, (idea or idea_of(said))[:IDEA_LIMIT], prediction_of(lines, problems))


def prediction_of(lines: list[str], problems: frozenset[str]) -> Prediction:
    """The last readable prediction of some lines. Raises EditError(OUTPUT) when there is none or it names no metric."""
    said = [line for line in lines if _says(_SAID, line)]
    if not said:
        raise _unclear("there is no line `Predict: <metric> <up or down>`")
    found = _PREDICT.fullmatch(said[-1])
    metric = re.sub(r"[\W_]+", "_", found["metric"].strip().lower()) if found else ""
    if found is None or metric not in METRICS:
        raise _unclear(f"{said[-1].strip()[:200]!r} is no prediction; say one of {', '.join(METRICS)}, and up or down")
    named = _names(found["on"] or "", problems)
    return Prediction(metric, "up" if found["way"].lower() in _UP else "down", named)


def _names(text: str, problems: frozenset[str]) -> tuple[str, ...]:
    written = [word.strip(" `'\".*") for word in re.split(r",|;|\band\b", text)]
    written = [word for word in written if word and word.lower() not in ("all", "all problems", "all of them")]
    if unknown := [word for word in written if word not in problems]:
        known = ", ".join(sorted(problems)) or "none"
        raise _unclear(f"the prediction names {', '.join(unknown)[:200]}; the problems are {known}")
    return tuple(dict.fromkeys(written))


def _unclear(message: str) -> EditError:
    return EditError(Status.OUTPUT, message)


def _changed(body: str, files: Mapping[str, str], more: bool) -> tuple[dict[str, str | None], str]:
    """Files with new text, and the idea; nothing when there is no edit but `more` that is asked for."""
    base = {path: text.replace(_MARKERS, _HIDDEN) for path, text in files.items()}
    try:
        edited = edit_from(body.replace(_MARKERS, _HIDDEN), base, _as_task(base), "diff")
    except EditError as error:
        if error.status not in (Status.NO_EDIT, Status.EMPTY):
            raise
        if more:
            return {}, ""
        if _CLOSED.search(body) and not _OPENED.search(body):
            raise EditError(Status.EDIT_NOT_APPLIED, str(error)) from None
        raise
    new = {path: text.replace(_HIDDEN, _MARKERS) for path, text in edited.files.items()}
    return {path: text for path, text in new.items() if files.get(path) != text}, edited.idea


def _as_task(files: Mapping[str, str]) -> TaskView:
    """The scaffold as something to edit: every file may change, and any may be added."""
    paths = tuple(sorted(files))
    return TaskView("scaffold", "", "python", paths[0], paths, files, editable_globs=("**",))


def _read(answer: str, files: Mapping[str, str]) -> tuple[str, list[str]]:
    """The answer with paths as the scaffold has them and without the lines that are ours, and the files to remove."""
    kept: list[str] = []
    removed: list[str] = []
    for line, prose in _told(answer):
        remove = _says(_REMOVE, line) if prose else None
        if remove:
            removed.append(_known(remove["path"], files))
        elif not (prose and _says(_SAID, line)):
            kept.append(_PREFIX.sub(r"\1", line) if prose else line)
    return "\n".join(kept), removed


def _known(written: str, files: Mapping[str, str]) -> str:
    path = _PREFIX.sub("", written)
    if path not in files:
        raise EditError(Status.EDIT_NOT_APPLIED, f"`Remove: {written}` names no file of the scaffold")
    return path


def _says(pattern: re.Pattern[str], line: str) -> re.Match[str] | None:
    """A line as a whole against a pattern; one that is too long is none of ours."""
    return pattern.fullmatch(line) if len(line) <= _LONGEST else None


def _told(answer: str) -> Iterator[tuple[str, bool]]:
    """The lines of an answer, and whether each is prose: outside blocks and fences."""
    block, fence = False, ""
    for line in answer.splitlines():
        mark = _FENCE.fullmatch(line)
        if not block and mark and (not fence or (mark[1].startswith(fence) and not mark[2].strip())):
            fence = "" if fence else mark[1]
            yield line, False
        elif _OPENS.match(line) or block:
            block = not _CLOSES.match(line)
            yield line, False
        else:
            yield line, not fence
