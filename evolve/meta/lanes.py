"""Threads with an event loop each: work in one of them that waits without saying so holds up nobody else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


class Lanes:
    """A few lanes, each for one piece of work at a time; what is asked for waits for a free one.

    A run of a scaffold behind walls waits for that scaffold inside `Search.ask`, which is not a coroutine.

    Args:
        count: How many.
        tidy: Awaited in every lane at its end.
    """

    def __init__(self, count: int, tidy: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._lanes = [_Lane(f"lane-{index}", tidy) for index in range(count)]
        self._free: asyncio.Queue[_Lane] = asyncio.Queue()
        for lane in self._lanes:
            self._free.put_nowait(lane)

    async def do(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What the work comes to. Cancelled, it is ended in its lane before this returns."""
        lane = await self._free.get()
        try:
            return await lane.do(work)
        finally:
            self._free.put_nowait(lane)

    async def close(self) -> None:
        """End the lanes; nothing may be under way in them."""
        await asyncio.gather(*(asyncio.to_thread(lane.close) for lane in self._lanes))


class _Lane:
    def __init__(self, name: str, tidy: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._tidy = tidy
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def do(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        here = asyncio.get_running_loop()
        over: asyncio.Future[asyncio.Task[T]] = here.create_future()
        begun: list[asyncio.Task[T]] = []

        def settle(task: asyncio.Task[T]) -> None:
            if not over.done():
                over.set_result(task)

        def ended(task: asyncio.Task[T]) -> None:
            with suppress(RuntimeError):  # whoever asked is gone, and its loop with it
                here.call_soon_threadsafe(settle, task)

        def begin() -> None:
            begun.append(self._loop.create_task(work()))
            begun[0].add_done_callback(ended)

        self._loop.call_soon_threadsafe(begin)
        try:
            task = await asyncio.shield(over)
        except asyncio.CancelledError:
            self._loop.call_soon_threadsafe(lambda: begun[0].cancel())
            await over
            raise
        return task.result()

    def close(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(self._tidy())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            self._loop.close()
