"""A root file system as a stream of tar blocks: the same entries always give the same bytes."""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

WHEN = 1_577_836_800
"""The usual time of modification in an image, 2020-01-01: builds do not differ by when they were made."""
_CHUNK = 1024**2


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in an image: a file (`data` is called when its turn comes), a link, or else a directory.

    `path` is relative to the root, `when` its time of modification in seconds of the epoch. `mode` keeps its execute
    bits alone: nothing is writable by others or set-uid.
    """

    path: str
    data: Callable[[], bytes] | None = None
    link: str = ""
    mode: int = 0o644
    when: int = WHEN


def folder(path: str) -> Entry:
    """An empty directory."""
    return Entry(path, mode=0o755)


def text(path: str, content: str) -> Entry:
    """A small file of this text."""
    return Entry(path, content.encode)


def stream(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The tar of these entries in the order of their paths, with the directories they need; the last of a path counts.

    Raises OSError when a file cannot be read.
    """
    chosen = {entry.path: entry for entry in entries}
    for path in list(chosen):
        while path := posixpath.dirname(path):
            chosen.setdefault(path, folder(path))
    waiting = bytearray()
    for path in sorted(chosen):
        for block in _blocks(chosen[path]):
            waiting += block
        if len(waiting) >= _CHUNK:  # each piece is a write to the daemon's socket, and most files are small
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting) + bytes(2 * tarfile.BLOCKSIZE)


def _blocks(entry: Entry) -> Iterator[bytes]:
    info = tarfile.TarInfo(entry.path)
    info.mtime = entry.when
    info.mode = 0o755 if entry.mode & 0o111 else 0o644
    data = b""
    if entry.data is not None:
        data = entry.data()
        info.size = len(data)
    elif entry.link:
        info.type, info.linkname = tarfile.SYMTYPE, entry.link
    else:
        info.type = tarfile.DIRTYPE
    yield info.tobuf(tarfile.GNU_FORMAT)
    yield data
    yield bytes(-len(data) % tarfile.BLOCKSIZE)
