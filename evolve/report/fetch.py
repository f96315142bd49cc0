"""One bounded HTTP GET, to see who is there.

By hand and not by `http.client`, whose timeout is per read: a server that drips would be waited for without end.
"""

from __future__ import annotations

import asyncio
import http.client
import io
from urllib.parse import urlsplit

LIMIT = 2**20
"""Bytes of a body that are read at most."""


async def fetch(url: str, seconds: float, socket: str | None = None) -> tuple[int, bytes]:
    """Status and body (at most `LIMIT` bytes) of a GET that takes no longer than `seconds` in all.

    With `socket` the connection goes through that Unix socket, whatever host the address names. Raises OSError,
    TimeoutError, or ValueError when the address or the answer is not HTTP.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url} is not an http address")
    async with asyncio.timeout(seconds):
        if socket is not None:
            reader, writer = await asyncio.open_unix_connection(socket)
        else:
            secure = parts.scheme == "https"
            port = parts.port or (443 if secure else 80)
            reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure or None)
        try:
            head = f"GET {parts.path or '/'} HTTP/1.0\r\nHost: {parts.netloc}\r\nAccept: application/json\r\n\r\n"
            writer.write(head.encode())
            return await _answer(reader)
        finally:
            writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    try:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        status = int(first.split()[1])
        headers = http.client.parse_headers(io.BytesIO(b"\r\n".join(lines)))
        length = min(int(headers.get("content-length") or LIMIT), LIMIT)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, IndexError, http.client.HTTPException):
        raise ValueError("the answer is not HTTP") from None
    body = b""
    while len(body) < length and (more := await reader.read(length - len(body))):
        body += more
    return status, body
