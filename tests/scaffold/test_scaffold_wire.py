"""The protocol's lines: every record comes back as it was sent, and what the protocol does not allow is a fault."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.domain import Status
from evolve.errors import EditError
from evolve.scaffold.base import Draft, EliteView, Prompt, SearchView, Section
from evolve.scaffold.plain import WireError, decode, encode
from evolve.scaffold.wire import OPS, read_request, read_result, refusal, request, result

TEXT = st.text(max_size=8)
WHOLE = st.integers(-(2**63) + 1, 2**63 - 1)
FLOAT = st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.recursive(
    st.none() | st.booleans() | WHOLE | FLOAT | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT, int: WHOLE, float: FLOAT, bool: st.booleans(), object: PLAIN, None: st.none(), NoneType: st.none(),
}  # fmt: skip


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type the protocol carries."""
    if kind in SIMPLE:
        return SIMPLE[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return st.builds(
            kind, **{each.name: st.deferred(lambda k=hints[each.name]: values(k)) for each in fields(kind)}
        )
    inner = get_args(kind)
    if get_origin(kind) is UnionType:
        return st.one_of(*map(values, inner))
    if get_origin(kind) is tuple:
        return st.lists(values(inner[0]), max_size=2).map(tuple)
    if get_origin(kind) is frozenset:
        return st.frozensets(values(inner[0]), max_size=3)
    assert get_origin(kind) is Mapping, kind
    return st.dictionaries(values(inner[0]), values(inner[1]), max_size=2)


@pytest.mark.parametrize("op", OPS)
@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_what_is_sent_is_what_is_read(op: str, data: st.DataObject) -> None:
    sent = {name: data.draw(values(kind), name) for name, kind in OPS[op].takes.items()}
    line = request(7, op, **sent)
    assert "\n" not in line
    assert line.isascii()
    read = read_request(line)
    assert (read.number, read.op) == (7, op)
    assert read.values == sent
    given_back = data.draw(values(OPS[op].gives), "result")
    assert read_result(result(7, given_back), 7, op) == given_back


def test_a_number_stays_the_number_it_was() -> None:
    """A whole number in a field of floats is shown in prompts as it is, so it must not become one with a point."""
    elite = EliteView(1, {}, 3, 0.1, 0, None, 0, "seed", metrics={"a": 1, "b": 1.0, "c": 1e-300})
    back = decode(EliteView, json.loads(json.dumps(encode(elite))))
    assert repr(back) == repr(elite)


def test_keys_of_numbered_candidates_are_numbers_again() -> None:
    view = SearchView(1, "s", 0, (), pinned={12: EliteView(12, {}, 1.0, None, 0, None, 0, "seed")})
    assert list(read_request(request(1, "propose", view=view)).values["view"].pinned) == [12]


def line(**changes: object) -> str:
    """A reply with a draft, changed in its fields; a field that becomes `...` is left out."""
    draft = {"kind": "draft", "operator": "o", "files": {"a": "b"}, "parents": [1], "inspirations": [],
             "tag": "", "idea": ""} | changes  # fmt: skip
    return json.dumps({"id": 3, "ok": {key: value for key, value in draft.items() if value is not ...}})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("{}", "reply has no key id, ok"),
        ("[]", r"reply is \[\], not an object"),
        ('{"id":3,"ok":null,"score":9}', r"unknown keys \['score'\]"),
        ('{"id":3,"id":3,"ok":null}', "a key stands twice"),
        ('{"id":4,"ok":null}', "reply.id is 4, but request 3 was asked"),
        ('{"id":"3","ok":null}', "reply.id is '3', not a whole number"),
        ('{"id":true,"ok":null}', "reply.id is True, not a whole number"),
        ('{"id":3,"ok":null}', "ok is None, not a draft or a prompt"),
        ('{"id":3,"ok":NaN}', "NaN is no finite number"),
        ('{"id":3,"ok":Infinity}', "Infinity is no finite number"),
        ('{"id":3,"error":{"status":"valid","reason":""}}', "only a program that was run can get"),
        ('{"id":3,"error":{"status":"crash","reason":""}}', "only a program that was run can get"),
        ('{"id":3,"error":{"status":"won","reason":""}}', "error.status is 'won', not one of valid"),
        ('{"id":3,"error":{"status":"no_edit"}}', "error has no key reason"),
        ('{"id":3,"error":{"status":"no_edit","reason":""},"ok":null}', "reply has unknown keys"),
        (line(kind="program"), "ok.kind is 'program', not a draft or a prompt"),
        (line(kind=...), "ok.kind is None"),
        (line(score=1e9), r"ok has unknown keys \['score'\]"),
        (line(tag=...), "ok has no key tag"),
        (line(tag=None), "ok.tag is None, not a text"),
        (line(parents=[1.0]), r"ok.parents\[0\] is 1.0, not a whole number"),
        (line(parents=[False]), r"ok.parents\[0\] is False, not a whole number"),
        (line(parents={"1": 1}), "ok.parents is {'1': 1}, not an array"),
        (line(parents=[2**63]), r"ok.parents\[0\] is 'a number of 64 bits', not below 2\^63"),
        (line(files={"a": ["b"]}), r"ok.files\['a'\] is \['b'\], not a text"),
        (line(files=[]), r"ok.files is \[\], not an object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"id":' + "9" * 5000 + ',"ok":null}', "no JSON"),
        (line(tag="x" * 99) + "}", "no JSON"),
        (line(idea="half \ud800"), r"half a character: '\\ud800'"),
        (line(files={"\udfff": "b"}), "half a character"),
    ],
)  # fmt: skip
def test_what_is_no_reply_is_a_fault(text: str, words: str) -> None:
    with pytest.raises(WireError, match=words):
        read_result(text, 3, "propose")


def test_numbers_too_large_for_a_float_are_faults() -> None:
    for text in ("1e999", "-1e999", "1" + "0" * 400):
        prompt = encode(Prompt("o", "m", (Section("a", "b"),), 0, ()))
        told = json.dumps({"id": 1, "ok": prompt}).replace('"temperature": null', f'"temperature": {text}')
        with pytest.raises(WireError, match=r"ok\.temperature"):
            read_result(told, 1, "propose")
    with pytest.raises(WireError, match=r"ok\['a'\]\[0\]"):
        read_result('{"id":1,"ok":{"a":[1e999]}}', 1, "snapshot")


@pytest.mark.parametrize("value", [math.nan, math.inf, object(), b"bytes", {1.5: "x"}, {True: "x"}, 2**70])
def test_what_no_line_can_carry_is_not_sent(value: object) -> None:
    with pytest.raises(WireError):
        result(1, {"it": value})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"id":1,"op":"steal"}', "request.op is 'steal'; operations are hello"),
        ('{"id":1,"op":["pins"]}', "request.op is"),
        ('{"id":1,"op":"pins","more":1}', "unknown keys"),
        ('{"op":"pins"}', "request has no key id"),
        ('{"id":1,"op":"propose","view":{}}', "view has no key best"),
    ],
)
def test_what_is_no_request_is_a_fault(text: str, words: str) -> None:
    with pytest.raises(WireError, match=words):
        read_request(text)


def test_a_refusal_comes_back_as_the_error_it_was() -> None:
    with pytest.raises(EditError, match="nothing to change") as caught:
        read_result(refusal(5, EditError(Status.OUTSIDE_REGION, "nothing to change")), 5, "parse")
    assert caught.value.status is Status.OUTSIDE_REGION


def test_a_message_stays_short_whatever_was_sent() -> None:
    huge = line(tag=["x" * 10**6] * 20, operator={str(n): n for n in range(1000)})
    with pytest.raises(WireError) as caught:
        read_result(huge, 3, "propose")
    assert len(str(caught.value)) < 300


def test_a_draft_is_no_prompt() -> None:
    sent = result(1, Draft("o", {}, ()))
    with pytest.raises(WireError, match=r"ok\.kind is 'draft', not 'prompt'"):
        read_result(sent, 1, "meta_propose")
    with pytest.raises(WireError, match=r"ok\.kind is 'draft', not a prompt or null"):
        read_result(sent, 1, "amend")
