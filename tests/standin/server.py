"""An OpenAI-compatible server on loopback: one asyncio thread, which carries hundreds of waiting calls for little."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from email.utils import formatdate
from types import TracebackType
from typing import Any

from . import replies, wire
from .chat import Call, ChatReply, ChatRequest, PrefixCache, usage
from .weather import NO_FAULTS, NO_LATENCY, Allowance, Fault, Faults, Latency

Headers = Mapping[str, str]
Answer = tuple[int, Any, Headers]
"""Status, body (text as it is, everything else as JSON) and further headers."""

HTML = "<html><body><h1>Welcome</h1><p>Please sign in to continue.</p></body></html>"
_RATES = (Fault.RATE, Fault.RATE_DATE, Fault.RATE_MS)
_ON_THE_WIRE = (Fault.DRIP, Fault.CUT, Fault.MALFORMED, Fault.CONTENT_TYPE)


class StandInServer:
    """Serves `/v1/chat/completions` (whole and streamed), `/v1/embeddings` and `/v1/models` while it is entered.

    `respond` makes the answer and must be a pure function of the request: latency and faults are decided by the
    request's body and how often it came before, so a run is repeatable whatever the order of arrival. `key` is the
    only bearer token accepted, `context` the window in tokens; `reasoning` refuses `temperature` and `max_tokens` as
    reasoning models do. `calls` lists what was asked, in order of arrival, filled in as it is answered.
    """

    def __init__(
        self,
        respond: Callable[[ChatRequest], ChatReply | str],
        *,
        latency: Latency = NO_LATENCY,
        faults: Faults = NO_FAULTS,
        allow: Allowance | None = None,
        key: str | None = None,
        context: int | None = None,
        reasoning: bool = False,
        models: tuple[str, ...] = ("standin",),
        port: int = 0,
    ) -> None:
        self.respond, self.latency, self.faults, self.allow = respond, latency, faults, allow
        self.key, self.context, self.reasoning, self.models = key, context, reasoning, models
        self.calls: list[Call] = []
        self._port = port
        self._cache = PrefixCache()
        self._seen: Counter[str] = Counter()
        self._struck = 0
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="standin", daemon=True)
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The `api_base` to give to a client."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def chats(self) -> list[Call]:
        """The calls that asked for a chat completion, in order of arrival."""
        return [call for call in list(self.calls) if call.path.endswith("/chat/completions")]

    def __enter__(self) -> StandInServer:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> None:
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self._port, backlog=1024, limit=wire.LIMIT
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while (request := await wire.read_request(reader)) is not None:
                if not await self._serve(request, writer):
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client is gone, or the server stops
        finally:
            self._open.discard(task)
            writer.close()

    async def _serve(self, request: wire.HttpRequest, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when the connection is done with."""
        call = Call(request.path, len(self.calls), time.monotonic(), headers=request.headers)
        self.calls.append(call)
        try:
            if request.path.endswith("/chat/completions"):
                return await self._chat(request, call, writer)
            await self._send(writer, call, self._other(request))
            return True
        finally:
            call.ended = time.monotonic()

    def _other(self, request: wire.HttpRequest) -> Answer:
        if not self._authorized(request.headers):
            return (*replies.error("401"), {})
        if request.path.endswith("/models"):
            return 200, replies.models(self.models), {}
        if request.path.endswith("/embeddings"):
            return 200, replies.embeddings(json.loads(request.body)), {}
        return (*replies.refusal(404, f"Unknown request URL: {request.method} {request.path}"), {})

    def _authorized(self, headers: Headers) -> bool:
        return self.key is None or headers.get("authorization") == f"Bearer {self.key}"

    async def _chat(self, request: wire.HttpRequest, call: Call, writer: asyncio.StreamWriter) -> bool:
        refused = self._at_the_door(request, call)
        if refused is not None:
            await self._send(writer, call, refused)
            return True
        chat = call.request
        assert chat is not None
        key = f"{hashlib.sha256(request.body).hexdigest()}:{chat.occurrence}"
        fault = self.faults.strikes(key, self._struck)
        self._struck += 1
        call.fault = fault.value if fault else ""
        await asyncio.sleep(self.latency.seconds(key))
        if fault is Fault.HANG:
            await asyncio.sleep(self.faults.hang)
            return False
        if fault and fault not in _ON_THE_WIRE and (answer := self._failed(fault, chat)):
            await self._send(writer, call, answer)
            return True
        return await self._answer(chat, fault, call, writer)

    def _at_the_door(self, request: wire.HttpRequest, call: Call) -> Answer | None:
        """What a server refuses before any work: no key, too many calls, a request it does not understand."""
        if not self._authorized(request.headers):
            return (*replies.error("401"), {})
        try:
            body = json.loads(request.body)
            digest = hashlib.sha256(request.body).hexdigest()
            chat = ChatRequest.read(body, call.number, self._seen[digest])
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            return (*replies.refusal(400, f"We could not parse your request: {problem}"), {})
        call.request = chat
        wait = self.allow.refuse(time.monotonic()) if self.allow else None
        if wait is not None:
            return (*replies.error("429"), {"retry-after": str(math.ceil(wait)), "retry-after-ms": f"{wait * 1e3:.0f}"})
        self._seen[digest] += 1
        if self.reasoning and (chat.temperature not in (None, 1, 1.0) or "max_tokens" in body):
            name = "max_tokens" if "max_tokens" in body else "temperature"
            return (*replies.refusal(400, f"Unsupported parameter: '{name}'", "unsupported_parameter"), {})
        if self.context is not None and chat.prompt_tokens + (chat.max_tokens or 0) > self.context:
            return (*replies.error("overflow", context=self.context, prompt=chat.prompt_tokens), {})
        return None

    def _failed(self, fault: Fault, chat: ChatRequest) -> Answer | None:
        if fault in _RATES:
            return (*replies.error("429"), self._retry_after(fault))
        if fault in (Fault.EMPTY, Fault.TRUNCATED, Fault.FILTERED):
            return None
        return (*replies.error(fault.value, context=chat.prompt_tokens - 1, prompt=chat.prompt_tokens), {})

    def _retry_after(self, fault: Fault) -> Headers:
        if fault is Fault.RATE_MS:
            return {"retry-after-ms": f"{self.faults.wait * 1e3:.0f}"}
        if fault is Fault.RATE_DATE:
            return {"retry-after": formatdate(math.ceil(time.time() + self.faults.wait), usegmt=True)}
        return {"retry-after": f"{self.faults.wait:g}"}

    async def _answer(self, chat: ChatRequest, fault: Fault | None, call: Call, writer: asyncio.StreamWriter) -> bool:
        try:
            given = self.respond(chat)
        except Exception as problem:  # a test's own mistake: shown to whoever reads the client's error
            await self._send(writer, call, (*replies.refusal(500, f"respond failed: {problem!r}"), {}))
            return True
        reply = _spoilt(ChatReply(given) if isinstance(given, str) else given, fault).within(chat.max_tokens)
        call.text, call.usage = reply.text, usage(chat, reply, self._cache.tokens(chat))
        if fault is Fault.CONTENT_TYPE:
            await self._send(writer, call, (200, HTML, {}))
            return True
        if chat.stream:
            return await self._stream(chat, reply, fault, call, writer)
        body = json.dumps(replies.completion(chat, reply, call.usage)).encode()
        if fault is Fault.MALFORMED:
            body = body[: len(body) * 2 // 3]
        call.status = 200
        writer.write(wire.head(200, "application/json", len(body), {}))
        if fault is Fault.CUT:
            writer.write(body[: len(body) // 2])
            await writer.drain()
            return False
        await self._body(writer, body, fault)
        return True

    async def _stream(
        self, chat: ChatRequest, reply: ChatReply, fault: Fault | None, call: Call, writer: asyncio.StreamWriter
    ) -> bool:
        assert call.usage is not None
        events = [wire.event(part) for part in replies.stream(chat, reply, call.usage)] + [wire.event("[DONE]")]
        if fault in (Fault.CUT, Fault.MALFORMED):
            events = events[: len(events) // 2] + [b'data: {"id": "chatcmpl-'] * (fault is Fault.MALFORMED)
        call.status = 200
        writer.write(wire.head(200, "text/event-stream", None, {}))
        for event in events:
            await self._body(writer, wire.chunk(event), fault, share=1 / len(events))
        if fault is Fault.CUT:
            return False
        writer.write(wire.chunk(b""))
        await writer.drain()
        return True

    async def _body(self, writer: asyncio.StreamWriter, data: bytes, fault: Fault | None, share: float = 1.0) -> None:
        if fault is not Fault.DRIP:
            writer.write(data)
            await writer.drain()
            return
        size = -(-len(data) // 10)
        for start in range(0, len(data), size):
            writer.write(data[start : start + size])
            await writer.drain()
            await asyncio.sleep(self.faults.drip * share / 10)

    async def _send(self, writer: asyncio.StreamWriter, call: Call, answer: Answer) -> None:
        status, body, extra = answer
        text = isinstance(body, str)
        data = body.encode() if text else json.dumps(body).encode()
        call.status = status
        writer.write(wire.head(status, "text/html" if text else "application/json", len(data), extra) + data)
        await writer.drain()


def _spoilt(reply: ChatReply, fault: Fault | None) -> ChatReply:
    """The faults that are answers of their own: no text, half of it, or none for reasons of policy."""
    if fault is Fault.EMPTY:
        return ChatReply("", reply.reasoning)
    if fault is Fault.TRUNCATED:
        return ChatReply(reply.text[: len(reply.text) // 2], reply.reasoning, "length")
    if fault is Fault.FILTERED:
        return ChatReply("", reply.reasoning, "content_filter")
    return reply
