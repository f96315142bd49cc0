"""What holds a scaffold back, by the host's numbers: one weakness, and the files that bear on it.

Each rule weighs how much of a run its weakness spoils, from 0 to 1; one of those found is drawn with its weight, so
that several children of one scaffold do not all go for the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from evolve.domain import Status
from evolve.scaffold.base import CurveView, MetaView
from evolve.scaffold.meta import unused

_UNREADABLE = (
    Status.NO_EDIT, Status.EDIT_NOT_APPLIED, Status.OUTSIDE_REGION, Status.TRUNCATED, Status.EMPTY,
)  # fmt: skip
_BROKEN = (Status.SYNTAX, Status.CRASH, Status.TIMEOUT, Status.MEMORY, Status.OUTPUT, Status.WRONG)

_FAULT = "scaffold_"
"""How the kinds of a scaffold's own faults begin: they break proposals without an edit down and are none besides."""

_FEW = 4
"""Calls of an operator below which nothing is said about it."""

_DEAR = 6_000
"""Tokens per call from which a run counts as dear; half of them a page of code and its answer would do without."""

_UNUSED, _MOST_UNUSED = 0.1, 0.5
"""Weight of each thing that is there and that nothing uses, and of all: often what an earlier edit lost."""

_TOLD = 6
"""Unused things named in one sentence."""

_LEAST = 0.02
"""Weights below this are not worth an edit."""


@dataclass(frozen=True, slots=True)
class Weakness:
    """What is wrong, in a sentence; `paths` bear on it, the most telling first; `weight` is the harm, 0 to 1."""

    name: str
    said: str
    paths: tuple[str, ...]
    weight: float


def diagnose(view: MetaView) -> Weakness:
    """One weakness of the scaffold, drawn by weight with `view.seed`; of one that was not measured, a first look."""
    found = weaknesses(view)
    if not found:
        return Weakness("first look", "Nothing stands out in what was measured.", _CENTRE, 0.0)
    return random.Random(f"{view.seed}:diagnosis").choices(found, [one.weight for one in found])[0]


def weaknesses(view: MetaView) -> list[Weakness]:
    """All that was found, in the order of the rules."""
    return [one for rule in _RULES for one in rule(view) if one.weight >= _LEAST]


_CENTRE = ("asking.py", "context.py", "evidence.py", "prompts/tasks/mutate.md", "prompts/parts/parent.md", "memory.py")


def _share(view: MetaView, statuses: Sequence[str]) -> float:
    total = sum(count for status, count in view.statuses.items() if not status.startswith(_FAULT))
    return sum(view.statuses.get(status, 0) for status in statuses) / total if total else 0.0


def _unreadable(view: MetaView) -> Iterator[Weakness]:
    share = _share(view, _UNREADABLE)
    said = f"{share:.0%} of the proposals came to nothing because the model's answer held no usable edit."
    paths = (
        "prompts/parts/diff.md", "prompts/parts/whole.md", "forms.py", "conversation.py", "prompts/turns/repair.md",
        "context.py", "edits/edit.py",
    )  # fmt: skip
    yield Weakness("unusable answers", said, paths, share)


def _broken(view: MetaView) -> Iterator[Weakness]:
    share = _share(view, _BROKEN)
    said = f"{share:.0%} of the proposals were programs that failed: {_counts(view, _BROKEN)}."
    paths = (
        "prompts/parts/failures.md", "prompts/tasks/repair.md", "prompts/tasks/mutate.md", "recipes/repair.py",
        "evidence.py", "asking.py", "prompts/parts/failed.md",
    )  # fmt: skip
    yield Weakness("failing programs", said, paths, share)


def _repeated(view: MetaView) -> Iterator[Weakness]:
    share = _share(view, (Status.DUPLICATE,))
    said = f"{share:.0%} of the proposals repeated a program that had been tried."
    paths = ("prompts/turns/nudge.md", "evidence.py", "memory.py", "inspire.py", "asking.py", "prompts/tasks/mutate.md")
    yield Weakness("repetition", said, paths, share)


def _own_faults(view: MetaView) -> Iterator[Weakness]:
    names = [name for name in view.statuses if name.startswith(_FAULT)]
    share = _share(view, names)
    said = f"The scaffold itself gave replies that the host could not use: {_counts(view, names)}."
    yield Weakness("own faults", said, ("zero.py", "asking.py", "scaffold.toml", "conversation.py"), share)


def _idle(view: MetaView) -> Iterator[Weakness]:
    """The operator that wastes the most calls, by how much less often than all together its proposals improve."""
    busy = [one for one in view.operators if max(one.calls, one.proposals) >= _FEW]
    calls = sum(max(one.calls, one.proposals) for one in view.operators)
    gained = sum(one.improved for one in view.operators)
    for one in busy:
        spent = max(one.calls, one.proposals)
        missing = gained / calls - one.improved / spent
        if len(view.operators) > 1 and gained and missing > 0:
            said = (
                f"`{one.name}` took {spent} of {calls} calls and improved its parent {one.improved} times in "
                f"{one.proposals}, while all operators together did so {gained} times."
            )
            paths = (
                f"recipes/{one.name}.py", f"prompts/tasks/{one.name}.md", "arms.py", "earning.py", "asking.py",
                "bandit.py",
            )  # fmt: skip
            yield Weakness(f"idle {one.name}", said, paths, spent / calls * missing * calls / gained)


def _flat(view: MetaView) -> Iterator[Weakness]:
    """The share of a run after its last progress, times what was left to gain."""
    waste = [(_still(curve.own) * max(0.0, 1.0 - curve.own[-1]), curve) for curve in view.curves if curve.own]
    if waste:
        worst = max(waste, key=lambda pair: pair[0])[1]
        said = (
            f"Progress ends early: on `{worst.problem}` the last {_still(worst.own):.0%} of the calls changed nothing, "
            f"and the curve stayed at {worst.own[-1]:.2f} of 1."
        )
        paths = (
            "asking.py", "selection.py", "inspire.py", "arms.py", "prompts/tasks/rewrite.md", "memory.py", "earning.py",
        )  # fmt: skip
        yield Weakness("early end", said, paths, fmean(share for share, _ in waste))


def _still(curve: Sequence[float]) -> float:
    """The share of a curve's points at its end that are like the last one, but for the first of them."""
    return sum(value == curve[-1] for value in curve[:-1]) / len(curve)


def _slow(view: MetaView) -> Iterator[Weakness]:
    starts = [(fmean(curve.own[: -(-len(curve.own) // 3)]), curve) for curve in view.curves if curve.own]
    if starts:
        low, worst = min(starts, key=lambda pair: pair[0])
        said = f"The beginning is slow: over the first third of the calls `{worst.problem}` stood at {low:.2f} of 1."
        paths = (
            "prompts/parts/parent.md", "prompts/tasks/mutate.md", "evidence.py", "context.py", "asking.py",
            "prompts/parts/system.md", "prompts/tasks/plan.md",
        )  # fmt: skip
        yield Weakness("slow beginning", said, paths, 0.5 * max(0.0, 1.0 - fmean(start for start, _ in starts)))


def _behind(view: MetaView) -> Iterator[Weakness]:
    lags = [(_lag(curve), curve) for curve in view.curves if curve.own and curve.parent]
    lag, worst = max(lags, key=lambda pair: pair[0], default=(0.0, None))
    if worst is not None and lag > 0.0:
        said = (
            f"On `{worst.problem}` it does worse than its parent did: {fmean(worst.own):.2f} against "
            f"{fmean(worst.parent):.2f} on average over the run."
        )
        yield Weakness("behind its parent", said, _CENTRE, lag)


def _lag(curve: CurveView) -> float:
    return fmean(curve.parent) - fmean(curve.own)


def _idle_code(view: MetaView) -> Iterator[Weakness]:
    found = unused.findings(view.files)
    if found:
        said = f"Something is there that nothing uses: {'; '.join(one.said for one in found[:_TOLD])}."
        paths = tuple(dict.fromkeys(path for one in found for path in one.paths))
        yield Weakness("unused", said, paths, min(_MOST_UNUSED, _UNUSED * len(found)))


def _dear(view: MetaView) -> Iterator[Weakness]:
    each = view.tokens / view.calls if view.calls else 0.0
    said = f"A call takes {each:,.0f} tokens on average."
    paths = ("context.py", "evidence.py", "settings.py", "asking.py", "prompts/parts/system.md")
    yield Weakness("cost", said, paths, 0.1 * (1.0 - _DEAR / each) if each > _DEAR else 0.0)


def _counts(view: MetaView, statuses: Sequence[str]) -> str:
    told = [(str(status), view.statuses[status]) for status in statuses if view.statuses.get(status)]
    return ", ".join(f"{count} {name}" for name, count in told) or "none"


_RULES: tuple[Callable[[MetaView], Iterator[Weakness]], ...] = (
    _unreadable, _broken, _repeated, _own_faults, _idle, _flat, _slow, _behind, _idle_code, _dear,
)  # fmt: skip
