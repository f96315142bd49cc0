"""Frames over stream sockets and pipes: between trusted processes, and (with a nonce) with the candidate."""

from __future__ import annotations

import array
import os
import socket
import struct
from collections.abc import Sequence

FRAME = struct.Struct(">BI")
"""Between trusted processes: kind, length."""
CALL = struct.Struct("<BIQ")
"""Between evaluator and candidate: kind, length, nonce."""

Ancillary = Sequence[tuple[int, int, bytes]]

_CREDENTIALS = struct.Struct("3i")
_SCM_CREDENTIALS = getattr(socket, "SCM_CREDENTIALS", -1)  # Linux only
_ANCILLARY_SPACE = socket.CMSG_SPACE(4 * 4) + socket.CMSG_SPACE(_CREDENTIALS.size)


class Closed(Exception):
    """The other end is gone."""


class Channel:
    """Blocking frames over a Unix stream socket, with descriptors attached where asked."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.sender = 0
        """The process that sent the last frame, where the socket passes credentials."""

    def send(self, kind: int, payload: bytes = b"", fds: Sequence[int] = (), ancillary: Ancillary = ()) -> None:
        """Send one frame, with descriptors or other ancillary data. Raises Closed."""
        data = FRAME.pack(kind, len(payload)) + payload
        if fds:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds).tobytes())]
        try:
            if ancillary:
                data = data[self.sock.sendmsg([data], ancillary) :]
            self.sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            raise Closed from None

    def receive(self) -> tuple[int, bytes, list[int]]:
        """Wait for one frame: kind, payload and descriptors. Raises Closed, and TimeoutError if the socket has one."""
        try:
            head, controls, _, _ = self.sock.recvmsg(FRAME.size, _ANCILLARY_SPACE)
            fds = self._open(controls)
            head += self._exactly(FRAME.size - len(head)) if head else b""
            if not head:
                raise Closed
            kind, size = FRAME.unpack(head)
            return kind, self._exactly(size), fds
        except ConnectionResetError:
            raise Closed from None

    def _exactly(self, size: int) -> bytes:
        chunks = bytearray()
        while len(chunks) < size:
            chunk = self.sock.recv(min(size - len(chunks), 1 << 20))
            if not chunk:
                raise Closed
            chunks += chunk
        return bytes(chunks)

    def _open(self, controls: Ancillary) -> list[int]:
        found = array.array("i")
        for level, kind, data in controls:
            if level != socket.SOL_SOCKET:
                continue
            if kind == socket.SCM_RIGHTS:
                found.frombytes(data[: len(data) - len(data) % found.itemsize])
            elif kind == _SCM_CREDENTIALS:
                self.sender = _CREDENTIALS.unpack(data)[0]
        return found.tolist()

    def close(self) -> None:
        """Close this end."""
        self.sock.close()


def read_frame(fd: int) -> tuple[int, bytes]:
    """Read one frame from a pipe. Raises Closed at its end."""
    kind, size = FRAME.unpack(_read_exactly(fd, FRAME.size))
    return kind, _read_exactly(fd, size)


def _read_exactly(fd: int, size: int) -> bytes:
    chunks = bytearray()
    while len(chunks) < size:
        chunk = os.read(fd, min(size - len(chunks), 1 << 20))
        if not chunk:
            raise Closed
        chunks += chunk
    return bytes(chunks)


def write_frame(fd: int, kind: int, payload: bytes) -> None:
    """Write one frame to a pipe. Raises BrokenPipeError when nobody reads."""
    data = memoryview(FRAME.pack(kind, len(payload)) + payload)
    while data:
        data = data[os.write(fd, data) :]
