"""A few tuning evaluations for every new elite that a model wrote: models choose structure well, constants roughly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evolve.domain import Outcome
from evolve.scaffold.base import Draft, OutcomeView, SearchView
from evolve.scaffold.builtin import BuiltinProposer
from evolve.scaffold.tags import is_asked
from evolve.scaffold.tuner import OPERATOR_NAME

MOST = 32
"""Elites in the queue; with the built-in half's 16 sessions they stay below the 64 candidates a scaffold may pin."""

_PATIENCE = 256
"""Outcomes after which an elite leaves the queue although it was not tuned: it has no constants, or they were tried."""


@dataclass(slots=True)
class _Due:
    since: int
    share: int
    done: int = 0


class Polishing:
    """The queue of new elites, oldest first.

    `share` is how many evaluations one gets that is better than its parent; others, which are elites only because
    their cell was empty or weaker, get a quarter of it. With the same share for all, half of a run of 60 evaluations
    went into constants of programs far from the best.
    """

    def __init__(self, share: int) -> None:
        self._share = share
        self._due: dict[int, _Due] = {}
        self._now = 0

    def next_point(self, view: SearchView, builtin: BuiltinProposer) -> Draft | None:
        """The next point of the first elite that has one due; what is under way counts.

        An elite is tuned on its own island, so that islands stay apart, unless there is nothing else to do.
        """
        waiting = _under_way(view)
        for number, due in self._due.items():
            at_home = number in view.pinned and view.pinned[number].island == view.island
            if due.done + waiting.get(number, 0) < due.share and (at_home or not view.models):
                draft = builtin.tune(number, view)
                if draft is not None:
                    return draft
        return None

    def observe(self, outcome: OutcomeView) -> None:
        """Queue a new elite of a model; count a tuning evaluation of one that is queued."""
        if self._share == 0:
            return
        self._now += 1
        self._expire()
        base = _base(outcome.tag)
        if base in self._due:
            self._due[base].done += 1
            if self._due[base].done >= self._due[base].share:
                del self._due[base]
        elif is_asked(outcome.tag) and outcome.outcome in (Outcome.NEW_CELL, Outcome.IMPROVED):
            self._due[outcome.number] = _Due(self._now, self._share_of(outcome))
            if len(self._due) > MOST:
                del self._due[next(iter(self._due))]

    def _share_of(self, outcome: OutcomeView) -> int:
        better = outcome.parent_score is None or (outcome.score is not None and outcome.score > outcome.parent_score)
        return self._share if better else -(-self._share // 4)

    def pins(self) -> frozenset[int]:
        """The elites in the queue."""
        return frozenset(self._due)

    def _expire(self) -> None:
        oldest = next(iter(self._due), None)
        if oldest is not None and self._now - self._due[oldest].since > _PATIENCE:
            del self._due[oldest]


def _under_way(view: SearchView) -> Mapping[int, int]:
    counts: dict[int, int] = {}
    for pending in view.pending:
        base = _base(pending.tag)
        if base is not None:
            counts[base] = counts.get(base, 0) + 1
    return counts


def _base(tag: str) -> int | None:
    """The program a tuning tag (`tune:<number>:...`) is about."""
    parts = tag.split(":", 2)
    return int(parts[1]) if len(parts) == 3 and parts[0] == OPERATOR_NAME else None
