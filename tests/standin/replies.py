"""Bodies of an OpenAI-compatible server: completions, chunks of a stream, embeddings, errors."""

from __future__ import annotations

import base64
import hashlib
import itertools
import math
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from .chat import ChatReply, ChatRequest

DIMENSIONS = 64
PIECE = 24
"""Characters of one piece of a stream."""

ERRORS: Mapping[str, tuple[int, str, str | None, str]] = {
    "429": (429, "requests", "rate_limit_exceeded", "Rate limit reached for requests."),
    "500": (500, "server_error", None, "The server had an error while processing your request."),
    "503": (503, "server_error", None, "The engine is currently overloaded, please try again later."),
    "401": (401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided: sk-…abcd."),
    "402": (402, "invalid_request_error", "payment_required", "Your balance is exhausted; add credits to go on."),
    "quota": (429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota; check your plan."),
    "overflow": (
        400,
        "invalid_request_error",
        "context_length_exceeded",
        "This model's maximum context length is {context} tokens. However, your messages resulted in {prompt} tokens.",
    ),
}
"""Status, type, code and message of each error."""


def error(kind: str, **numbers: object) -> tuple[int, dict[str, Any]]:
    """Status and body of an error of a kind."""
    status, type_, code, message = ERRORS[kind]
    return status, {"error": {"message": message.format(**numbers), "type": type_, "param": None, "code": code}}


def refusal(status: int, message: str, code: str | None = None) -> tuple[int, dict[str, Any]]:
    """Status and body for a request that is at fault itself."""
    return status, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}


def completion(request: ChatRequest, reply: ChatReply, usage: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a whole answer."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    choice = {"index": 0, "message": message, "finish_reason": reply.finish, "logprobs": None}
    return {**_frame(request, "chat.completion"), "choices": [choice], "usage": dict(usage)}


def stream(request: ChatRequest, reply: ChatReply, usage: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The chunks of a streamed answer; usage only when `stream_options.include_usage` asks for it."""
    frame = _frame(request, "chat.completion.chunk")
    deltas: list[dict[str, str]] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": piece} for piece in _pieces(reply.reasoning)]
    deltas += [{"content": piece} for piece in _pieces(reply.text)]
    for delta in deltas:
        yield {**frame, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield {**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": reply.finish}]}
    if (request.body.get("stream_options") or {}).get("include_usage"):
        yield {**frame, "choices": [], "usage": dict(usage)}


def _frame(request: ChatRequest, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{request.number}", "object": kind, "created": 1_700_000_000, "model": request.model}


def _pieces(text: str) -> list[str]:
    return [text[start : start + PIECE] for start in range(0, len(text), PIECE)]


def embeddings(body: Mapping[str, Any]) -> dict[str, Any]:
    """Vectors by feature hashing of words and word pairs: texts that share most words lie close together."""
    given = body.get("input", "")
    texts = given if isinstance(given, list) else [given]
    packed = body.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": _packed(vector) if packed else vector}
        for index, vector in enumerate(embed(str(text)) for text in texts)
    ]
    tokens = sum(-(-len(str(text).encode()) // 4) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": body.get("model", ""), "usage": usage}


def embed(text: str) -> list[float]:
    """A unit vector of `DIMENSIONS` numbers."""
    words = re.findall(r"\w+|[^\w\s]", text)
    vector = [0.0] * DIMENSIONS
    for feature in [*words, *(f"{left} {right}" for left, right in itertools.pairwise(words))]:
        digest = hashlib.blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        vector[digest[0] % DIMENSIONS] += 1.0 if digest[1] % 2 else -1.0
    norm = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / norm for value in vector]


def _packed(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def models(names: tuple[str, ...]) -> dict[str, Any]:
    """The body of `/v1/models`."""
    listed = [{"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "standin"} for name in names]
    return {"object": "list", "data": listed}
