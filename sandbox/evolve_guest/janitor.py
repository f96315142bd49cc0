"""Ends a user's every process and removes what it left, inside a container and nowhere else.

The most dangerous code here: it deletes. It acts with the throw-away user's own rights, follows no link, and refuses to
run where the directories are not the container's own small ones.
"""

from __future__ import annotations

import contextlib
import os
import signal
import stat
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

_T = TypeVar("_T")

LEAST_USER = 10_000
"""Throw-away users begin here: no user of an image's own is ever meant."""
MOST_NAMES = 4096
"""A directory that can hold more names than this was not made for candidates."""
_GO, _LEAVE = b"g", b"l"


class Dirty(Exception):
    """Something is left that cannot be cleared away: this container is not to be used again."""


class Janitor:
    """Clears up after one candidate at a time; only process 1 of a container can be one."""

    def __init__(self, user: int, places: Sequence[str], *, without: frozenset[str] = frozenset()) -> None:
        """`user` is its own identity, nobody else's. Raises Dirty unless every place is a directory of a container."""
        self._user = user
        self._places = tuple(places)
        self._without = without
        if os.getpid() != 1:
            raise Dirty("clearing up is for process 1 of a container")
        for place in places:
            if "purge" not in without:
                _refuse_foreign(place)
            os.chmod(place, 0o1777)  # some runtimes give a mount the mode of what lay there in the image
        self._rooms = [_room(place) for place in places]
        self.forget()

    def forget(self) -> None:
        """Before the first candidate: nothing shall tell it that it is the first, as one that is looked at again is."""
        for place in self._places:
            _forget_times(place)

    def clear(self, user: int, first: int, reaped: Callable[[], _T]) -> _T:
        """KILL every process of `user`, wait until `reaped` returns, and remove the user's files. Raises Dirty.

        `first` is the candidate's first process. KILL to all goes out under a lock that fork takes too, so nothing
        slips through, however fast it forks.
        """
        if user < LEAST_USER:
            raise Dirty(f"user {user} is no throw-away user")
        read, write = os.pipe()
        worker = os.fork()
        if worker == 0:
            os.close(write)
            self._work(user, first, read)
        os.close(read)
        try:
            found = reaped()
            with contextlib.suppress(BrokenPipeError):  # a worker that died says so by its exit code
                os.write(write, _GO if self._touched() and "purge" not in self._without else _LEAVE)
        finally:
            os.close(write)
            _, status = os.waitpid(worker, 0)
        if "purge" not in self._without:
            self._check(os.waitstatus_to_exitcode(status))
        return found

    def _work(self, user: int, first: int, read: int) -> NoReturn:
        """The worker's whole life: it can signal the user's processes, and they cannot signal it."""
        code = 1
        try:
            os.setgroups([])
            os.setresgid(self._user, user, self._user)
            os.setresuid(self._user, user, self._user)
            os.kill(first if "kill_all" in self._without else -1, signal.SIGKILL)
            if os.read(read, 1) == _GO:
                for place in self._places:
                    _refuse_foreign(place)
                    empty(place)
            code = 0
        finally:
            os._exit(code)

    def _touched(self) -> bool:
        return any(os.stat(place).st_mtime_ns or os.listdir(place) for place in self._places)

    def _check(self, code: int) -> None:
        if code:
            raise Dirty(f"clearing up ended with code {code}")
        for place, room in zip(self._places, self._rooms, strict=True):
            if os.listdir(place) or _room(place) != room:
                raise Dirty(f"something is left in {place}")
            _forget_times(place)


def _refuse_foreign(place: str) -> None:
    """Raises Dirty unless `place` is a mount of its own, as small as a candidate's, and we are where no host is."""
    found, room = os.lstat(place), os.statvfs(place)
    is_own = stat.S_ISDIR(found.st_mode) and found.st_dev != os.stat(os.path.dirname(place)).st_dev
    if not is_own or not 0 < room.f_files <= MOST_NAMES:
        raise Dirty(f"{place} is not a candidate's own directory; nothing was deleted")


def _room(place: str) -> tuple[int, int]:
    """Free blocks and free names."""
    found = os.statvfs(place)
    return found.f_bfree, found.f_ffree


def _forget_times(place: str) -> None:
    os.utime(place, ns=(0, 0))


def empty(place: str) -> None:
    """Remove all that lies in `place`, with constant memory and descriptors however deep it is.

    A directory that is not empty is emptied by moving what it holds up to `place`; names number a few thousand.
    """
    top = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    moved = 0
    try:
        while names := os.listdir(top):
            for name in names:
                if stat.S_ISDIR(os.stat(name, dir_fd=top, follow_symlinks=False).st_mode):
                    moved += _lift(top, name, moved)
                    os.rmdir(name, dir_fd=top)
                else:
                    os.unlink(name, dir_fd=top)
    finally:
        os.close(top)


def _lift(top: int, name: str, number: int) -> int:
    """Move everything in directory `name` up to `top` under names of our own; how many there were."""
    os.chmod(name, 0o700, dir_fd=top)
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        held = os.listdir(inner)
        for place, child in enumerate(held):
            if stat.S_ISDIR(os.stat(child, dir_fd=inner, follow_symlinks=False).st_mode):
                os.chmod(child, 0o700, dir_fd=inner)  # to move a directory one must be able to write its ".."
            os.rename(child, f".lifted-{number + place}", src_dir_fd=inner, dst_dir_fd=top)
    finally:
        os.close(inner)
    return len(held)
