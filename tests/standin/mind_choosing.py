"""Choosing among edits: what the prompt showed is weighed against each; where it says nothing, chance decides."""

from __future__ import annotations

import ast
import math
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from . import mind_editing as editing
from . import mind_notes as notes
from .mind_editing import Edit
from .mind_reading import Reading, Shown
from .mind_source import Constant, Source
from .mind_writing import region

Key = tuple[str, str, int]


@dataclass(frozen=True)
class Example:
    """A scored program of the same file: its constants by place, and how much better than the parent it is.

    `gap` is in units of the widest gap shown (so -1 to 1), shrunk where the standard errors are as large.
    """

    source: Source
    values: dict[Key, Constant]
    gap: float


@dataclass(frozen=True)
class Knowledge:
    """What was noticed: scored examples, hints, attempts, a plan to follow, and programs that exist already."""

    examples: tuple[Example, ...] = ()
    donors: tuple[tuple[Source, float], ...] = ()
    hints: tuple[notes.Hint, ...] = ()
    tried: tuple[notes.Tried, ...] = ()
    focus: frozenset[str] = frozenset()
    plan: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    intent: str = ""


@lru_cache(1024)
def shape(text: str) -> str:
    """What may change of a program, without comments and layout, to tell whether two are the same."""
    kept = region(text)
    try:
        return ast.dump(ast.parse(kept))
    except (SyntaxError, ValueError):
        return kept


def gather(reading: Reading, path: str, source: Source, attention: float, rng: random.Random) -> Knowledge:
    """What a mind notices of a prompt: each piece of information with probability `attention`."""

    def noticed(pieces: Iterable[object]) -> list[object]:
        return [piece for piece in pieces if rng.random() < attention]

    parent = reading.parent
    assert parent is not None
    shown = [(other, text) for other in reading.others for name, text in other.files if name == path]
    parsed = [(other, found) for other, text in shown if (found := parse(text)) is not None]
    way = reading.better or rng.choice((-1, 1))
    gaps = _gaps(parent, [other for other, _ in parsed if not other.failed], way)
    examples = [
        Example(found, {constant.key: constant for constant in found.constants}, gaps[id(other)])
        for other, found in parsed
        if id(other) in gaps
    ]
    told = [piece for heading, text in reading.tried for piece in notes.attempts(heading, text, source.words)]
    told += _ideas(reading, source, gaps)
    about = parent.about
    hints = notes.hints(about, source.words)
    return Knowledge(
        examples=tuple(noticed(examples)),  # type: ignore[arg-type]
        donors=tuple((found, gaps.get(id(other), 0.0)) for other, found in parsed if not other.failed),
        hints=tuple(noticed(hints)),  # type: ignore[arg-type]
        tried=tuple(noticed(told)),  # type: ignore[arg-type]
        focus=frozenset().union(*(hint.words for hint in hints), _at_fault(parent, source)),
        plan=notes.words(notes.idea(reading.plan) or reading.plan, source.words),
        known=frozenset(noticed([shape(text) for _, text in shown])) | {shape(source.text)},  # type: ignore[arg-type]
        intent=reading.intent,
    )


def _at_fault(parent: Shown, source: Source) -> frozenset[str]:
    """The identifiers of the lines that the error of a failed program names."""
    if not parent.failed:
        return frozenset()
    lines = source.text.splitlines()
    named = [int(number) for number in re.findall(r"\bline (\d+)", parent.about)]
    text = " ".join(lines[number - 1] for number in named if 0 < number <= len(lines))
    return frozenset(word for word in re.findall(r"[A-Za-z_]\w*", text) if word in source.words)


@lru_cache(512)
def parse(text: str) -> Source | None:
    """The program, or None when it is no Python."""
    try:
        return Source(text)
    except (SyntaxError, ValueError):
        return None


def _compiles(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _gaps(parent: Shown, others: Sequence[Shown], way: int) -> dict[int, float]:
    if parent.score is None:
        return {}
    raw = {
        id(other): (way * (other.score - parent.score), math.hypot(other.stderr, parent.stderr))
        for other in others
        if other.score is not None
    }
    widest = max((abs(gap) for gap, _ in raw.values()), default=0.0)
    return {key: gap / widest * abs(gap) / (abs(gap) + error) for key, (gap, error) in raw.items() if widest and gap}


def _ideas(reading: Reading, source: Source, gaps: dict[int, float]) -> list[notes.Tried]:
    """What the authors of shown programs say they tried, with how it came out; and one's own refused answer."""
    found = [
        notes.Tried(notes.words(said, source.words), False if other.failed else gaps.get(id(other), 0.0) > 0)
        for other in reading.others
        if (said := notes.idea(other.about)) and (other.failed or id(other) in gaps)
    ]
    if reading.refused and re.search(r"different|tried before|another change", reading.last, re.IGNORECASE):
        found.append(notes.Tried(notes.words(notes.idea(reading.refused), source.words), False))
    return found


def imagine(source: Source, knowledge: Knowledge, count: int, rng: random.Random) -> list[Edit]:
    """`count` edits that come to mind: general ones, and those that what was noticed suggests."""
    makers: list[tuple[Callable[[], Edit | None], float]] = [
        (lambda make=make: make(source, rng), weight * _leaning(make, knowledge.intent))  # type: ignore[misc]
        for make, weight in editing.MAKERS
    ]
    if knowledge.hints:
        makers.append((lambda: aim(source, knowledge.hints, rng), 8.0))
    if knowledge.tried:
        makers.append((lambda: learn(source, knowledge.tried, rng), 4.0))
    if knowledge.examples:
        makers.append((lambda: extrapolate(source, knowledge.examples, rng), 6.0))
    if knowledge.donors:
        weight = 12.0 if knowledge.intent == "combine" else 3.0
        makers.append((lambda: _borrowed(source, knowledge.donors, rng), weight))
    actions, weights = zip(*makers, strict=True)
    found: list[Edit] = []
    for _ in range(count * 4):
        edit = rng.choices(actions, weights)[0]()
        if edit is not None and _compiles(edit.text):
            found.append(edit)
        if len(found) == count:
            break
    return found


def _leaning(make: editing.Maker, intent: str) -> float:
    if intent == "simplify":
        return 12.0 if make is editing.reduce else 0.3
    if intent == "rewrite":
        return 0.5 if make is editing.tweak else 1.5
    return 1.0


def _borrowed(source: Source, donors: Sequence[tuple[Source, float]], rng: random.Random) -> Edit | None:
    donor, gap = rng.choices(donors, [math.exp(gap) for _, gap in donors])[0]
    return editing.borrow(source, donor, 0.5 * gap, rng)


def aim(source: Source, hints: Sequence[notes.Hint], rng: random.Random) -> Edit | None:
    """Move a number the way a hint points: one the hint names, else whatever shifts what the program returns."""
    hint = rng.choice(hints)
    near = [constant for constant in source.constants if _nearness(constant, hint)]
    if near:
        constant = rng.choices(near, [_nearness(constant, hint) for constant in near])[0]
        return editing.moved(source, [(constant, constant.value + _step(constant.value, hint, rng))], gain=1.5)
    return _shift(source, hint, rng)


def _nearness(constant: Constant, hint: notes.Hint) -> float:
    if constant.index in hint.indices:
        return 3.0
    return len(constant.words & hint.words) / len(constant.words) if constant.words else 0.0


def _step(value: float, hint: notes.Hint, rng: random.Random) -> float:
    if hint.amount is None or hint.amount > 4 * abs(value) + 1:
        return hint.way * max(abs(value), 0.1) * rng.uniform(0.05, 0.4)
    return hint.way * hint.amount * rng.uniform(0.4, 1.2)


def _shift(source: Source, hint: notes.Hint, rng: random.Random) -> Edit | None:
    returned = [
        node.value
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Return) and node.value is not None and source.editable(node)
        and not isinstance(node.value, ast.List | ast.Tuple | ast.ListComp | ast.Dict)
    ]  # fmt: skip
    if not returned or hint.amount is None:
        return None
    value = rng.choice(returned)
    amount = editing.said(hint.amount * rng.uniform(0.4, 1.2), 3)
    _, end = source.span(value)
    text = source.replaced([(end, end, f" {'+' if hint.way > 0 else '-'} {amount}")])
    return Edit(text, f"{'Raise' if hint.way > 0 else 'Lower'} what is returned by {amount}.", "shift", gain=1.0)


def learn(source: Source, tried: Sequence[notes.Tried], rng: random.Random) -> Edit | None:
    """Move a number further the way that helped, or against the way that did not."""
    telling = [each for each in tried if each.helped is not None and len(each.words & {"~up", "~down"}) == 1]
    if not telling:
        return None
    lesson = rng.choice(telling)
    way = (1 if "~up" in lesson.words else -1) * (1 if lesson.helped else -1)
    hint = notes.Hint(way, None, lesson.words & source.words)
    scored = [
        (constant, notes.likeness(constant.words | {constant.owner}, hint.words)) for constant in source.constants
    ]
    best = max((score for _, score in scored), default=0.0)
    near = [constant for constant, score in scored if score == best > 0.3]
    if not near:
        return None
    constant = rng.choice(near)
    return editing.moved(source, [(constant, constant.value + _step(constant.value, hint, rng))])


def extrapolate(source: Source, examples: Sequence[Example], rng: random.Random) -> Edit | None:
    """Step along the direction in which scored examples become better, or to the best of a parabola through them."""
    mine = {constant.key: constant for constant in source.constants}
    useful = [(example, diff) for example in examples if (diff := _difference(mine, example))]
    if not useful:
        return None
    single = _vertex(mine, useful)
    if single is not None and rng.random() < 0.5:
        return editing.moved(source, [(single[0], single[1] * rng.uniform(0.97, 1.03))], gain=1.0)
    example, diff = rng.choices(useful, [0.05 + abs(example.gap) for example, _ in useful])[0]
    sign, step = math.copysign(1.0, example.gap), rng.uniform(0.3, 1.3)
    return editing.moved(source, [(mine[key], mine[key].value + sign * step * change) for key, change in diff.items()])


def _difference(mine: dict[Key, Constant], example: Example) -> dict[Key, float]:
    shared = mine.keys() & example.values.keys()
    if not shared or len(shared) < 0.5 * len(mine):
        return {}
    return {
        key: example.values[key].value - mine[key].value
        for key in sorted(shared)
        if example.values[key].value != mine[key].value
    }


def _vertex(
    mine: dict[Key, Constant], useful: Sequence[tuple[Example, dict[Key, float]]]
) -> tuple[Constant, float] | None:
    """Where one number would be best by a parabola through the parent and two programs that differ in it alone."""
    by_key: dict[Key, list[tuple[float, float]]] = {}
    for example, diff in useful:
        if len(diff) == 1:
            by_key.setdefault(next(iter(diff)), []).append((next(iter(diff.values())), example.gap))
    for key, points in by_key.items():
        distinct = list(dict(points).items())
        if len(distinct) < 2:
            continue
        (x1, y1), (x2, y2) = sorted(distinct, key=lambda point: abs(point[0]))[:2]
        bend = (y1 / x1 - y2 / x2) / (x1 - x2)
        if bend < 0:
            best = -(y1 / x1 - bend * x1) / (2 * bend)
            limit = 2 * max(abs(x1), abs(x2))
            return mine[key], mine[key].value + max(-limit, min(limit, best))
    return None


def weigh(edit: Edit, source: Source, knowledge: Knowledge) -> float:
    """What speaks for an edit, from what was noticed alone; 0 when nothing does."""
    worth = edit.gain + _trend(edit, source, knowledge.examples)
    about = notes.words(edit.idea, source.words)
    for tried in knowledge.tried:
        alike = notes.likeness(about, tried.words)
        worth += {True: 1.0, False: -3.0, None: -1.0}[tried.helped] * max(0.0, 2 * alike - 1)
    if knowledge.plan:
        worth += 4.0 * notes.likeness(about, knowledge.plan)
    if knowledge.focus & about:
        worth += 0.5
    if shape(edit.text) in knowledge.known:
        worth -= 6.0
    return worth


def _trend(edit: Edit, source: Source, examples: Sequence[Example]) -> float:
    """Whether the numbers move towards better examples and away from worse ones, -1.5 to 1.5."""
    if not edit.moves or not examples:
        return 0.0
    mine = {constant.key: constant for constant in source.constants}
    total, votes = 0.0, 0
    for example in examples:
        diff = _difference(mine, example)
        shared = diff.keys() & edit.moves.keys()
        if shared:
            agree = sum(math.copysign(1.0, diff[key] * edit.moves[key]) for key in shared) / len(diff)
            total += agree * example.gap
            votes += 1
    return max(-1.5, min(1.5, 3.0 * total / votes)) if votes else 0.0
