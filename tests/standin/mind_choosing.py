"""Choosing among edits: what the prompt showed is weighed against each; where it says nothing, chance decides."""

from __future__ import annotations

import ast
import math
import random
from collections.abc import Callable, Sequence

from . import mind_editing as editing
from . import mind_notes as notes
from .mind_editing import Edit
from .mind_knowing import Example, Key, Knowledge, shape
from .mind_source import Constant, Source

_WAYS = frozenset({"~up", "~down"})


def _compiles(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


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
    old, (start, end) = source.code(value), source.span(value)
    amount = editing.said(hint.amount * rng.uniform(0.4, 1.2), 3)
    sign = "+" if hint.way > 0 else "-"
    verb = "Raise" if hint.way > 0 else "Lower"
    if hint.where is None:
        text = source.replaced([(end, end, f" {sign} {amount}")])
        return Edit(text, f"{verb} what is returned by {amount}.", "shift", gain=1.0)
    name, test = hint.where
    if name not in source.scope(value):
        return None
    if test.endswith(" 0") and rng.random() < 0.5:  # too large on one side of zero: a term in that quantity is missing
        turned = sign if test.startswith(">") else {"+": "-", "-": "+"}[sign]
        text = source.replaced([(end, end, f" {turned} {amount} * {name}")])
        return Edit(text, f"Add `{turned}{amount}*{name}` to what is returned.", "shift", gain=1.0)
    text = source.replaced([(start, end, f"({old}) {sign} {amount} if {name} {test} else {old}")])
    return Edit(text, f"{verb} what is returned by {amount} where `{name}{test}`.", "shift", gain=1.0)


def learn(source: Source, tried: Sequence[notes.Tried], rng: random.Random) -> Edit | None:
    """Move a number further the way that helped, or against the way that did not."""
    failed = {each.words for each in tried if not each.helped}
    telling = [each for each in tried if each.helped is not None and len(each.words & _WAYS) == 1]
    telling = [each for each in telling if each.helped or each.words ^ _WAYS not in failed]  # neither way: leave it
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
