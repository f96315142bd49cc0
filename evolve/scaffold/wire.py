"""What the host and a scaffold in a process of its own say to each other, as lines of JSON.

`{"id":1,"op":"propose","view":{...}}` is answered by `{"id":1,"ok":{...}}`, or by
`{"id":1,"error":{"status":"no_edit","reason":"..."}}` where a scaffold in the same process raises EditError.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from evolve.domain import Completion, Message, Status
from evolve.errors import EditError
from evolve.scaffold.base import Draft, MetaEdit, MetaView, OutcomeView, Prompt, ScoredView, SearchView, TaskView
from evolve.scaffold.plain import WireError, as_object, check_keys, decode, encode, shown

API = 1
"""The version of the protocol (docs/meta.md)."""


@dataclass(frozen=True, slots=True)
class Hello:
    """Who answers: the version of the protocol it speaks, and the name in its manifest."""

    api: int
    name: str


@dataclass(frozen=True, slots=True)
class Op:
    """An operation: the values a request carries by name, with their types, and the type of its result."""

    takes: Mapping[str, Any]
    gives: Any


OPS: Mapping[str, Op] = {
    "hello": Op({"api": int}, Hello),
    "init": Op({"task": TaskView, "settings": Mapping[str, object]}, None),
    "propose": Op({"view": SearchView}, Draft | Prompt),
    "parse": Op({"prompt": Prompt, "base": Mapping[str, str], "answer": Completion}, Draft | Prompt),
    "amend": Op(
        {"prompt": Prompt, "base": Mapping[str, str], "answer": Completion, "status": Status, "reason": str},
        Prompt | None,
    ),
    "reflect": Op({"scored": ScoredView, "history": tuple[Message, ...]}, str | Prompt),
    "observe": Op({"outcomes": tuple[OutcomeView, ...]}, None),
    "pins": Op({}, frozenset[int]),
    "snapshot": Op({}, Mapping[str, object]),
    "meta_propose": Op({"view": MetaView}, Prompt),
    "meta_parse": Op({"prompt": Prompt, "files": Mapping[str, str], "answer": Completion}, MetaEdit | Prompt),
}
"""All there is to say; docs/meta.md shows every message. `observe` takes any number of outcomes, in tell order."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was read."""

    number: int
    op: str
    values: Mapping[str, Any]


def request(number: int, op: str, **values: object) -> str:
    """The line that asks for an operation. Raises WireError for values that no line can carry."""
    return _line({"id": number, "op": op, **{name: encode(value) for name, value in values.items()}})


def read_request(line: str) -> Request:
    """A request, its values read as `OPS` says. Raises WireError."""
    data = as_object(_parsed(line), "request")
    op = data.get("op")
    if not isinstance(op, str) or op not in OPS:
        raise WireError(f"request.op is {shown(op)}; operations are {', '.join(OPS)}")
    takes = OPS[op].takes
    check_keys(data, {"id", "op", *takes}, "request")
    number = decode(int, data["id"], "request.id")
    return Request(number, op, {name: decode(kind, data[name], name) for name, kind in takes.items()})


def result(number: int, value: object) -> str:
    """The line that answers a request. Raises WireError for a value that no line can carry."""
    return _line({"id": number, "ok": encode(value)})


def refusal(number: int, error: EditError) -> str:
    """The line that says why a request has no result."""
    return _line({"id": number, "error": {"status": error.status.value, "reason": str(error)}})


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: Status
    reason: str


def read_result(line: str, number: int, op: str) -> Any:
    """The result of request `number`, of the type `OPS` says.

    Raises EditError for a refusal, and WireError for a line that is no answer to this request: another id, or a status
    that only the host can give, or half a character (a lone surrogate), which no provider and no database takes.
    """
    data = as_object(_whole(_parsed(line)), "reply")
    key = "error" if "error" in data else "ok"
    check_keys(data, {"id", key}, "reply")
    if decode(int, data["id"], "reply.id") != number:
        raise WireError(f"reply.id is {data['id']}, but request {number} was asked")
    if key == "ok":
        return decode(OPS[op].gives, data["ok"], "ok")
    refused = decode(_Refusal, data["error"], "error")
    if refused.status.costs_evaluation:
        raise WireError(f"error.status is {refused.status.value!r}, which only a program that was run can get")
    raise EditError(refused.status, refused.reason)


def _line(data: object) -> str:
    return json.dumps(data, allow_nan=False, separators=(",", ":"))


def _parsed(line: str) -> object:
    try:
        return json.loads(line, object_pairs_hook=_once, parse_constant=_constant)
    except WireError:
        raise
    except RecursionError:
        raise WireError("the line is nested too deeply") from None
    except ValueError as error:  # a whole number of thousands of digits is one, too
        raise WireError(f"the line is no JSON: {error}") from None


def _whole(data: object) -> object:
    """Data whose texts can be written as UTF-8; JSON can spell half a character."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise WireError(f"the line holds half a character: {shown(error.object[error.start])}") from None
    except RecursionError:
        raise WireError("the line is nested too deeply") from None
    return data


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise WireError(f"a key stands twice in an object with the keys {shown(sorted(data))}")
    return data


def _constant(name: str) -> NoReturn:
    raise WireError(f"{name} is no finite number")
