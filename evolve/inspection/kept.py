"""What was worked out of a run's log and can be read on: kept beside an open database for the next question."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from evolve.store import Store

T = TypeVar("T")

MOST = 16
"""Things of one kind kept of one database; what was asked for longest ago goes first."""


class Kept(Generic[T]):
    """Things by key, such as a run's id, for every open store. Safe to use from several threads.

    They hold no store themselves, or it would be kept, too.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stores: weakref.WeakKeyDictionary[Store, dict[Hashable, tuple[threading.Lock, T]]]
        self._stores = weakref.WeakKeyDictionary()

    @contextmanager
    def use(self, store: Store, key: Hashable, make: Callable[[], T]) -> Iterator[T]:
        """The thing of that key, made if there is none; nobody else has it meanwhile."""
        with self._lock:
            things = self._stores.setdefault(store, {})
            lock, thing = things.pop(key) if key in things else (threading.Lock(), make())
            things[key] = lock, thing
            if len(things) > MOST:
                things.pop(next(iter(things)))
        with lock:
            try:
                yield thing
            except BaseException:  # it may be half read on: the next question begins anew
                with self._lock:
                    if things.get(key, (lock, None))[1] is thing:
                        del things[key]
                raise
