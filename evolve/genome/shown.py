"""What a scaffold behind walls is shown: copies of views, capped at what a line can carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from evolve.scaffold.base import EliteView, FailureView, SearchView

MOST_SHOWN = 3_000_000
"""Characters of the program texts of a view, as JSON; what goes beyond is left out, the best candidates last."""
MOST_FEEDBACK = 16_384
"""Characters of one candidate's feedback in a view; the sandbox's own limit is a quarter of it."""


def capped(view: SearchView) -> SearchView:
    """A view whose texts a line can carry. One that is short enough, as nearly all are, stays as it is."""
    if _weight(view) <= MOST_SHOWN and not any(len(each.feedback) > MOST_FEEDBACK for each in all_of(view)):
        return view
    room = _Room(MOST_SHOWN)
    best = None if view.best is None else room.elites([view.best])
    pinned = room.elites([view.pinned[number] for number in sorted(view.pinned)])
    elites = room.elites(view.elites)
    return replace(
        view,
        best=best[0] if best else None,
        pinned={elite.number: elite for elite in pinned},
        elites=elites,
        failures=tuple(room.failures(view.failures)),
        others=room.elites(view.others),
    )


class _Room:
    def __init__(self, left: int) -> None:
        self._left = left

    def elites(self, elites: Iterable[EliteView]) -> tuple[EliteView, ...]:
        return tuple(
            replace(elite, feedback=elite.feedback[:MOST_FEEDBACK]) for elite in elites if self._takes(elite.files)
        )

    def failures(self, failures: Iterable[FailureView]) -> Iterator[FailureView]:
        for failure in failures:
            if self._takes(failure.files):
                yield replace(failure, feedback=failure.feedback[:MOST_FEEDBACK])

    def _takes(self, files: Mapping[str, str]) -> bool:
        weight = _texts(files)
        if weight > self._left:
            return False
        self._left -= weight
        return True


def all_of(view: SearchView) -> Iterator[EliteView | FailureView]:
    """Every candidate whose program a view holds, some more than once."""
    yield from view.elites
    yield from view.others
    yield from view.failures
    yield from view.pinned.values()
    if view.best is not None:
        yield view.best


def _weight(view: SearchView) -> int:
    return sum(_texts(each.files) for each in all_of(view))


def _texts(files: Mapping[str, str]) -> int:
    """Characters of texts as JSON: a newline takes two, what is not ASCII six."""
    return sum(len(text) + text.count("\n") if text.isascii() else 6 * len(text) for text in files.values())
