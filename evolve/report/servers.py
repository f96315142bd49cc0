"""Model servers: which listen on this machine, and which models they list."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from evolve.report.fetch import fetch
from evolve.report.findings import Finding, State
from evolve.report.text import one_line

SECONDS = 0.3
"""How long a server on this machine may take to list its models."""
FAR_SECONDS = 5.0
"""How long one may take that was named by its address."""
MODELS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Kind:
    """A model server people run: where it listens when nobody says, where it lists its models, how to ask for one.

    `prefix` is litellm's; without `native` the address has to be given, too.
    """

    name: str
    base: str
    path: str
    prefix: str
    native: bool = False


KINDS = (
    Kind("Ollama", "http://127.0.0.1:11434", "/api/tags", "ollama/", native=True),
    Kind("vLLM", "http://127.0.0.1:8000", "/v1/models", "openai/"),
    Kind("LM Studio", "http://127.0.0.1:1234", "/v1/models", "openai/"),
    Kind("llama.cpp", "http://127.0.0.1:8080", "/v1/models", "openai/"),
)


async def local_servers(kinds: Sequence[Kind] = KINDS) -> list[Finding]:
    """The model servers that listen here; one note when none does."""
    found = await asyncio.gather(*(_look(kind) for kind in kinds))
    listening = [finding for finding in found if finding is not None]
    if listening:
        return listening
    usual = ", ".join(f"{kind.name} {urlsplit(kind.base).port}" for kind in kinds)
    return [Finding("local servers", State.NOTE, f"none at the usual ports ({usual})")]


async def _look(kind: Kind) -> Finding | None:
    try:
        status, body = await fetch(f"{kind.base}{kind.path}", SECONDS)
        models = listed(body) if status == 200 else None
    except (OSError, ValueError, TimeoutError):
        return None
    if models is None:
        return None
    base = f" --api-base {kind.base}/v1" if not kind.native else ""
    return _serving(kind.name, kind.base, models, kind.prefix, base)


async def named_server(api_base: str) -> Finding:
    """What the server at an OpenAI-compatible address says it has; nothing there is a fault."""
    url = f"{api_base.rstrip('/')}/models"
    try:
        status, body = await fetch(url, FAR_SECONDS)
    except (OSError, ValueError, TimeoutError) as error:
        reason = f"no answer within {FAR_SECONDS:g} s" if isinstance(error, TimeoutError) else str(error)
        way_out = "start the server, or check the address: it usually ends in /v1"
        return Finding("server", State.FAULT, one_line(f"GET {url}: {reason}", 300), way_out, {"url": url})
    details = {"url": url, "status": status}
    if status in (401, 403):
        return Finding(
            "server", State.NOTE, f"GET {url}: {status}, it lists its models to nobody without a key", "", details
        )
    models = listed(body) if status == 200 else None
    if models is None:
        text = one_line(f"GET {url}: {status}, no list of models: {body[:200].decode('utf-8', 'replace')}", 300)
        return Finding("server", State.NOTE, text, "check the address: it usually ends in /v1", details)
    return _serving("server", api_base, models, "openai/", f" --api-base {api_base}")


def _serving(name: str, address: str, models: Sequence[str], prefix: str, base: str) -> Finding:
    details = {"address": address, "models": list(models)}
    if not models:
        return Finding(name, State.NOTE, f"{address} answers and has no models", "load one into it", details)
    more = f" and {len(models) - MODELS_SHOWN} more" if len(models) > MODELS_SHOWN else ""
    text = one_line(f"{address}: {', '.join(models[:MODELS_SHOWN])}{more}", 400)
    return Finding(name, State.OK, text, one_line(f"--model {prefix}{models[0]}{base}", 300), details)


def listed(body: bytes) -> list[str] | None:
    """The models in an answer of `/v1/models` or Ollama's `/api/tags`; None when it is neither."""
    try:
        data = json.loads(body)
    except ValueError:
        return None
    rows = data.get("data", data.get("models")) if isinstance(data, dict) else None
    if not isinstance(rows, list):
        return None
    names = [row.get("id", row.get("name")) for row in rows if isinstance(row, dict)]
    return [name for name in names if isinstance(name, str)]
