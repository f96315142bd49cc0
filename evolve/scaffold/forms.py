"""In which form to ask for an edit: SEARCH/REPLACE blocks (`diff`) or whole files (`whole`).

Across a public leaderboard 5.8 % of diffs (median) and 0.4 % of whole files are malformed, weak models being worse.
A whole file costs output in proportion to its length, a diff about as much as forty lines, since changed lines are
written twice with their surroundings; a malformed diff costs another question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evolve.domain import Status
from evolve.scaffold.base import ModelView, TaskView
from evolve.scaffold.regions import editable_spans
from evolve.scaffold.tags import Note
from evolve.scaffold.tokens import estimate

SHORT = 60
"""Lines up to which whole files are asked for: they cost about what a diff costs, and apply fifteen times as surely."""

FAILING = 0.25
"""The believed share of malformed diffs from which whole files are asked for at any length that fits the answer: four
times the median, where a model does not master the form. Below, a question more now and then is cheaper than hundreds
of lines each time, any of which may come back changed by accident."""

_USUAL = (0.58, 10.0)
"""Malformed diffs and all diffs a model begins with: the median, worth ten answers."""

_MEMORY = 0.98
"""What evidence keeps per answer of a model in either form: one that was asked for whole files is tried again."""

_ROOM = 0.5
"""The share of a model's longest answer that whole files may take: children grow, and some models think aloud."""


@dataclass(slots=True)
class _Record:
    malformed: float = 0.0
    diffs: float = 0.0


class Forms:
    """What share of the diffs each model was asked for could not be applied at once."""

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}

    def observe(self, model: str, note: Note, status: Status) -> None:
        """Learn from an outcome of a model. An answer that never came, or came without text, says nothing."""
        if status in (Status.NO_ANSWER, Status.EMPTY, Status.TRUNCATED, Status.BLOCKED):
            return
        record = self._records.setdefault(model, _Record())
        record.malformed *= _MEMORY
        record.diffs *= _MEMORY
        if note.form == "diff":
            unusable = status in (Status.EDIT_NOT_APPLIED, Status.OUTSIDE_REGION) or note.step in ("repair", "rewrite")
            record.malformed += unusable
            record.diffs += 1.0

    def malformed(self, model: str) -> float:
        """The mean of the Beta posterior over a model's share of malformed diffs."""
        return self._believed(self._records.get(model, _Record()))

    def snapshot(self) -> Mapping[str, float]:
        """The believed share of malformed diffs by model."""
        return {model: self._believed(record) for model, record in self._records.items()}

    @staticmethod
    def _believed(record: _Record) -> float:
        return (_USUAL[0] + record.malformed) / (_USUAL[1] + record.diffs)

    def choose(self, wanted: str, offered: Sequence[str], model: ModelView, text: str) -> str:
        """The form to ask for: the `wanted` one, or for `auto` by the editable text and the model's own record.

        `offered` are the forms the recipe can ask for, its favourite first; another one is never chosen.
        """
        if wanted == "auto":
            fits = estimate(text) <= _ROOM * model.output
            short = text.count("\n") <= SHORT
            wanted = "whole" if fits and (short or self.malformed(model.name) > FAILING) else "diff"
        return wanted if wanted in offered else offered[0]


def editable_text(task: TaskView, files: Mapping[str, str]) -> str:
    """All that may change of a program: what its whole form would repeat."""
    texts = [files[path] for path in task.editable if path in files]
    return "".join(span.of(text) for text in texts for span in editable_spans(text))
