"""What a scaffold gets to see of a search: elites as plain records, made once and kept until they change."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from evolve.archive.islands import Islands
from evolve.domain import Estimate, Origin, Program, Status
from evolve.scaffold.base import EliteView, FailureView

VIEW_TOP = 12
"""The best elites of an island that are always part of a view; the rest is a uniform sample."""
VIEW_OTHERS = 4
"""Elites of every other island in a view."""
VIEW_FAILURES = 6
"""The latest failures of an island that are part of a view."""
INSTRUCTIVE = frozenset({Status.SYNTAX, Status.CRASH, Status.TIMEOUT, Status.MEMORY, Status.OUTPUT, Status.WRONG})
"""Failures of programs that ran: there is something to learn from them, and to repair."""


@dataclass(frozen=True, slots=True)
class Text:
    """What a view shows of a candidate beyond its numbers."""

    program: Program
    feedback: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    artifacts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Scored:
    """What is kept of every valid candidate for as long as the search lives."""

    score: float
    stderr: float | None
    n: int
    island: int
    operator: str
    idea: str


@dataclass(frozen=True, slots=True)
class _Failed:
    """A recent failure; its text is kept as long as it is one."""

    number: int
    status: Status
    origin: Origin


class Views:
    """Scores of all valid candidates, texts of those that may still be shown, and views made of both.

    Args:
        islands: The archive whose elites are shown.
        limit: Elites of one island in a view.
    """

    def __init__(self, islands: Islands, limit: int) -> None:
        self._islands = islands
        self._limit = limit
        self._scored: dict[int, _Scored] = {}
        self._children: dict[int, int] = {}
        self._texts: dict[int, Text] = {}
        self._made: dict[tuple[int, int], EliteView] = {}
        self._failed: dict[int, deque[_Failed]] = {}

    def score(self, number: int) -> float | None:
        """The sign-turned score of a valid candidate, else None."""
        scored = self._scored.get(number)
        return None if scored is None else scored.score

    def estimate(self, number: int) -> Estimate | None:
        """The sign-turned score of a valid candidate with its error, else None."""
        scored = self._scored.get(number)
        return None if scored is None else Estimate(scored.score, scored.stderr, scored.n)

    def text(self, number: int) -> Text | None:
        """Program and feedback, if they are still kept."""
        return self._texts.get(number)

    def note(
        self, number: int, origin: Origin, status: Status, score: float | None, objective: Estimate | None
    ) -> None:
        """A candidate was told: remember its score or its failure, and one more child of its parents."""
        if score is not None and objective is not None:
            self._scored[number] = _Scored(
                score, objective.stderr, objective.n, origin.island, origin.operator, origin.idea
            )
        elif status in INSTRUCTIVE:
            recent = self._failed.setdefault(origin.island, deque(maxlen=VIEW_FAILURES))
            if len(recent) == VIEW_FAILURES:
                self._texts.pop(recent[0].number, None)
            recent.append(_Failed(number, status, origin))
        for parent in origin.parents:
            self._children[parent] = self._children.get(parent, 0) + 1
            self._discard(parent)

    def rescore(self, number: int, score: float, stderr: float | None, n: int) -> None:
        """More looks gave a valid candidate another score."""
        self._scored[number] = replace(self._scored[number], score=score, stderr=stderr, n=n)
        self._discard(number)

    def dismiss(self, number: int) -> None:
        """A candidate counts as never scored from now on."""
        self._scored.pop(number, None)
        self.forget(number)

    def keep(self, texts: Mapping[int, Text]) -> None:
        """Keep the texts of these candidates."""
        self._texts.update(texts)

    def forget(self, number: int) -> None:
        """Drop the text of a candidate that is no longer wanted."""
        self._texts.pop(number, None)
        self._discard(number)

    def failed(self) -> set[int]:
        """Recent failures, whose texts are wanted."""
        return {failure.number for recent in self._failed.values() for failure in recent}

    def failures(self, island: int) -> tuple[FailureView, ...]:
        """The latest failures of an island, newest first."""
        recent = reversed(self._failed.get(island, ()))
        return tuple(self._failure(failure) for failure in recent if failure.number in self._texts)

    @property
    def kept(self) -> int:
        """How many texts are kept."""
        return len(self._texts)

    def retain(self, wanted: Collection[int]) -> None:
        """Drop all texts but the wanted ones."""
        self._texts = {number: text for number, text in self._texts.items() if number in wanted}
        self._made.clear()

    def cells_changed(self) -> None:
        """The archive moved its elites: bounds froze, they migrated, or an island began anew."""
        self._made.clear()

    def of_island(self, island: int, rng: random.Random) -> tuple[EliteView, ...]:
        """All elites of an island, or its best and a uniform sample of the rest; best first."""
        shown = dict.fromkeys(self._islands.top(island, min(VIEW_TOP, self._limit)))
        for number in self._islands.sample(island, self._limit, rng):
            if len(shown) >= self._limit:
                break
            shown[number] = None
        return self._sorted(shown, island)

    def of_others(self, island: int, shown: Iterable[EliteView]) -> tuple[EliteView, ...]:
        """The best elites of the other islands that are not among the shown ones; best first."""
        known = {view.number for view in shown}
        tops = (self._islands.top(other, VIEW_OTHERS) for other in range(self._islands.count) if other != island)
        return self._sorted({number: None for top in tops for number in top if number not in known}, None)

    def of_pinned(self, numbers: Collection[int]) -> dict[int, EliteView]:
        """The candidates a scaffold asked to keep in view."""
        return {number: self.of(number) for number in sorted(numbers) if number in self._texts}

    def of(self, number: int, island: int | None = None) -> EliteView:
        """One valid candidate whose text is kept, as an elite of `island` (its own when left out)."""
        home = self._scored[number].island if island is None else island
        view = self._made.get((number, home))
        if view is None:
            view = self._made[number, home] = self._make(number, home)
        return view

    def _sorted(self, numbers: Iterable[int], island: int | None) -> tuple[EliteView, ...]:
        views = [self.of(number, island) for number in numbers]
        return tuple(sorted(views, key=lambda view: (-view.score, view.number)))

    def _make(self, number: int, home: int) -> EliteView:
        scored, text = self._scored[number], self._texts[number]
        return EliteView(
            number=number,
            files=text.program.as_dict(),
            score=scored.score,
            stderr=scored.stderr,
            island=home,
            cell=self._cell(home, number),
            children=self._children.get(number, 0),
            operator=scored.operator,
            feedback=text.feedback,
            n=scored.n,
            metrics=text.metrics,
            artifacts=text.artifacts,
            idea=scored.idea,
        )

    def _failure(self, failure: _Failed) -> FailureView:
        text, origin = self._texts[failure.number], failure.origin
        return FailureView(
            failure.number,
            text.program.as_dict(),
            failure.status,
            text.feedback,
            origin.parents,
            origin.operator,
            origin.idea,
        )

    def _cell(self, island: int, number: int) -> int | None:
        """Where a candidate is an elite of an island; the pinned ones and the best need not be one."""
        try:
            return self._islands.cell(island, number)
        except KeyError:
            return None

    def _discard(self, number: int) -> None:
        if not self._made:
            return
        for island in range(self._islands.count):
            self._made.pop((number, island), None)
