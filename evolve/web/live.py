"""The stream of a run: what is new since a place in its log, as server-sent events that can be resumed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import anyio

from evolve.errors import EvolveError
from evolve.report.finite import dumps
from evolve.store import RunRow, RunStatus, Store
from evolve.web.answers.run import head

MOST_TELLS = 500
"""Candidates of one message; a reader who was away gets several."""
RUNNING_SECONDS, RESTING_SECONDS = 0.7, 3.0
"""How often the log is looked at, while somebody writes it and while nobody does."""
QUIET_SECONDS = 15.0
"""After so long without news a comment is sent, so that both sides notice a connection that has died."""

_PLACE = re.compile(r"(\d{1,18})\.(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Place:
    """How far a reader has come: candidates told, and the number of the last event."""

    told: int
    seq: int

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """From the id of a message; None when it is none."""
        match = _PLACE.fullmatch(text)
        return None if match is None else cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.told}.{self.seq}"


@dataclass(frozen=True, slots=True)
class News:
    """What happened between two places."""

    place: Place
    run: RunRow
    tells: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @classmethod
    def since(cls, store: Store, run_id: int, place: Place | None) -> News:
        """Read it; without a place only how the run stands now."""
        run = store.run(run_id)
        end = Place(run.summary.told, store.browse.last_event(run_id))
        # A place beyond the end is one of another database that was here before.
        if place is None or place.told > end.told or place.seq > end.seq:
            return cls(end, run, [], [])
        tells = store.browse.told_after(run_id, place.told, MOST_TELLS)
        events = store.events(run_id, place.seq, limit=MOST_TELLS)
        reached = Place(place.told + len(tells), events[-1].seq if events else place.seq)
        happened = [{"seq": event.seq, "kind": event.kind, "elapsed": event.elapsed} for event in events]
        return cls(reached, run, [asdict(tell) for tell in tells], happened)

    @property
    def is_all(self) -> bool:
        """Whether there was no more to read."""
        return max(len(self.tells), len(self.events)) < MOST_TELLS

    def message(self) -> str:
        """As one server-sent event."""
        data: Mapping[str, Any] = {"run": head(self.run), "tells": self.tells, "events": self.events}
        return f"id: {self.place}\ndata: {dumps(data)}\n\n"


async def stream(read: Callable[[Place | None], News], place: Place | None) -> AsyncIterator[str]:
    """Messages as long as the run is there: at once how it stands and what is new, later whenever something is."""
    last: RunRow | None = None
    quiet = 0.0
    while True:
        try:
            news = await anyio.to_thread.run_sync(read, place)
        except EvolveError:  # the run or its database is gone; a page that asks again is told so
            return
        place = news.place
        if last is None or news.tells or news.events or _changed(last, news.run):
            last, quiet = news.run, 0.0
            yield news.message()
        if news.is_all:
            pause = RUNNING_SECONDS if news.run.status is RunStatus.RUNNING else RESTING_SECONDS
            await anyio.sleep(pause)
            quiet += pause
        if quiet >= QUIET_SECONDS:
            quiet = 0.0
            yield ": still here\n\n"


def _changed(before: RunRow, now: RunRow) -> bool:
    """Whether a reader would see a difference."""
    return before.summary != now.summary or before.stop_reason != now.stop_reason
