"""Reads a failed call: what the server said, and what that means for the next call.

The HTTP status and headers are looked up in the chain of exceptions, because libraries on the way change them: a cut
connection arrives as "500", and a prompt that mentions rate limits can make a refusal look like one.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Any

SHOWN = 240
"""Characters of a server's message that are shown."""


class Kind(Enum):
    """What a failed call means."""

    REFUSED = auto()
    """Key, balance, name or address: no call will succeed."""
    REJECTED = auto()
    """This request is not accepted as it is; others may be."""
    PARAMETER = auto()
    """The model takes no `max_tokens` or no `temperature`: it is a reasoning model."""
    OVERFLOW = auto()
    BLOCKED = auto()
    THROTTLED = auto()
    UNREACHABLE = auto()
    """No connection came about, so nothing was billed."""
    UNAVAILABLE = auto()
    """The server failed, or its answer could not be read."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed call. `said` is the server's message, shortened; `status` its HTTP status when there was one.

    `retry_after` is in seconds, `billed` whether the provider may charge for the call.
    """

    kind: Kind
    said: str
    status: int | None = None
    retry_after: float | None = None
    billed: bool = False


_BALANCE = re.compile(
    r"insufficient[_ ](quota|balance|funds|credits?)|credit balance"
    r"|(balance|credits?|quota) (is |are )?(exhausted|too low)"
    r"|exceeded your current quota|not enough (credits?|balance|funds)|payment required|payment_required"
    r"|billing (hard )?limit|billing[_ ]not[_ ]active|account is not active|arrears",
    re.IGNORECASE,
)
_WAIT = re.compile(r"(?:retry|try again) in (?:about )?([\d.]+) ?(ms|m|s)|retryDelay\W+([\d.]+)s", re.IGNORECASE)
_CONTEXT = re.compile(
    r"context[_ ]length|context[_ ]window|context (?:size|limit)|prompt is too long|maximum input length"
    r"|too many tokens|input (?:is )?too long|input tokens exceed"
    r"|exceeds the maximum number of tokens|longer than the model",
    re.IGNORECASE,
)
_POLICY = re.compile(
    r"content[_ ]policy|content[_ ](?:management|filter)|safety system|usage policy|responsibleai|moderation"
    r"|was flagged|data_inspection_failed|content filtering",
    re.IGNORECASE,
)
_PARAMETER = re.compile(
    r"max_completion_tokens|unsupported[^.]*\W(max_tokens|temperature)|temperature[^.]*not support", re.I
)
_NO_KEY = re.compile(
    r"missing credentials|api_key.{0,40}must be set|api[_ ]key.{0,30}(not found|missing|required)", re.I
)
_BILLED_STATUS = frozenset({408, 504, 524})
"""The server gave up waiting for a model that may have answered."""


def diagnose(error: BaseException, now: float | None = None) -> Failure:
    """What a failed call means. `now` is the wall clock in seconds, for a Retry-After that is a date."""
    status, headers, body = _response(error)
    said = _message(body) or _shorten(str(error))
    if status is None or status < 400:
        return _without_status(error, said)
    text = f"{said} {body}"
    wait = retry_after(headers, text, time.time() if now is None else now)
    kind = _kind(status, text, wait)
    return Failure(kind, said, status, wait, billed=kind is Kind.UNAVAILABLE and status in _BILLED_STATUS)


def retry_after(headers: Mapping[str, str], text: str, now: float) -> float | None:
    """Seconds a server asks to wait: `retry-after-ms`, `retry-after` (seconds or HTTP date), or its words."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1e3
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None:
        return seconds
    if value:
        try:
            return max(0.0, parsedate_to_datetime(value).timestamp() - now)
        except ValueError:
            return None
    said = _WAIT.search(text)
    if said is None:
        return None
    if said[3]:
        return _number(said[3])
    amount = _number(said[1])
    return None if amount is None else amount * {"ms": 1e-3, "s": 1.0, "m": 60.0}[said[2].lower()]


def _kind(status: int, text: str, wait: float | None) -> Kind:
    if status == 402 or (status in (400, 403, 429) and _BALANCE.search(text) and wait is None):
        return Kind.REFUSED
    if status == 429:
        return Kind.THROTTLED
    if status in (401, 404, 405) or (status == 403 and not _POLICY.search(text)):
        return Kind.REFUSED
    if status >= 500 or status in (408, 409, 425):
        return Kind.UNAVAILABLE
    if status == 413 or _CONTEXT.search(text):
        return Kind.OVERFLOW
    if _POLICY.search(text):
        return Kind.BLOCKED
    if _NO_KEY.search(text):
        return Kind.REFUSED
    return Kind.PARAMETER if _PARAMETER.search(text) else Kind.REJECTED


def _without_status(error: BaseException, said: str) -> Failure:
    """No HTTP error came back: the connection failed, the answer could not be read, or nothing was even sent."""
    names = {type(link).__name__ for link in _chain(error)}
    if names & {"ConnectError", "ConnectTimeout", "UnsupportedProtocol", "InvalidURL"}:
        return Failure(Kind.UNREACHABLE, said)
    if _NO_KEY.search(str(error)) or "LLM Provider NOT provided" in str(error):
        return Failure(Kind.REFUSED, said)
    if {type(link).__name__ for link in (error,)} & {"AuthenticationError", "NotFoundError", "BadRequestError"}:
        return Failure(Kind.REFUSED, said)
    return Failure(Kind.UNAVAILABLE, said, billed=True)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _response(error: BaseException) -> tuple[int | None, Mapping[str, str], str]:
    """Status, headers (names in lower case) and body of the HTTP answer behind an error, if there was one."""
    import httpx

    for link in reversed(list(_chain(error))):
        response = getattr(link, "response", None)
        if isinstance(response, httpx.Response) and _was_received(response):
            try:
                body = response.text
            except httpx.ResponseNotRead:
                body = str(link)
            return response.status_code, response.headers, body
    return None, {}, ""


def _was_received(response: Any) -> bool:
    """Whether a server sent it: libraries put made-up responses without headers into errors of their own."""
    return len(response.headers) > 0


def _message(body: str) -> str:
    try:
        found = json.loads(body)
    except ValueError:
        return _shorten(re.sub(r"<[^>]*>", " ", body))
    for key in ("error", "message", "detail"):
        if isinstance(found, dict) and found.get(key):
            found = found[key]
    return _shorten(found if isinstance(found, str) else body)


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else max(0.0, float(text))
    except ValueError:
        return None
