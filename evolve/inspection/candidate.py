"""One candidate with everything around it: its family, its looks, what was asked for it, how to see it again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from evolve.domain import SEED_NUMBER, Measurement, Outcome, Program, Series, Split, Status
from evolve.report import figures
from evolve.store import AskedRow, Bill, CandidateRow, RunRow, Store, bill_of
from evolve.store.ancestry import Children
from evolve.store.candidates import CandidateLine, Neighbours

MOST_CHILDREN = 50
"""Children read; how many there are is known anyway."""

MEANING = {
    Status.VALID: "ran on every case and was scored",
    Status.NO_ANSWER: "the model could not be reached",
    Status.EMPTY: "the model's answer was empty",
    Status.TRUNCATED: "the model's answer was cut off at the token limit",
    Status.BLOCKED: "a content policy withheld the model's answer",
    Status.NO_EDIT: "there was no edit in the model's answer",
    Status.EDIT_NOT_APPLIED: "the edit did not fit the program",
    Status.OUTSIDE_REGION: "the edit was about text that may not change",
    Status.DUPLICATE: "the same program had been proposed before",
    Status.SYNTAX: "the program could not be read",
    Status.CRASH: "the program ended with an error",
    Status.TIMEOUT: "the program took too long",
    Status.MEMORY: "the program used too much memory",
    Status.OUTPUT: "what the program returned or printed was too much, or no plain data",
    Status.WRONG: "the evaluator rejected what the program returned",
    Status.SUSPECT: "the score was not believed",
    Status.INFRASTRUCTURE: "the sandbox failed, not the program",
}
"""What a status means, in words."""


class Look(NamedTuple):
    """One look at one case and what it was for: `search`, `holdout`, or the series of a further look."""

    purpose: str
    measurement: Measurement


@dataclass(frozen=True, slots=True)
class Reproduce:
    """A command that shows something of the candidate again."""

    shows: str
    command: str


@dataclass(frozen=True, slots=True)
class CandidateDetails:
    """Everything a page about a candidate says; `database` is its address as it may be printed."""

    run: RunRow
    row: CandidateRow
    beside: Neighbours
    parents: Sequence[CandidateLine]
    inspirations: Sequence[CandidateLine]
    children: Children
    asked: Sequence[AskedRow]
    database: str

    @classmethod
    def of(cls, store: Store, run: RunRow, number: int) -> CandidateDetails:
        """Read a candidate and its family. Raises NotFound."""
        row = store.candidate(run.id, number)
        return cls(
            run=run,
            row=row,
            beside=store.browse.neighbours(run.id, number),
            parents=store.browse.candidate_lines(run.id, row.origin.parents),
            inspirations=store.browse.candidate_lines(run.id, row.origin.inspirations),
            children=store.browse.children(run.id, number, run.summary.direction, MOST_CHILDREN),
            asked=store.asked(run.id, number),
            database=store.url,
        )

    @property
    def bases(self) -> dict[str, int]:
        """Whom it may be compared with, by `parent`, `seed` and `best`: each number once, and never itself."""
        named = [("parent", number) for number in self.row.origin.parents[:1]] + [("seed", SEED_NUMBER)]
        if self.run.summary.best_number is not None:
            named.append(("best", self.run.summary.best_number))
        found: dict[str, int] = {}
        for name, number in named:
            if number != self.row.number and number not in found.values():
                found[name] = number
        return found

    @property
    def bill(self) -> Bill:
        """What its completions cost."""
        return bill_of(asked.completion.completion for asked in self.asked if asked.completion is not None)

    def looks(self) -> list[Look]:
        """Every look at every case in the order of purposes: search, further looks, held-out cases."""
        row = self.row
        first = row.evaluation.measurements if row.evaluation else ()
        held_out = row.holdout.measurements if row.holdout else ()
        return [
            *(Look(Split.SEARCH.value, look) for look in first),
            *(Look(_further(relook.series), look) for relook in row.relooks for look in relook.measurements),
            *(Look(Split.HOLDOUT.value, look) for look in held_out),
        ]

    def verdict(self) -> str:
        """What the search made of it, in a sentence."""
        return verdict_sentence(self.row)

    def reproduce(self) -> list[Reproduce]:
        """Commands that show it in a terminal, or write it out."""
        name, db = f"{self.run.id}/{self.row.number}", ("--db", self.database)

        def show(*flags: str) -> str:
            return shlex.join(("evolve", "show", name, *flags, *db))

        found = [Reproduce("its program", show("--code")), Reproduce("every measurement", show("--eval"))]
        if "parent" in self.bases:
            found.insert(1, Reproduce("what changed", show("--diff=parent")))
        if self.asked:
            found.append(Reproduce("what was asked and answered", show("--prompt")))
        found.append(Reproduce("how it came about", shlex.join(("evolve", "lineage", name, *db))))
        if self.run.summary.best_number == self.row.number:
            folder = f"best-of-run-{self.run.id}"
            command = shlex.join(("evolve", "best", str(self.run.id), "-o", folder, *db))
            found.append(Reproduce("its files, written into a folder", command))
        return found


def program_of(store: Store, run: RunRow, number: int) -> Program:
    """The program of a candidate alone. Raises NotFound."""
    found = store.programs(run.id, [number]).get(number)
    return found if found is not None else store.candidate(run.id, number).program


def _further(series: Series) -> str:
    return "search again" if series is Series.SEARCH else series.value


def verdict_sentence(row: CandidateRow) -> str:
    """What the archive did with it, how it compares with its parent, and whether it led the run."""
    verdict = row.verdict
    if verdict is None:
        return "Scored, and not told to the search yet." if row.evaluation else "Proposed, and not scored yet."
    place = f"cell {verdict.cell} of island {verdict.island}"
    said = {
        Outcome.NEW_CELL: f"The first one in {place}",
        Outcome.IMPROVED: f"Took {place}" + (f" from {verdict.replaced}" if verdict.replaced is not None else ""),
        Outcome.NOT_ADDED: f"Not better than who held {place}",
        Outcome.REJECTED: "Not put into the archive",
    }[verdict.outcome]
    if verdict.gain is not None:
        amount = figures.number(abs(verdict.gain))
        than = f"better than its parent by {amount}" if verdict.gain > 0 else f"worse than its parent by {amount}"
        said += f"; {than if verdict.gain else 'as good as its parent'}"
    return f"{said}; the best of the run then." if verdict.new_best else f"{said}."
