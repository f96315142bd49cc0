"""The client of every provider: the only file that imports litellm, which takes 5 CPU s and so is done on first use."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sys
import threading
import time
import weakref
from collections.abc import Coroutine
from types import ModuleType
from typing import Any

from evolve.config import ModelSettings
from evolve.domain import Completion, Finish, Message, Role
from evolve.errors import ModelRefused, ModelUnavailable
from evolve.llm.base import Card, Request
from evolve.llm.cards import card_from
from evolve.llm.failures import Failure, Kind, diagnose
from evolve.llm.target import listed, target_of
from evolve.llm.wire import finish, messages, usage, whole

CONNECT = 20.0
"""Seconds in which a connection must come about."""
CACHED_ON_REQUEST = ("anthropic/", "openrouter/anthropic/", "vertex_ai/claude", "bedrock/")
"""Models whose providers cache a prompt only where it is marked; the others do it by themselves or not at all."""

_loading = threading.Lock()
_rehearsed = threading.Event()
_open: weakref.WeakSet[LiteLLMClient] = weakref.WeakSet()


def load() -> ModuleType:
    """litellm, set up so that it asks nobody for price lists, reads no `.env`, reports nothing and keeps quiet."""
    with _loading:
        os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
        import litellm

        for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what it complains of is raised, too
        litellm.suppress_debug_info = True
        litellm.telemetry = False
        litellm.disable_aiohttp_transport = True
        _log_nothing()
        return litellm


def _log_nothing() -> None:
    """Have litellm's log of answers dropped: nobody reads it, and its queue knows only one event loop at a time.

    With several, each change leaves a task behind that complains on standard error when its loop is closed.
    """
    from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

    setattr(GLOBAL_LOGGING_WORKER, "ensure_initialized_and_enqueue", _dropped)  # noqa: B010 - not a name of its type


def _dropped(async_coroutine: Coroutine[object, object, object]) -> None:
    async_coroutine.close()


def preload() -> None:
    """Import all that a first call needs; for a thread, while something else takes time anyway.

    litellm imports much of itself in its first call and its first failure, so one such call is made, to a port of this
    machine at which certainly nothing listens.
    """
    load()
    if _rehearsed.is_set():
        return
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        asyncio.run(_rehearse(f"http://127.0.0.1:{unheard.getsockname()[1]}"))
    _rehearsed.set()


async def _rehearse(address: str) -> None:
    client = LiteLLMClient(ModelSettings(name="openai/rehearsal", api_base=address, timeout=60.0))
    with contextlib.suppress(ModelRefused, ModelUnavailable):
        await client.call(Request("openai/rehearsal", (Message(Role.USER, "?"),), 16))
    await _disconnect(load())
    _open.discard(client)


def card_of(settings: ModelSettings) -> Card:
    """What is known of a model. Raises ModelRefused when nobody knows its provider."""
    litellm = load()
    target = target_of(litellm, settings)
    return card_from(settings, target.provider, listed(litellm, target))


class LiteLLMClient:
    """Fulfils `Client` for one model of any provider litellm knows, and for every OpenAI-compatible server.

    Args:
        settings: Which model, where, with which key, and how long a call may take.
    """

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._card: Card | None = None
        self._reached = False
        self._answered = False
        self._reasoning = settings.reasoning
        _open.add(self)

    @property
    def card(self) -> Card:
        """What is known of the model; imports litellm."""
        if self._card is None:
            self._card = card_of(self._settings)
        return self._card

    async def call(self, request: Request) -> Completion:
        """Ask once. See `Client` for what it raises.

        A model that turns out to be a reasoning model is asked again at once, in the way those want to be asked: the
        first request was turned down without an answer.
        """
        started = time.monotonic()
        try:
            response = await self._send(request)
        except (ModelUnavailable, ModelRefused):
            raise
        except Exception as error:
            failure = diagnose(error)
            self._reached = self._reached or failure.status is not None
            if failure.kind is Kind.PARAMETER and not self._asks_as_reasoning():
                self._reasoning = True
                return await self.call(request)
            return self._failed(failure, time.monotonic() - started)
        self._reached = self._answered = True
        return self._completion(request, response, time.monotonic() - started)

    async def close(self) -> None:
        """Give connections back; litellm shares them, so that the last client of the process closes them."""
        _open.discard(self)
        if not _open and self._card is not None:
            await _disconnect(load())

    async def _send(self, request: Request) -> Any:
        litellm = load()
        arguments = {**self._reach(litellm), **self._patience(), **self._wishes(request)}
        marked = arguments["model"].startswith(CACHED_ON_REQUEST)
        sent = messages(request.messages, marked=marked)
        try:
            # A server that sends a few bytes at a time never exceeds a read timeout: the whole call is limited.
            async with asyncio.timeout(self._settings.timeout):
                return await litellm.acompletion(messages=sent, drop_params=True, **arguments)
        except TimeoutError:
            raise self._late() from None

    def _reach(self, litellm: ModuleType) -> dict[str, Any]:
        target = target_of(litellm, self._settings)
        return {
            "model": target.name,
            "api_base": self._settings.api_base,
            "api_key": target.key,
        }

    def _patience(self) -> dict[str, Any]:
        import httpx

        timeout = httpx.Timeout(self._settings.timeout, connect=min(CONNECT, self._settings.timeout))
        return {"timeout": timeout, "num_retries": 0, "max_retries": 0}

    def _wishes(self, request: Request) -> dict[str, Any]:
        wishes: dict[str, Any] = {}
        temperature = self._settings.temperature if request.temperature is None else request.temperature
        if self._asks_as_reasoning():
            wishes["max_completion_tokens"] = request.max_tokens
        else:
            wishes["max_tokens"] = request.max_tokens
            if temperature is not None:
                wishes["temperature"] = temperature
        if self._settings.send_seed and request.seed is not None:
            wishes["seed"] = request.seed
        return wishes

    def _asks_as_reasoning(self) -> bool:
        return self.card.reasoning if self._reasoning is None else self._reasoning

    def _completion(self, request: Request, response: Any, wall: float) -> Completion:
        choice = response.choices[0] if response.choices else None
        if choice is None:
            raise ModelUnavailable(f"{self._settings.name} answered without a choice", billed=True)
        text = whole(choice.message.content or "")
        counted, written = usage(request, response, text, reasoning=self._asks_as_reasoning())
        price = self.card.price_of(counted.prompt)
        cost = None if price is None else price.cost(counted.prompt, counted.output, counted.cached, written)
        ended, reason = finish(choice)
        return Completion(text, ended, self._settings.name, counted, cost, wall, 1, reason)

    def _failed(self, failure: Failure, wall: float) -> Completion:
        """The completion that says what failed, for failures that are outcomes. Raises for all others."""
        name = self._settings.name
        if failure.kind in (Kind.OVERFLOW, Kind.BLOCKED):
            ended = Finish.OVERFLOW if failure.kind is Kind.OVERFLOW else Finish.BLOCKED
            return Completion("", ended, name, cost=0.0, wall=wall, reason=failure.said)
        if failure.kind in (Kind.REJECTED, Kind.PARAMETER) and self._answered:
            return Completion("", Finish.FAILED, name, cost=0.0, wall=wall, reason=failure.said)
        if failure.kind is Kind.UNREACHABLE and not self._reached:
            raise ModelRefused(self._unreachable(failure))
        if failure.kind in (Kind.REFUSED, Kind.REJECTED, Kind.PARAMETER):
            raise ModelRefused(self._refusal(failure))
        throttled = failure.kind is Kind.THROTTLED
        status = f" ({failure.status})" if failure.status else ""
        raise ModelUnavailable(
            f"{name}: {self._redacted(failure.said)}{status}",
            retry_after=failure.retry_after,
            billed=failure.billed,
            throttled=throttled,
        )

    def _late(self) -> ModelUnavailable:
        return ModelUnavailable(f"{self._settings.name}: no answer within {self._settings.timeout:g} s", billed=True)

    def _unreachable(self, failure: Failure) -> str:
        where, name = self._settings.api_base, self._settings.name
        if where is None:
            return f"{name}: its provider cannot be reached ({failure.said}); check the network and any proxy settings"
        return f"{name}: nothing listens at {where}; start the server, or correct --api-base"

    def _refusal(self, failure: Failure) -> str:
        status = f" ({failure.status})" if failure.status else ""
        said = f"{self._settings.name} refuses every call{status}: {self._redacted(failure.said).rstrip('.')}"
        return f"{said}; {self._way_out(failure)}"

    def _way_out(self, failure: Failure) -> str:
        if failure.kind is not Kind.REFUSED:
            return "the request does not suit this model; check its settings in llm.models"
        if failure.status in (404, 405):
            return "check the model's name" + (f" and {self._settings.api_base}" if self._settings.api_base else "")
        if failure.status == 402 or failure.status == 429:
            return "add credit to the account, or use another model"
        variable = self._settings.api_key_env or self._usual_key()
        if self._settings.api_base and not self._settings.api_key_env:
            return "name the environment variable that holds its key as api_key_env in llm.models"
        return f"set {variable} to a valid key" if variable else "check its key and name"

    def _usual_key(self) -> str:
        missing = load().validate_environment(target_of(load(), self._settings, keyless=True).name)
        target = target_of(load(), self._settings, keyless=True)
        return " or ".join(missing["missing_keys"]) or f"{target.provider.upper()}_API_KEY"

    def _redacted(self, text: str) -> str:
        key = os.environ.get(self._settings.api_key_env or self._usual_key(), "")
        return text.replace(key, "[key]") if len(key) >= 8 else text


async def disconnect() -> None:
    """Close this event loop's connections, which are kept open between clients of the same process."""
    if "litellm" in sys.modules:
        await _disconnect(load())


async def _disconnect(litellm: ModuleType) -> None:
    """Close this event loop's connections, which litellm keeps for ten minutes."""
    clients = litellm.in_memory_llm_clients_cache
    mine = f"-{id(asyncio.get_running_loop())}"
    for key in [key for key in clients.cache_dict if key.endswith(mine)]:
        client = clients.cache_dict.pop(key)
        clients.ttl_dict.pop(key, None)
        close = getattr(client, "aclose", None) or getattr(client, "close", None)
        if close is not None:
            await close()
