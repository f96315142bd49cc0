"""What is asked of the stand-in and what it answers, as records; and how it counts tokens."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

BYTES_PER_TOKEN = 4
"""The rule by which the stand-in counts: four bytes of UTF-8 are a token, a begun one counts whole."""
MESSAGE_TOKENS = 4
"""Tokens that every message costs beyond its text, as in OpenAI's chat format."""
CACHE_BLOCK = 128
CACHE_FROM = 1024
"""Prompts are cached in whole blocks of 128 tokens, from 1,024 tokens on: OpenAI's documented rule."""


def count_tokens(text: str) -> int:
    """Tokens of a text by the stand-in's own rule."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


@dataclass(frozen=True)
class ChatRequest:
    """One chat request as a server reads it. `number` counts the requests of a server; `body` is all of it.

    `occurrence` counts equal bodies from 0, so that (body, occurrence) names a request whatever order they came in.
    """

    model: str
    messages: tuple[tuple[str, str], ...]
    max_tokens: int | None = None
    temperature: float | None = None
    seed: int | None = None
    stream: bool = False
    number: int = 0
    occurrence: int = 0
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All messages as one text, for looking things up."""
        return "\n\n".join(text for _, text in self.messages)

    @property
    def prompt_tokens(self) -> int:
        return sum(count_tokens(text) + MESSAGE_TOKENS for _, text in self.messages)

    @classmethod
    def read(cls, body: Mapping[str, Any], number: int = 0, occurrence: int = 0) -> ChatRequest:
        """Raises ValueError for what no OpenAI-compatible server would accept."""
        if not isinstance(body.get("model"), str):
            raise ValueError("you must provide a model parameter")
        if not isinstance(body.get("messages"), list) or not body["messages"]:
            raise ValueError("'messages' must be a list that is not empty")
        return cls(
            model=body["model"],
            messages=tuple((str(message["role"]), _text(message.get("content"))) for message in body["messages"]),
            max_tokens=body.get("max_completion_tokens", body.get("max_tokens")),
            temperature=body.get("temperature"),
            seed=body.get("seed"),
            stream=bool(body.get("stream")),
            number=number,
            occurrence=occurrence,
            body=body,
        )


def _text(content: Any) -> str:
    """A message's text; a list of typed parts is how caching marks are sent."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content)
    return content or ""


@dataclass(frozen=True)
class ChatReply:
    """An answer before the token limit is applied. `reasoning` is thought that is billed and not part of the text."""

    text: str
    reasoning: str = ""
    finish: str = "stop"

    def within(self, limit: int | None) -> ChatReply:
        """Cut at `limit` tokens as a server does: thinking counts first, and `finish` becomes "length"."""
        if limit is None or count_tokens(self.reasoning) + count_tokens(self.text) <= limit:
            return self
        room = limit * BYTES_PER_TOKEN
        thought = self.reasoning.encode()[:room]
        text = self.text.encode("utf-8", "surrogatepass")[: room - len(thought)]
        return ChatReply(text.decode("utf-8", "ignore"), thought.decode("utf-8", "ignore"), "length")


@dataclass
class Call:
    """One request as the server saw it; `ended` and what follows are filled in when it has been answered.

    `fault` is the fault that struck it ("" for none), times are of `time.monotonic`. `usage` is as reported: None
    when the answer carried none.
    """

    path: str
    number: int
    started: float
    request: ChatRequest | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    ended: float | None = None
    status: int | None = None
    fault: str = ""
    text: str = ""
    usage: Mapping[str, Any] | None = None


class PrefixCache:
    """Which prompts were seen before, as a provider's prompt cache would know: whole blocks from the start."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def tokens(self, request: ChatRequest) -> int:
        """How many tokens of the prompt come from the cache; remembers the prompt."""
        raw = json.dumps([request.model, request.messages], ensure_ascii=False).encode("utf-8", "surrogatepass")
        running, size, cached = hashlib.sha256(), CACHE_BLOCK * BYTES_PER_TOKEN, 0
        for end in range(size, len(raw) + 1, size):
            running.update(raw[end - size : end])
            digest = running.digest()
            if digest in self._seen and cached == end - size:
                cached = end
            self._seen.add(digest)
        tokens = min(cached // BYTES_PER_TOKEN, request.prompt_tokens)
        return tokens if tokens >= CACHE_FROM else 0


def usage(request: ChatRequest, reply: ChatReply, cached: int) -> dict[str, Any]:
    """The `usage` object of an answer."""
    reasoning = count_tokens(reply.reasoning)
    output = count_tokens(reply.text) + reasoning
    return {
        "prompt_tokens": request.prompt_tokens,
        "completion_tokens": output,
        "total_tokens": request.prompt_tokens + output,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }
