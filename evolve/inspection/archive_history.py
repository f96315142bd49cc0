"""How the archive of a run came about, in pieces that a page can play through."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from evolve.archive.board import EMPTY, Change
from evolve.inspection.archive import Scale, space_json
from evolve.inspection.placing import Retraced
from evolve.inspection.space import Space
from evolve.store import Store
from evolve.store.placements import EliteRow

CHANGES = 4_000
"""Changes of one piece: what a page loads and a browser walks through at once, whatever the length of the run."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What happened to the archive of a run in the tells after `start`, up to `end`.

    `starts` are those of all pieces, in order, and this is the one at `index`. `changes` begin with the board at its
    start. `elites` is everybody in them, with the objective known then; `rescored` are their other objectives since,
    as `(told, number, objective)`. `homes` says where those belong who were told before bounds froze. `marks` are
    events as sentences. `scale` is that of the last board of the run, so that colours of all times compare.
    """

    log: Retraced
    space: Space
    index: int
    starts: Sequence[int]
    end: int
    changes: Sequence[Change]
    elites: Sequence[EliteRow]
    rescored: Sequence[tuple[int, int, float]]
    homes: Mapping[int, int]
    marks: Sequence[tuple[int, str]]
    scale: Scale

    @classmethod
    def of(cls, store: Store, log: Retraced, index: int | None = None, most: int = CHANGES) -> Self:
        """The piece at an index (the last one by default, or beyond the last), of about `most` changes."""
        starts = piece_starts(log, most)
        index = len(starts) - 1 if index is None else min(index, len(starts) - 1)
        start, end = starts[index], (*starts, log.told)[index + 1]
        changes = _changes(log.board.changes, start, end)
        rows = log.elites(store, (change.number for change in changes if change.number != EMPTY))
        shown = [rows[number] for number in sorted({change.number for change in changes} - {EMPTY})]
        first = {row.number: row.objective for row in shown}
        return cls(
            log,
            log.space(store),
            index,
            starts,
            end,
            changes,
            [replace(row, objective=log.worth.at(row.number, row.objective, start)) for row in shown],
            log.worth.changes(first, start, end),
            _homes(log, changes),
            [(each.told, str(each.event)) for each in log.happenings if start < each.told <= end],
            _scale(store, log),
        )


def piece_starts(log: Retraced, most: int = CHANGES) -> list[int]:
    """After how many tells each piece of a history starts; the first at 0."""
    changes = log.board.changes
    return [0, *sorted({changes[index].told for index in range(most, len(changes), most)} - {0, log.told})]


def _changes(every: Sequence[Change], start: int, end: int) -> list[Change]:
    """The board at `start`, as changes of that time, and what changed until `end`."""
    first, last = (bisect_right(every, told, key=lambda change: change.told) for told in (start, end))
    held: dict[tuple[int, int], int] = {}
    for change in every[:first]:
        if change.number == EMPTY:
            held.pop((change.island, change.cell), None)
        else:
            held[change.island, change.cell] = change.number
    base = [Change(start, island, cell, number) for (island, cell), number in held.items()]
    return [*base, *every[first:last]]


def _homes(log: Retraced, changes: Sequence[Change]) -> Mapping[int, int]:
    """Where everybody belongs who has a cell here that is not one of the grid."""
    frozen = log.told + 1 if log.learning else log.board.frozen or 0
    early = {change.number for change in changes if change.told < frozen and change.number != EMPTY}
    return {number: log.homes[number] for number in sorted(early) if number in log.homes}


def _scale(store: Store, log: Retraced) -> Scale:
    held = {number for island in range(log.board.islands) for number in log.board.holders(island).values()}
    rows = log.elites(store, held)
    objectives = [log.worth.at(number, rows[number].objective, log.told) for number in held]
    return Scale.of(objectives, log.run.summary.direction)


def piece_json(piece: Piece) -> dict[str, Any]:
    """A piece as plain data in columns; operators and models by their index in a list of names."""
    operators, models = _Names(), _Names()
    return {
        "told": piece.log.told,
        "islands": piece.log.board.islands,
        "piece": piece.index,
        "starts": list(piece.starts),
        "end": piece.end,
        **space_json(piece.space),
        "changes": {name: [getattr(change, name) for change in piece.changes] for name in Change._fields},
        "elites": {
            "number": [row.number for row in piece.elites],
            "objective": [row.objective for row in piece.elites],
            "operator": [operators.index(row.operator) for row in piece.elites],
            "model": [models.index(row.model) for row in piece.elites],
        },
        "operators": operators.names,
        "models": models.names,
        "rescored": {
            "told": [told for told, _, _ in piece.rescored],
            "number": [number for _, number, _ in piece.rescored],
            "objective": [objective for _, _, objective in piece.rescored],
        },
        "learning": piece.log.learning,
        "frozen": piece.log.board.frozen,
        "homes": {"number": list(piece.homes), "cell": list(piece.homes.values())},
        "marks": {"told": [told for told, _ in piece.marks], "text": [text for _, text in piece.marks]},
        "scale": piece.scale.as_json(),
    }


class _Names:
    """Names in the order they came, each by its index."""

    def __init__(self) -> None:
        self._indices: dict[str, int] = {}

    def index(self, name: str) -> int:
        """Its index; a new one if it was not seen before."""
        return self._indices.setdefault(name, len(self._indices))

    @property
    def names(self) -> list[str]:
        """All of them, by index."""
        return list(self._indices)
