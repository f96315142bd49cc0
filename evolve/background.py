"""A sitting in a thread of its own: works where an event loop runs already, as in a notebook, and minds Ctrl-C."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from evolve.callable import FunctionSandbox, Scorer
from evolve.config import Settings
from evolve.events import Observer
from evolve.optimized import Optimized
from evolve.problem import Problem
from evolve.session import Session, choose_run
from evolve.store import open_store

STOPPED = "interrupted"
"""Why a search stopped that a person stopped."""
WAKES = 0.1
"""Seconds between two chances for Ctrl-C to be noticed while the search is waited for."""
LEAVES = 5.0
"""Seconds a search that is ended at once has for giving its run back."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """Everything one search by function needs."""

    problem: Problem
    scorer: Scorer
    settings: Settings
    database: str | Path | None
    name: str
    resume: bool
    observers: tuple[Observer, ...]


@dataclass
class _Way:
    """What the waiting thread knows of the searching one: how to stop it, and what became of it."""

    stop: Callable[[], None] | None = None
    cancel: Callable[[], None] | None = None
    result: Optimized | None = None
    error: BaseException | None = None
    wanted: threading.Event = field(default_factory=threading.Event)
    """Somebody wants the search to stop."""
    over: threading.Event = field(default_factory=threading.Event)


def search(sitting: Sitting) -> Optimized:
    """Hold a sitting to its end and return what it came to.

    The first Ctrl-C stops it gently, so that it returns what there is; the second raises KeyboardInterrupt. Raises what
    `Session.run` raises besides.
    """
    way = _Way()
    thread = threading.Thread(target=_hold, args=(sitting, way), name="evolve", daemon=True)
    thread.start()
    _wait(way)
    if way.error is not None:
        raise way.error
    assert way.result is not None, "a thread that ends has a result or an error"
    return way.result


def _wait(way: _Way) -> None:
    """Wait for the search. Not by joining its thread: interrupted, that takes the thread for dead (bpo-45274)."""
    while not way.over.is_set():
        try:
            way.over.wait(WAKES)
        except KeyboardInterrupt:
            if way.wanted.is_set():
                if way.cancel is not None:
                    way.cancel()
                way.over.wait(LEAVES)
                raise
            way.wanted.set()
            if way.stop is not None:
                way.stop()


def _tell(loop: asyncio.AbstractEventLoop, action: Callable[[], object]) -> None:
    with suppress(RuntimeError):  # the loop is closed: the search came to its end meanwhile
        loop.call_soon_threadsafe(action)


def _hold(sitting: Sitting, way: _Way) -> None:
    try:
        way.result = asyncio.run(_sit(sitting, way))
    except asyncio.CancelledError:
        way.error = KeyboardInterrupt()
    except BaseException as error:
        way.error = error
    finally:
        way.over.set()


async def _sit(sitting: Sitting, way: _Way) -> Optimized:
    problem, settings = sitting.problem, sitting.settings
    with open_store(sitting.database, create=True) as store:
        run = choose_run(store, problem, settings, name=sitting.name, new=not sitting.resume)
        session = Session(
            store,
            run,
            problem,
            settings,
            sitting.observers,
            sandbox_for=lambda sealed, chosen: FunctionSandbox(
                sitting.scorer, problem.seed, chosen.workers.evaluations
            ),
        )
        loop, task = asyncio.get_running_loop(), asyncio.ensure_future(session.run())
        way.cancel = partial(_tell, loop, task.cancel)
        way.stop = partial(_tell, loop, partial(session.stop, STOPPED))
        if way.wanted.is_set():
            session.stop(STOPPED)
        result = await task
        return Optimized.of(store, result, problem.direction, sitting.scorer.single)
