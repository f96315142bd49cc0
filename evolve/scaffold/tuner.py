"""Tunes the number literals of good programs: probes which of them matter, then runs an evolution strategy on those.

One *session* per program. Every proposal carries its place in the session in its tag, so that the state is
rebuilt from outcomes alone; a generation is a pure function of the outcomes of the ones before it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from evolve.scaffold.base import EliteView, OutcomeView
from evolve.scaffold.evolution import Evolution, population, preload
from evolve.scaffold.literals import Literal, literals, rewrite

__all__ = ["OPERATOR_NAME", "Point", "Session", "Tuner", "preload"]

OPERATOR_NAME = "tune"
MOST_LITERALS = 96
"""Programs with more literals than this are not tuned: probing them alone would cost hundreds of evaluations."""

_PATIENCE = 8
"""Generations without a better program after which a session ends."""

_MOST_EMPTY = 25
"""Generations in a row without a new text after which a strategy (over whole numbers, say) has converged."""

_CONVERGED = 1e-9
"""Step size, relative to a probe's, below which a strategy has converged."""

_MOST_PINNED = 16
"""Sessions whose programs are kept in view; the newest count."""

_FIRST_PATIENCE = 3
"""The same for a session that found nothing better yet; 11 of 24 sessions looked at in bin packing never did."""

_LEVELS = (0.1, 0.5, 0.01, 0.001)
"""Relative probe steps: the first for all; the second when nothing changed; the others when everything failed."""


@dataclass(frozen=True, slots=True)
class Point:
    """A proposal of a session: its tag and the program text it stands for."""

    tag: str
    text: str


@dataclass(slots=True)
class Session:
    """What was observed of the tuning of one program: outcomes by key, and how long ago the last better one was."""

    base: int
    skeleton: str
    size: int
    base_score: float
    results: dict[str, float | None] = field(default_factory=dict)
    best: float = -math.inf
    stale: int = 0

    def take(self, key: str, score: float | None) -> None:
        """Note one outcome; None is a failure."""
        self.results[key] = score
        if score is not None and score > self.best:
            self.best, self.stale = score, 0
        elif key.startswith("g"):
            self.stale += 1

    @property
    def alive(self) -> bool:
        """Whether the strategy found something better not long ago."""
        patience = _PATIENCE if self.best > self.base_score else _FIRST_PATIENCE
        return self.stale <= patience * population(self.size)


class Tuner:
    """The sessions of a run; told outcomes, asked for the next point of one."""

    def __init__(self) -> None:
        self.sessions: dict[int, Session] = {}
        self.skeletons: dict[str, float] = {}
        self._scores: set[float] = set()
        self._alive: dict[int, Session] = {}
        self._ended: set[int] = set()
        self._runs: dict[int, _Run] = {}

    def observe(self, outcome: OutcomeView) -> None:
        """Learn from the outcome of a tuning proposal."""
        _name, base, size, skeleton, key = outcome.tag.split(":")
        number = int(base)
        session = self.sessions.get(number)
        if session is None:
            start = -math.inf if outcome.parent_score is None else outcome.parent_score
            session = self.sessions[number] = Session(number, skeleton, int(size), start, best=start)
            self._scores.add(start)
        session.take(key, outcome.score)
        self._scores.add(session.best)
        if not session.alive:
            self._end(number)
        elif number not in self._ended:
            self._alive[number] = session
            if len(self._alive) > _MOST_PINNED:
                self._end(next(iter(self._alive)))
        self.skeletons[skeleton] = max(session.best, self.skeletons.get(skeleton, -math.inf))

    def _end(self, number: int) -> None:
        """End a session for good: a program that is no longer pinned may be gone, so it can never be pinned again."""
        self._ended.add(number)
        self._alive.pop(number, None)
        self._runs.pop(number, None)

    def active(self) -> list[Session]:
        """Sessions that still improve, the newest 16 at most, best first."""
        return sorted(self._alive.values(), key=lambda session: -session.best)

    def worth(self, elite: EliteView, text: str, python: bool) -> bool:
        """Whether a session on this program could teach something new."""
        if elite.number in self.sessions or not 1 <= len(literals(text, python)) <= MOST_LITERALS:
            return False
        # A neutral variant of a program that was tuned has the same score to the last bit, and the same optimum.
        if elite.score in self._scores:
            return False
        return elite.score > self.skeletons.get(skeleton_of(text, python), -math.inf)

    def next_point(self, elite: EliteView, text: str, python: bool, under_way: frozenset[str]) -> Point | bool:
        """The next unproposed point of the session on `elite`; else whether it waits for outcomes of others."""
        run = self._runs.get(elite.number)
        numbers = literals(text, python)
        if (run is not None and run.done) or not 1 <= len(numbers) <= MOST_LITERALS:
            return False
        session = self.sessions.get(elite.number)
        skeleton = skeleton_of(text, python)
        if session is None:
            session = Session(elite.number, skeleton, len(numbers), elite.score, best=elite.score)
        prefix = f"{OPERATOR_NAME}:{elite.number}:{len(numbers)}:{skeleton}:"
        waiting = frozenset(tag.removeprefix(prefix) for tag in under_way if tag.startswith(prefix))
        for key, changed in self._open(session, text, numbers, waiting):
            if key not in waiting and changed != text:
                return Point(prefix + key, changed)
        return bool(waiting)

    def _open(
        self, session: Session, text: str, numbers: tuple[Literal, ...], waiting: frozenset[str]
    ) -> Iterator[tuple[str, str]]:
        """Points whose outcome is not known yet: probes first, then the present generation."""
        probing = False
        for key, changes in _probes(session, numbers):
            probing = True
            yield key, rewrite(text, changes)
        if probing or any(key.startswith("p") for key in waiting):
            return
        # Sessions of this process only: rebuilt from the results when it is a new one.
        if session.base not in self._runs:
            self._runs[session.base] = _Run(session, text, numbers)
        yield from self._runs[session.base].open(session.results)


@lru_cache(maxsize=1024)
def skeleton_of(text: str, python: bool) -> str:
    """A short digest of the text without its numbers: programs that differ in constants only share it."""
    blank = rewrite(text, dict.fromkeys(literals(text, python), "#"))
    return hashlib.blake2b(blank.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()


def _shifted(literal: Literal, step: float, sign: int) -> str:
    """A literal moved by a relative step. Whole numbers are tried as a fraction upwards and as a whole downwards."""
    size = abs(literal.value) or 1.0
    if literal.whole or (literal.integer and sign < 0):
        return literal.write(literal.value + sign * max(1.0, round(step * size)))
    return literal.write(literal.value + sign * step * size, digits=6, integer=False)


def _probes(session: Session, numbers: tuple[Literal, ...]) -> Iterator[tuple[str, dict[Literal, str]]]:
    """Probes not answered yet; the wider and finer ones only where the first ones say so."""
    for index, literal in enumerate(numbers):
        for level in _levels(session, index, literal):
            for sign, mark in ((1, "+"), (-1, "-")):
                key = f"p{level}.{index}{mark}"
                if key not in session.results:
                    yield key, {literal: _shifted(literal, _LEVELS[level], sign)}


def _levels(session: Session, index: int, literal: Literal) -> list[int]:
    """The probe levels a literal is due, given the answers so far."""
    first = _answers(session.results, 0, index)
    levels = [0]
    if first is None:
        return levels
    if all(score is None for score in first):
        if not literal.integer:
            levels.append(2)
            second = _answers(session.results, 2, index)
            if second is not None and all(score is None for score in second):
                levels.append(3)
    elif not _moves(first, session.base_score):
        levels.append(1)
    return levels


def _answers(results: Mapping[str, float | None], level: int, index: int) -> tuple[float | None, float | None] | None:
    up, down = f"p{level}.{index}+", f"p{level}.{index}-"
    return (results[up], results[down]) if up in results and down in results else None


def _moves(answers: tuple[float | None, float | None], base_score: float) -> bool:
    return any(score is not None and score != base_score for score in answers)


@dataclass(frozen=True, slots=True)
class _Axis:
    """A live literal: how far one unit of the strategy moves it, and whether it must stay whole."""

    literal: Literal
    step: float
    whole: bool

    def write(self, units: float, sigma: float) -> str:
        """The literal at a distance from its start, with two digits more than the step size can tell apart."""
        value = self.literal.value + units * self.step
        if self.whole:
            return self.literal.write(value)
        resolution = max(abs(value), 1e-300) / max(sigma * self.step, 1e-300)
        digits = min(15, max(3, math.ceil(math.log10(resolution)) + 2))
        return self.literal.write(value, digits=digits, integer=False)


def _axes(session: Session, numbers: tuple[Literal, ...]) -> tuple[_Axis, ...]:
    """The live literals and their steps: shorter where a probe changed the score much, longer where little."""
    found: list[tuple[Literal, float, bool, float]] = []
    for index, literal in enumerate(numbers):
        for level in _levels(session, index, literal):
            answers = _answers(session.results, level, index)
            if answers is None or not _moves(answers, session.base_score):
                continue
            effect = max(abs(score - session.base_score) for score in answers if score is not None)
            size = (abs(literal.value) or 1.0) * _LEVELS[level]
            whole = literal.whole or (literal.integer and answers[0] is None)
            found.append((literal, max(1.0, size) if whole else size, whole, effect))
    effects = sorted(effect for *_, effect in found if effect > 0)
    middle = effects[len(effects) // 2] if effects else 1.0
    return tuple(
        _Axis(literal, step if whole else step * min(4.0, max(0.25, math.sqrt(middle / effect))), whole)
        for literal, step, whole, effect in found
    )


class _Run:
    """A session's strategy brought up to the outcomes known, generation by generation."""

    def __init__(self, session: Session, text: str, numbers: tuple[Literal, ...]) -> None:
        self._text = text
        self._axes = _axes(session, numbers)
        self._known: dict[str, float | None] = {text: session.base_score}
        self._evolution: Evolution | None = None
        self._seed = session.base
        self.done = not self._axes
        self._fresh = False
        self._empty = 0

    def open(self, results: Mapping[str, float | None]) -> Iterator[tuple[str, str]]:
        """Points of the present generation without an outcome, each text once."""
        if self.done:
            return
        if self._evolution is None:
            sigma = min(1.0, 2.0 / math.sqrt(len(self._axes)))
            self._evolution = Evolution(len(self._axes), sigma, self._seed)
            self._texts = self._write(self._evolution)
        while not (waiting := self._waiting(self._evolution, results)):
            self._evolution.tell([self._known[text] for text in self._texts])
            self._texts = self._write(self._evolution)
            # Counted by what the generation brought, not by when one looks: a resumed run must agree.
            self._empty = 0 if self._fresh else self._empty + 1
            self._fresh = False
            if self._empty > _MOST_EMPTY or self._evolution.sigma < _CONVERGED:
                self.done = True
                return
        yield from waiting

    def _waiting(self, evolution: Evolution, results: Mapping[str, float | None]) -> list[tuple[str, str]]:
        """Keys and texts of this generation that are still unknown; outcomes that came in become known."""
        waiting: dict[str, str] = {}
        for index, text in enumerate(self._texts):
            key = f"g{evolution.generation}.{index}"
            if text in self._known:
                continue
            self._fresh = True
            if key in results:
                self._known[text] = results[key]
            else:
                waiting.setdefault(text, key)
        return [(key, text) for text, key in waiting.items()]

    def _write(self, evolution: Evolution) -> list[str]:
        sigma = evolution.sigma
        texts = []
        for point in evolution.points:
            written = {axis.literal: axis.write(units, sigma) for axis, units in zip(self._axes, point, strict=True)}
            texts.append(rewrite(self._text, written))
        return texts
