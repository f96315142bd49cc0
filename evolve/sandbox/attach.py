"""A container's stdin and stdout as a line: Docker's attach stream, taken apart."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import struct
from typing import Any

from evolve.errors import SandboxUnavailable
from evolve.sandbox.line import BUFFER

_HEAD = struct.Struct(">BxxxI")
"""What Docker puts before each piece of output: which stream (2 is stderr), how many bytes."""
_STDERR = 2
_WORDS = 2000
_REMOVED = 404
_BEING_REMOVED = 409


class ContainerLine:
    """A supervisor that is process 1 of a container; closing it removes the container."""

    def __init__(self, client: Any, container: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.container = container
        """The container's id."""
        self._client = client
        self._reader, self._writer = reader, writer
        self._said = bytearray()
        self._words = b""

    @classmethod
    async def attach(cls, client: Any, container: str) -> ContainerLine:
        """Hold a created container's three streams; start it afterwards. Raises SandboxUnavailable."""
        parameters = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        attaching = asyncio.ensure_future(asyncio.to_thread(client.api.attach_socket, container, parameters))
        try:
            wrapped = await asyncio.shield(attaching)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):  # the thread goes on: what it brings is let go of
                wrapped = await attaching
                _let_go(wrapped, getattr(wrapped, "_sock", wrapped))
            raise
        raw = getattr(wrapped, "_sock", wrapped)
        if not isinstance(raw, socket.socket) or isinstance(raw, ssl.SSLSocket):
            _let_go(wrapped, raw)
            raise SandboxUnavailable(
                f"Docker at {client.api.base_url} is reached through {type(raw).__name__}, which carries no stream of"
                " ours; set DOCKER_HOST to a unix:// or tcp:// address (a forwarded socket), or use --sandbox local"
            )
        own = socket.socket(fileno=os.dup(raw.fileno()))
        _let_go(wrapped, raw)
        own.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=own, limit=BUFFER)
        return cls(client, container, reader, writer)

    @property
    def alive(self) -> bool:
        """Whether it has not hung up yet."""
        return not self._reader.at_eof() and not self._writer.is_closing()

    def write(self, data: bytes) -> None:
        """Put bytes on their way to its stdin."""
        self._writer.write(data)

    async def drain(self) -> None:
        """Wait until more can be written."""
        await self._writer.drain()

    async def readexactly(self, size: int) -> bytes:
        """The next bytes of its stdout; what it says on stderr meanwhile is kept for `last_words`."""
        while len(self._said) < size:
            stream, length = _HEAD.unpack(await self._reader.readexactly(_HEAD.size))
            piece = await self._reader.readexactly(length)
            if stream == _STDERR:
                self._words = (self._words + piece)[-_WORDS:]
            else:
                self._said += piece
        data = bytes(self._said[:size])
        del self._said[:size]
        return data

    def last_words(self) -> str:
        """The end of what it wrote to stderr."""
        return self._words.decode("utf-8", "replace").strip()

    async def close(self, patience: float) -> None:
        """Hang up and have the daemon KILL and remove it; a daemon that is gone has done so already."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
        await asyncio.to_thread(remove, self._client, self.container)


def _let_go(wrapped: Any, raw: Any) -> None:
    """Close what the SDK holds of a connection; a copy of the socket lives on."""
    for held in (getattr(wrapped, "_response", None), wrapped, raw):
        if held is not None:
            held.close()


def remove(client: Any, container: str) -> None:
    """KILL and remove a container of ours; no matter when it is gone or on its way out."""
    import docker.errors
    import requests.exceptions

    try:
        client.api.remove_container(container, force=True, v=True)
    except docker.errors.APIError as error:
        if error.status_code not in (_REMOVED, _BEING_REMOVED):
            raise SandboxUnavailable(
                f"the container {container[:12]} cannot be removed: {error.explanation}"
            ) from error
    except requests.exceptions.RequestException:
        return  # no daemon, no container: they end with it, and the next start looks for any that did not
