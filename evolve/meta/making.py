"""Making a child of a scaffold: the host applies the edit, judges it before anything runs, and keeps the result."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from evolve.domain import Status
from evolve.genome.genome import Genome
from evolve.meta.bench import Edited
from evolve.meta.entries import Bill, EditMade, LifeTested
from evolve.sandbox.request import storable
from evolve.scaffold.base import METRICS, MetaEdit, Prediction

Static = Callable[[Genome, Genome | None], Sequence[str]]
"""What is wrong with a scaffold by its text alone, in sentences; the second one is its parent."""

RandomEdit = Callable[[Genome, random.Random], MetaEdit]
"""An edit that looks at nothing but the text."""

IDEA = 500
REASON = 1000
"""Most characters of what an editor says it tried, and of why an edit is refused."""

_DIRECTIONS = ("up", "down")


def changed(parent: Genome, edit: MetaEdit) -> Genome:
    """The scaffold after an edit."""
    files = {**parent.files, **edit.files}
    return Genome.of({path: text for path, text in files.items() if text is not None})


def bill_of(made: Edited) -> Bill:
    """What an edit took."""
    return Bill(made.calls, made.tokens, made.cost)


def judged(
    number: int,
    parent: int,
    genome: Genome,
    made: Edited,
    *,
    known: Iterable[str],
    problems: Sequence[str],
    static: Static,
) -> tuple[EditMade, Genome | None]:
    """What came of an edit of `genome`, and the child where there is one that may be tried.

    `known` are the digests of scaffolds there were before, `problems` the names a prediction may speak of.
    """
    refused = EditMade(number, parent, "", "", made.model, None, made.status, _told(made.reason), bill_of(made))
    if made.edit is None:
        status = Status.NO_EDIT if made.status is Status.VALID else made.status
        return replace(refused, status=status), None
    refused = replace(refused, idea=_told(made.edit.idea, IDEA))
    if said := _vague(made.edit.prediction, problems):
        return replace(refused, status=Status.NO_EDIT, reason=_told(said)), None
    refused = replace(refused, prediction=made.edit.prediction)
    child = changed(genome, made.edit)
    fate, reason = fault(child, genome, known, static)
    if fate is not Status.VALID:
        return replace(refused, status=fate, reason=_told(reason)), None
    return replace(refused, digest=child.digest, status=fate, reason=""), child


def fault(
    child: Genome,
    parent: Genome,
    known: Iterable[str],
    static: Static,
) -> tuple[Status, str]:
    """Why a child is not tried at all; `valid` when it is."""
    if child.digest == parent.digest:
        return Status.NO_EDIT, "the edit changes nothing"
    if child.digest in known:
        return Status.DUPLICATE, "the campaign has had the same scaffold before"
    found = _found(static, child, parent)
    return (Status.WRONG, "; ".join(found)) if found else (Status.VALID, "")


def tested(number: int, child: Genome, made: Edited, static: Static) -> LifeTested:
    """Whether a child could edit itself: a valid edit that changes something and gives a scaffold that may be tried."""
    bill = bill_of(made)
    if made.edit is None:
        status = Status.NO_EDIT if made.status is Status.VALID else made.status
        return LifeTested(number, status, _told(f"it could not edit itself: {made.reason}"), bill)
    grandchild = changed(child, made.edit)
    if grandchild.digest == child.digest:
        return LifeTested(number, Status.NO_EDIT, "it could not edit itself: the edit changes nothing", bill)
    if found := _found(static, grandchild, child):
        reason = f"it could not edit itself: {'; '.join(found)}"
        return LifeTested(number, Status.WRONG, _told(reason), bill)
    return LifeTested(number, Status.VALID, "", bill)


def _found(static: Static, child: Genome, parent: Genome) -> Sequence[str]:
    """What is wrong with a child by its text. A text that the check itself fails at is refused.

    A campaign would else end there, and at the same text again whenever it is resumed.
    """
    try:
        return static(child, parent)
    except Exception as error:
        return [f"its files cannot be checked: {type(error).__name__}: {error}"]


def _told(text: str, most: int = REASON) -> str:
    """Text of an editor or of a check as the log keeps it."""
    return storable(text[:most])


def _vague(prediction: Prediction, problems: Sequence[str]) -> str:
    """Why a prediction could never turn out wrong; "" when it could."""
    if prediction.metric not in METRICS:
        return f"its prediction is about {prediction.metric!r}, which is none of {', '.join(METRICS)}"
    if prediction.direction not in _DIRECTIONS:
        return f"its prediction says {prediction.direction!r}; it must say up or down"
    if unknown := [name for name in prediction.problems if name not in problems]:
        return f"its prediction is about problem {unknown[0]!r}, which the digest does not name"
    return ""
