"""Holds a child program to what its problem lets it change, by splice and compare on exact text."""

from __future__ import annotations

from collections.abc import Sequence

from evolve.domain import Program, Status
from evolve.errors import EditError
from evolve.problem.folder import Problem
from evolve.problem.regions import END, START, MarkerError, has_markers, is_safe_path, matches, regions, splice


def check_edit(problem: Problem, child: Program, base: Program | None = None) -> None:
    """Accept `child` as a program of the problem, or raise EditError.

    Whatever its parents, it is held to the seed: outside the editable files and regions it must be the seed byte
    for byte, files may be added where an editable glob matches, and no file of the seed may be missing. Raises
    EditError with `NO_EDIT` when it equals `base` (the seed if None), with `OUTSIDE_REGION` when it reaches
    too far, and with `SYNTAX` when a text cannot be written as UTF-8.
    """
    seed = problem.seed
    if child.files == (base or seed).files:
        raise EditError(Status.NO_EDIT, "the program is the same as the one it was made from; change something")
    before, after = seed.as_dict(), child.as_dict()
    removed = sorted(before.keys() - after.keys())
    if removed:
        raise _outside(f"the file {removed[0]} is gone; files may not be removed")
    for path, text in after.items():
        if path not in before:
            _check_added(problem.editable_globs, path, text)
        elif text != before[path]:
            _check_changed(problem.editable_globs, path, before[path], text)
        if not text.isascii():
            _check_encodable(path, text)


def _check_encodable(path: str, text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        message = f"{path} holds {text[error.start]!r}, which is no Unicode character; remove it"
        raise EditError(Status.SYNTAX, message) from None


def _check_added(editable: Sequence[str], path: str, text: str) -> None:
    if not is_safe_path(path):
        raise _outside(f"the new file {path!r} is not a plain relative path")
    if not matches(editable, path):
        raise _outside(f"the new file {path} may not be added; editable: {', '.join(editable)}")
    if has_markers(text):
        raise _outside(f"the new file {path} contains {START} or {END}; leave markers out")


def _check_changed(editable: Sequence[str], path: str, before: str, after: str) -> None:
    if not matches(editable, path):
        raise _outside(f"the file {path} may not change; editable: {', '.join(editable)}")
    if not has_markers(before):
        if has_markers(after):
            raise _outside(f"{path}: {START} or {END} was added; leave markers out")
        return
    try:
        old, new = regions(before), regions(after)
    except MarkerError as error:
        raise _outside(f"{path}: the markers were damaged: {error}") from None
    if len(old) != len(new):
        raise _outside(
            f"{path} had {len(old)} marked blocks and now has {len(new)}; leave the marker lines as they are"
        )
    rebuilt = before
    for old_region, new_region in zip(reversed(old), reversed(new), strict=True):
        rebuilt = splice(rebuilt, old_region, after[new_region.start : new_region.end])
    if rebuilt != after:
        line = _first_difference(rebuilt, after)
        raise _outside(f"{path} changed outside its {START}/{END} blocks, near line {line}; edit only between them")


def _first_difference(left: str, right: str) -> int:
    pairs = zip(left.split("\n"), right.split("\n"), strict=False)
    return next((number for number, (a, b) in enumerate(pairs, start=1) if a != b), right.count("\n") + 1)


def _outside(message: str) -> EditError:
    return EditError(Status.OUTSIDE_REGION, message)
