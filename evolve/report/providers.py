"""Language models as a run would reach them: keys in the environment, and one tiny real request to each named one."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evolve.config import ModelSettings
from evolve.domain import Completion, Finish, Message, Role
from evolve.errors import ModelRefused, ModelUnavailable
from evolve.llm.base import Card, Request
from evolve.report import figures
from evolve.report.findings import Finding, State
from evolve.report.text import bounded, one_line

KEYS: Mapping[str, tuple[str, ...]] = {
    "openai": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "openrouter": ("OPENROUTER_API_KEY",),
    "mistral": ("MISTRAL_API_KEY",),
    "deepseek": ("DEEPSEEK_API_KEY",),
    "xai": ("XAI_API_KEY",),
    "groq": ("GROQ_API_KEY",),
    "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY"),
    "fireworks_ai": ("FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY"),
    "cerebras": ("CEREBRAS_API_KEY",),
    "dashscope": ("DASHSCOPE_API_KEY",),
    "moonshot": ("MOONSHOT_API_KEY",),
    "nvidia_nim": ("NVIDIA_NIM_API_KEY",),
    "cohere": ("COHERE_API_KEY", "CO_API_KEY"),
    "azure": ("AZURE_API_KEY",),
    "bedrock": ("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"),
    "vertex_ai": ("GOOGLE_APPLICATION_CREDENTIALS",),
    "huggingface": ("HF_TOKEN", "HUGGINGFACE_API_KEY"),
}
"""The variables litellm reads a provider's key from, by the prefix of its model names."""
REQUEST = "Answer with the one word: ready"
MAX_TOKENS = 8
PATIENCE = 60.0
"""Most seconds the request may take: a local server may have to load its model first."""
BODY_LINES = 6

_SECRET = re.compile(r"\b(?:sk|pk|gsk|xai|hf)[-_][-_\w*]{8,}|\bAIza[-\w*]{8,}|(?<=Bearer )\S+")
"""What keys look like: some servers repeat the one they refuse."""


def keys() -> Finding:
    """Which providers have a key in the environment: names of variables, never a value."""
    found = {prefix: [name for name in names if os.environ.get(name, "").strip()] for prefix, names in KEYS.items()}
    there = {prefix: names for prefix, names in found.items() if names}
    details = {"variables": there}
    if not there:
        way_out = "set one, such as OPENAI_API_KEY, or use a model server of your own with --api-base"
        return Finding("keys", State.NOTE, "none in the environment", way_out, details)
    shown = ", ".join(f"{' '.join(names)} ({prefix}/...)" for prefix, names in there.items())
    return Finding("keys", State.OK, shown, details=details)


async def try_models(models: Sequence[ModelSettings]) -> list[Finding]:
    """One tiny request to each model, all at once."""
    if models:
        from evolve.llm.litellm import preload

        await asyncio.to_thread(preload)  # five seconds that are not the model's
    return list(await asyncio.gather(*(_try(model) for model in models)))


async def _try(settings: ModelSettings) -> Finding:
    from evolve.llm.litellm import LiteLLMClient, card_of

    patient = settings.model_copy(update={"timeout": min(settings.timeout, PATIENCE)})
    client = LiteLLMClient(patient)
    request = Request(settings.name, (Message(Role.USER, REQUEST),), MAX_TOKENS)
    try:
        completion = await client.call(request)
    except (ModelRefused, ModelUnavailable) as error:
        return _failed(settings, error)
    finally:
        await client.close()
    return _answered(settings, card_of(patient), completion)


def _answered(settings: ModelSettings, card: Card, completion: Completion) -> Finding:
    usage = completion.usage
    details: dict[str, Any] = {
        "model": settings.name,
        "seconds": completion.wall,
        "finish": completion.finish,
        "tokens": {"prompt": usage.prompt, "output": usage.output},
        "cost": completion.cost,
        "price": None if card.price is None else {"input": card.price.input, "output": card.price.output},
        "context": card.context,
        "max_output": card.output,
    }
    if completion.finish in (Finish.OVERFLOW, Finish.FAILED, Finish.BLOCKED):
        text = f"{settings.name}: {completion.finish}: {completion.reason}"
        return Finding("model", State.FAULT, one_line(text, 300), details=details)
    tokens = f"{figures.plural(usage.prompt, 'token')} in, {usage.output} out"
    text = f"{settings.name} answers in {figures.seconds(completion.wall)}; {tokens}, {_cost(card, completion)}"
    way_out = ""
    if card.price is None:
        way_out = "limit tokens (--budget 500ktokens), or give input_price and output_price in a settings file"
    return Finding("model", State.OK, one_line(text, 300), way_out, details)


def _cost(card: Card, completion: Completion) -> str:
    if card.price is None:
        return "price unknown, so a run can be limited by tokens and not by money"
    price = f"{figures.dollars(card.price.input)} in, {figures.dollars(card.price.output)} out per million tokens"
    return price if completion.cost is None else f"{figures.dollars(completion.cost)} ({price})"


def _failed(settings: ModelSettings, error: ModelRefused | ModelUnavailable) -> Finding:
    """The finding about a request that failed: what was asked, what the server said, and the way out."""
    exchange = _exchange(settings, error)
    details = {"model": settings.name, "refused": isinstance(error, ModelRefused), **exchange}
    lines = [str(error)]
    if "url" in exchange:
        status = exchange.get("status")
        lines.append(f"POST {exchange['url']}: {'no answer' if status is None else status}")
    if exchange.get("body"):
        lines.append(exchange["body"])
    text = bounded(redacted("\n".join(lines), settings), BODY_LINES + 2, 300)
    way_out = "" if isinstance(error, ModelRefused) else "try again in a while; a run would retry"
    return Finding("model", State.FAULT, text, way_out, {k: redacted(v, settings) for k, v in details.items()})


def _exchange(settings: ModelSettings, error: BaseException) -> dict[str, Any]:
    """URL, status and first lines of the answer, from the innermost error in the chain that knows them."""
    known: dict[str, Any] = {}
    for link in _chain(error):
        response = _attribute(link, "response")
        request = _attribute(response, "request") or _attribute(link, "request")
        url = _attribute(request, "url")
        if url is not None and not _made_up(link):
            known = {"url": str(url), "status": _attribute(response, "status_code")}
            known["body"] = bounded(str(_attribute(response, "text") or "").strip(), BODY_LINES, 300)
    if not known and settings.api_base is not None:
        return {"url": f"{settings.api_base.rstrip('/')}/chat/completions", "status": None}
    return known


def _made_up(error: BaseException) -> bool:
    """Whether the request in an error is an invention: litellm's own errors name servers nobody asked."""
    return type(error).__module__.startswith("litellm")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _attribute(thing: object, name: str) -> Any:
    try:
        return getattr(thing, name, None)
    except RuntimeError:  # httpx raises it for a request that was never set
        return None


def redacted(value: Any, settings: ModelSettings) -> Any:
    """A text without the key, should a server have repeated it; anything else as it is."""
    if not isinstance(value, str):
        return value
    names = {name for group in KEYS.values() for name in group} | {settings.api_key_env or ""}
    for secret in sorted((os.environ.get(name, "") for name in names), key=len, reverse=True):
        if len(secret) >= 6:
            value = value.replace(secret, "[key]")
    return _SECRET.sub("[key]", value)
