"""Messages to providers and what comes back from them, in litellm's form; knows the form, not the library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evolve.domain import Finish, Message, Usage
from evolve.llm.base import BYTES_PER_TOKEN, Request


def messages(messages: Sequence[Message], *, marked: bool) -> list[dict[str, Any]]:
    """In litellm's form; the last message of the stable beginning is marked for providers that cache on request.

    Lone surrogates are replaced.
    """
    plain: list[dict[str, Any]] = [{"role": message.role.value, "content": whole(message.text)} for message in messages]
    stable = next((at for at, message in enumerate(messages) if not message.stable), len(messages))
    if marked and stable:
        text = {"type": "text", "text": plain[stable - 1]["content"], "cache_control": {"type": "ephemeral"}}
        plain[stable - 1]["content"] = [text]
    return plain


def whole(text: str) -> str:
    """Text that can be sent: lone surrogates, which JSON can spell and UTF-8 cannot, become question marks."""
    return text.encode("utf-8", "replace").decode()


def usage(request: Request, response: Any, text: str, *, reasoning: bool) -> tuple[Usage, int]:
    """Tokens as the provider counts them, and how many were put into its cache.

    A provider that does not count is estimated from above: three bytes a token, and all a reasoning model may think.
    """
    given = getattr(response, "usage", None)
    prompt, output = _count(given, "prompt_tokens"), _count(given, "completion_tokens")
    if not prompt:
        prompt = request.prompt_guess
        output = output or (request.max_tokens if reasoning else _tokens(text))
    cached = min(prompt, _count(getattr(given, "prompt_tokens_details", None), "cached_tokens"))
    written = min(prompt - cached, _count(given, "cache_creation_input_tokens"))
    thought = min(output, _count(getattr(given, "completion_tokens_details", None), "reasoning_tokens"))
    return Usage(prompt, cached, output, thought), written


def _count(holder: Any, name: str) -> int:
    value = getattr(holder, name, None)
    return int(value) if isinstance(value, int | float) and value > 0 else 0


def _tokens(text: str) -> int:
    return -(-len(text.encode("utf-8", "surrogatepass")) // int(BYTES_PER_TOKEN))


def finish(choice: Any) -> tuple[Finish, str]:
    """How an answer ended, and why when it did not end by itself."""
    extras = getattr(choice.message, "provider_specific_fields", None) or {}
    refusal = getattr(choice.message, "refusal", None) or extras.get("refusal")
    if choice.finish_reason == "content_filter" or refusal:
        return Finish.BLOCKED, str(refusal or "withheld by the provider's content policy")
    return (Finish.LENGTH, "cut off at the output limit") if choice.finish_reason == "length" else (Finish.STOP, "")
