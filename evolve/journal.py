"""Writes a run's log from a thread of its own: in order, grouped into few transactions, and heard of when done."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from evolve.store import Holder, Record, Store

GROUP_SECONDS = 0.02
"""How long records wait for company: one transaction for several candidates costs half as much CPU each."""
HEARTBEAT_SECONDS = 5.0
"""How often the lease on the run is renewed (another host may take it over after 30 s of silence)."""
BACKLOG = 256
"""Appends that may wait before the engine has to wait too."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Append:
    records: Sequence[Record]
    then: Callable[[], None] | None


class Journal:
    """The one writer of a run.

    Args:
        store: Open for writing.
        run_id: The run; its lease must be held by `holder`.
        holder: Who holds the lease.
        elapsed: Tells the run's seconds, for heartbeats.
    """

    def __init__(self, store: Store, run_id: int, holder: Holder, elapsed: Callable[[], float]) -> None:
        self._store = store
        self._run_id = run_id
        self._holder = holder
        self._elapsed = elapsed
        self._waiting: queue.SimpleQueue[_Append | None] = queue.SimpleQueue()
        self._room = asyncio.Semaphore(BACKLOG)
        self._loop = asyncio.get_running_loop()
        self._broken: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(target=self._write, name="evolve-journal", daemon=True)
        self._thread.start()

    async def wait_broken(self) -> None:
        """Wait until writing is no longer possible; then raise the store's error."""
        await asyncio.shield(self._broken)

    async def append(self, records: Sequence[Record], then: Callable[[], None] | None = None) -> None:
        """Queue records that belong together; `then` runs in the event loop once they are on disk.

        Raises the store's error when an earlier append failed: nothing after it can be kept.
        """
        if self._broken.done():
            await self._broken
        await self._room.acquire()
        self._waiting.put(_Append(records, then))

    async def flush(self) -> None:
        """Wait until everything appended so far is on disk. Raises the store's error when it cannot be."""
        await self.commit([])

    async def commit(self, records: Sequence[Record]) -> None:
        """Append records that belong together and wait until they are on disk. Raises as `append` does."""
        written = self._loop.create_future()
        await self.append(records, lambda: None if written.done() else written.set_result(None))
        await asyncio.wait({written, self._broken}, return_when=asyncio.FIRST_COMPLETED)
        if self._broken.done():
            await self._broken

    async def close(self) -> None:
        """Write what is queued and stop. Raises the store's error when that fails."""
        self._waiting.put(None)
        joined = asyncio.ensure_future(asyncio.to_thread(self._thread.join))
        try:
            await asyncio.shield(joined)
        except asyncio.CancelledError:
            await joined  # what is queued was scored: it is written even when everything else stops at once
            raise
        await asyncio.sleep(0)
        if self._broken.done():
            await self._broken

    def _write(self) -> None:
        beat = time.monotonic()
        open_ = True
        while open_:
            try:
                group = self._group()
                open_ = None not in group
                appends = [append for append in group if append is not None]
                if appends:
                    self._store.append(self._run_id, [record for append in appends for record in append.records])
                    self._tell(self._done, appends)
                if time.monotonic() - beat > HEARTBEAT_SECONDS:
                    beat = time.monotonic()
                    self._store.heartbeat(self._run_id, self._holder, self._elapsed())
            except Exception as error:  # the thread's only way to say so is the future everybody awaits
                self._tell(self._fail, error)
                return

    def _group(self) -> list[_Append | None]:
        """What is queued, after a short wait for more; empty when a heartbeat is due first."""
        try:
            group = [self._waiting.get(timeout=HEARTBEAT_SECONDS)]
        except queue.Empty:
            return []
        if group[0] is not None:
            time.sleep(GROUP_SECONDS)
        while True:
            try:
                group.append(self._waiting.get_nowait())
            except queue.Empty:
                return group

    def _tell(self, callback: Callable[[_T], None], value: _T) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(callback, value)

    def _done(self, appends: Sequence[_Append]) -> None:
        for _ in appends:
            self._room.release()
        for append in appends:
            if append.then is None:
                continue
            try:
                append.then()
            except Exception as error:  # an observer's mistake must reach the session, not only the loop's log
                self._fail(error)

    def _fail(self, error: Exception) -> None:
        if not self._broken.done():
            self._broken.set_exception(error)
        for _ in range(BACKLOG):
            self._room.release()
