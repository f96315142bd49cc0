"""Lessons of earlier candidates: kept, merged, forgotten, and recalled by how relevant *and* how useful they were.

Recall takes the lessons most relevant to the prompt and ranks them by `WEIGHT` times utility plus the rest times
relevance, both standardised. Relevance alone mostly finds what *sounds* right: in the measurement behind this project
it found the useful lesson 16 % of the time, an even weight (as published) 38 %, 0.8 on utility 72 %; in the world of
decoys of tests/scaffold/test_memory.py it is 0, 65 and 90 %.

Utility is learnt from what the children earned whose prompts showed a lesson. Each lesson is corrected by what its
prompt earned beyond the sum of what is usual and of all utilities shown (Rescorla & Wagner 1972; least mean squares),
so that a lesson gets no credit for what another one beside it explains. Against what is usual alone, a lesson that
is always shown becomes the usual and loses its own credit: it was then found less than 10 % of the time in that world.

What to do and what not to do are kept and recalled apart, because failures are ten times as many.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from evolve.scaffold.base import OutcomeView
from evolve.scaffold.occasion import Lesson
from evolve.scaffold.words import Index, words

WEIGHT = 0.8
"""On utility; see above."""

CAPACITY = 128
"""Lessons of one kind; the least useful beyond that are forgotten, a quarter at a time."""

LEARNING = 0.1
"""The share of a surprise that a lesson shown alone takes up; of several each gets it over the root of their number."""

BACKGROUND = 0.1
"""How much slower what is usual is learnt: it is to explain what the lessons do not."""

NEAR = 32
"""Lessons of a kind that are considered for a prompt, the most relevant: what helps one place of a program may be of no
use at another. In a world of one topic with 24 decoys 16 were too few to hold the useful lesson."""

ALIKE = 0.8
"""Lessons with this share of words in common are one."""

HALF_LIFE = 500
"""Lessons told after which an unused utility, good or bad, has faded to half: programs move on."""

AGEING = 0.05
"""What a half-life of age costs when the least useful are forgotten: of two unproven lessons the older one goes."""

TRIALS = 4
"""A lesson shown less often than this is untried, and one place of a recall is for such."""

SOURCES = 16
"""Candidates remembered as the sources of a merged lesson; `count` has all."""


@dataclass(slots=True)
class Kept:
    """A lesson with what is known of it. `number` is its first source, `utility` 0 for what never mattered."""

    number: int
    text: str
    operator: str
    gain: float | None
    sources: list[int]
    count: int = 1
    utility: float = 0.0
    uses: int = 0
    touched: int = 0

    def faded(self, now: int) -> float:
        """The utility as it still counts."""
        return self.utility * math.exp2((self.touched - now) / HALF_LIFE)


class Shelf:
    """Lessons of one kind. `now` is the memory's clock: how many lessons it was told."""

    def __init__(self, weight: float, capacity: int) -> None:
        self.lessons: dict[int, Kept] = {}
        self._index = Index()
        self._weight = weight
        self._capacity = capacity

    def add(self, outcome: OutcomeView, gain: float | None, now: int) -> None:
        """Take up a lesson, as one more source of the lesson that says the same if there is one."""
        text = words(outcome.lesson)
        same = self._index.like(text, ALIKE)
        if same is not None:
            _merge(self.lessons[same], outcome.number, gain, now)
        elif text and outcome.number not in self.lessons:
            self.lessons[outcome.number] = Kept(
                outcome.number, outcome.lesson, outcome.operator, gain, [outcome.number], touched=now
            )
            self._index.add(outcome.number, text)
            if len(self.lessons) > 1.25 * self._capacity:
                self._forget(now)

    def ranked(self, query: tuple[str, ...], now: int) -> list[Kept]:
        """The lessons most relevant to a query, the best for a prompt about it first."""
        relevance = self._index.relevance(query)
        kept = sorted(self.lessons.values(), key=lambda one: (-relevance.get(one.number, 0.0), one.number))[:NEAR]
        useful = _standardised([lesson.faded(now) for lesson in kept])
        fitting = _standardised([relevance.get(lesson.number, 0.0) for lesson in kept])
        value = {
            lesson.number: self._weight * use + (1.0 - self._weight) * fit
            for lesson, use, fit in zip(kept, useful, fitting, strict=True)
        }
        return sorted(kept, key=lambda lesson: (-value[lesson.number], lesson.number))

    def _forget(self, now: int) -> None:
        """Keep the most useful, and of the unproven ones the youngest."""

        def worth(lesson: Kept) -> float:
            return lesson.faded(now) - AGEING * (now - lesson.touched) / HALF_LIFE

        best = sorted(self.lessons.values(), key=lambda lesson: (-worth(lesson), -lesson.number))
        for lesson in best[self._capacity :]:
            del self.lessons[lesson.number]
            self._index.remove(lesson.number)


class Memory:
    """What a run learnt in words. State is a function of what was told in which order; recall changes nothing."""

    def __init__(self, weight: float = WEIGHT, capacity: int = CAPACITY) -> None:
        """`weight` is that of utility against relevance, `capacity` bounds each of the two kinds."""
        self._helped = Shelf(weight, capacity)
        self._failed = Shelf(weight, capacity)
        self._usual = 0.0
        self._now = 0

    def note(self, outcome: OutcomeView) -> None:
        """Take up the lesson of an outcome, if it has one."""
        if not outcome.lesson:
            return
        self._now += 1
        score, parent = outcome.score, outcome.parent_score
        gain = None if score is None or parent is None else score - parent
        helped = outcome.new_best or (gain is not None and gain > 0.0)
        (self._helped if helped else self._failed).add(outcome, gain, self._now)

    def credit(self, shown: Iterable[int], earned: float) -> None:
        """Learn from a child that earned something in [0, 1], and whose prompt showed these lessons."""
        lessons = [lesson for number in shown for lesson in self._known(number)]
        if not lessons:
            return
        surprise = earned - self._usual - math.fsum(lesson.faded(self._now) for lesson in lessons)
        for lesson in lessons:
            lesson.utility = lesson.faded(self._now) + LEARNING * surprise / math.sqrt(len(lessons))
            lesson.uses += 1
            lesson.touched = self._now
        self._usual += BACKGROUND * LEARNING * surprise

    def recall(self, query: str, count: int) -> tuple[Lesson, ...]:
        """At most `count` lessons for a prompt about `query`: what helped, then what did not, each best first.

        Three of five places are for what helped; a kind that has too few leaves its places to the other.
        """
        asked = words(query)
        helped, failed = self._helped.ranked(asked, self._now), self._failed.ranked(asked, self._now)
        first = min(len(helped), max(-(-3 * count // 5), count - len(failed)))
        return (
            *(self._shown(lesson, True) for lesson in _with_untried(helped, first)),
            *(self._shown(lesson, False) for lesson in _with_untried(failed, count - first)),
        )

    def snapshot(self) -> list[Mapping[str, object]]:
        """All lessons, the most useful first, with their sources."""
        kept = [(lesson, helped) for shelf, helped in self._shelves() for lesson in shelf.lessons.values()]
        kept.sort(key=lambda pair: (-pair[0].faded(self._now), pair[0].number))
        return [{"helped": helped, **self._described(lesson)} for lesson, helped in kept]

    def _shelves(self) -> tuple[tuple[Shelf, bool], tuple[Shelf, bool]]:
        return (self._helped, True), (self._failed, False)

    def _described(self, lesson: Kept) -> dict[str, object]:
        return {
            "text": lesson.text,
            "utility": lesson.faded(self._now),
            "uses": lesson.uses,
            "gain": lesson.gain,
            "operator": lesson.operator,
            "count": lesson.count,
            "sources": list(lesson.sources),
        }

    def _known(self, number: int) -> Iterator[Kept]:
        return (shelf.lessons[number] for shelf, _ in self._shelves() if number in shelf.lessons)

    def _shown(self, kept: Kept, helped: bool) -> Lesson:
        return Lesson(kept.number, kept.text, kept.operator, kept.gain, helped, kept.faded(self._now))


def _merge(lesson: Kept, source: int, gain: float | None, now: int) -> None:
    """One more candidate that taught the same: the words stay, so that prompts do; the gain is the latest known."""
    lesson.count += 1
    lesson.sources = [*lesson.sources, source][-SOURCES:]
    lesson.gain = lesson.gain if gain is None else gain
    lesson.utility, lesson.touched = lesson.faded(now), now


def _with_untried(ranked: list[Kept], count: int) -> list[Kept]:
    """The first so many; the last place goes to the best untried lesson if none is among them.

    Otherwise a few lessons of proven use would keep all others from ever being tried.
    """
    chosen, rest = ranked[: max(count, 0)], ranked[max(count, 0) :]
    if len(chosen) > 1 and all(lesson.uses >= TRIALS for lesson in chosen):
        untried = next((lesson for lesson in rest if lesson.uses < TRIALS), None)
        chosen = chosen if untried is None else [*chosen[:-1], untried]
    return chosen


def _standardised(values: list[float]) -> list[float]:
    """Distances from the mean in standard deviations; all 0 when the values are equal."""
    if not values:
        return []
    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))
    return [(value - mean) / spread if spread > 0.0 else 0.0 for value in values]
