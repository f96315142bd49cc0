"""How full the islands of a run are."""

from __future__ import annotations

from dataclasses import dataclass

from evolve.inspection.kept import Kept
from evolve.inspection.placing import Retraced
from evolve.store import RunRow, Store

_followed: Kept[Retraced] = Kept()


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many cells of an island are held, of how many (None while bounds are `learning`, or when nobody knows)."""

    island: int
    held: int
    cells: int | None
    learning: bool = False

    @classmethod
    def of(cls, store: Store, run: RunRow) -> tuple[Coverage, ...]:
        """Of every island: the whole log is followed the first time, later on only what was added since."""
        if not run.summary.told:
            return ()
        with _followed.use(store, run.id, lambda: Retraced(run)) as log:
            log.update(store)
            cells = None if log.learning else log.space(store).cells
            board = log.board
            islands = range(board.islands)
            return tuple(cls(island, len(board.holders(island)), cells, log.learning) for island in islands)
