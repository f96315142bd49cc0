"""The codec and the call protocol under arbitrary bytes: a value or a refusal, never a crash, never a score."""

from __future__ import annotations

import itertools
import math
import struct
import sys
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evolve.domain import Status
from evolve.sandbox import paths
from evolve.sandbox.local import LocalSandbox
from evolve.testing import Look, opened, sealed

sys.path.insert(0, str(paths.guest().parent))
from evolve_guest import codec

GROWTH = 48
"""Most bytes of Python objects that one received byte may become. The worst found are dicts of one item inside each
other: 7 bytes, of which CPython 3.11 makes 248."""
FIXED = 64 * 1024
"""What reading anything may take besides."""
PLAIN = (type(None), bool, int, float, complex, str, bytes)

LIES = (0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1)
EXTENTS = (0, 1, 2, 3, -1, 2**31, 2**62, 2**63 - 1, -(2**63))
FLOATS = ("<f8", ">f8", "=f4", "<f2", "<f16", "<c16", "<c32")
WHOLE = ("|b1", "|i1", "|u1", "<i8", "<i3")
TEXTS = ("|S1", "<U1", ">U2", "<U0", "c1")
DATES = ("<M8[s]", "<m8[25Y]", "<M8[0D]", "<M8[as]", "<M8")
REFUSED = ("|O8", "|V8", "f", "", "<f8,<f8", "(2,)<f8")


def counted(tag: bytes, true: int, body: bytes, lie: int | None) -> bytes:
    """A tag, a length (the true one or a lie) and what follows it."""
    return tag + struct.pack("<I", true if lie is None else lie) + body


def array_of(tag: bytes, name: str, shape: tuple[int, ...], raw: bytes) -> bytes:
    """The bytes of an array or a numpy scalar."""
    head = tag + struct.pack("<BB", len(name), len(shape)) + name.encode()
    return head + b"".join(struct.pack("<q", extent) for extent in shape) + raw


lies = st.one_of(st.none(), st.none(), st.sampled_from(LIES))
sized = st.tuples(st.sampled_from([b"s", b"b", b"I"]), st.binary(max_size=20), lies)
packed = st.tuples(st.sampled_from([b"D", b"E", b"Q", b"R"]), st.lists(st.binary(min_size=8, max_size=8)), lies)
arrays = st.builds(
    array_of,
    st.sampled_from([b"a", b"g"]),
    st.one_of(
        st.sampled_from(FLOATS + WHOLE + TEXTS + DATES + REFUSED),
        st.from_regex(r"[<>|=]?[biufcSUmMOV][0-9]{1,3}", fullmatch=True),
    ),
    st.one_of(
        st.just(()),
        st.tuples(st.integers(0, 4)),
        st.lists(st.sampled_from(EXTENTS), max_size=4).map(tuple),
        st.just((1,) * 33),
    ),
    st.one_of(
        st.binary(max_size=40), st.sampled_from([8, 16, 32]).flatmap(lambda n: st.binary(min_size=n, max_size=n))
    ),
)
simple = st.one_of(
    st.sampled_from([b"N", b"T", b"F"]),
    st.binary(min_size=8, max_size=8).map(lambda raw: b"i" + raw),
    st.binary(min_size=8, max_size=8).map(lambda raw: b"d" + raw),
    st.binary(min_size=16, max_size=16).map(lambda raw: b"c" + raw),
    sized.map(lambda made: counted(made[0], len(made[1]), made[1], made[2])),
    packed.map(lambda made: counted(made[0], len(made[1]), b"".join(made[1]), made[2])),
)


def nested(leaves: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Lists, tuples and dicts of `leaves`, their lengths true or not."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from([b"l", b"t"]), st.lists(inner, max_size=6), lies).map(
                lambda made: counted(made[0], len(made[1]), b"".join(made[1]), made[2])
            ),
            st.tuples(st.lists(st.tuples(inner, inner), max_size=4), lies).map(
                lambda made: counted(b"m", len(made[0]), b"".join(itertools.chain(*made[0])), made[1])
            ),
        ),
        max_leaves=20,
    )


frames = nested(simple)


def check(raw: bytes | bytearray, *, allow_nan: bool = False) -> None:
    """Decode; what comes of it is plain data that crosses again unchanged, or the bytes are refused."""
    try:
        value = codec.decode(raw, allow_nan=allow_nan)
    except codec.NotData:
        return
    look_at(value, allow_nan)
    again = codec.encode(value)
    assert codec.encode(codec.decode(again, allow_nan=allow_nan)) == again


def look_at(value: Any, allow_nan: bool) -> None:
    """Every part is of a type that may cross, can be used without an error, and is finite unless that is allowed."""
    if isinstance(value, numpy.ndarray | numpy.generic):
        assert value.dtype.kind in "biufcSUmM"
        assert value.dtype.kind != "b" or set(value.tobytes()) <= {0, 1}
        assert allow_nan or value.dtype.kind not in "fcmM" or numpy.isfinite(value).all()
        value.tolist()
    elif type(value) is dict:
        for item in itertools.chain(*value.items()):
            look_at(item, allow_nan)
    elif type(value) in (list, tuple):
        for item in value:
            look_at(item, allow_nan)
    else:
        assert type(value) in PLAIN
        if isinstance(value, complex | float) and not allow_nan:
            assert math.isfinite(value.real)
            assert math.isfinite(value.imag)


@pytest.mark.slow
@given(st.one_of(st.binary(max_size=64), frames), st.booleans())
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_plain_data_or_refused(raw: bytes, allow_nan: bool) -> None:
    check(raw, allow_nan=allow_nan)
    check(bytearray(raw), allow_nan=allow_nan)


@pytest.mark.slow
@given(frames, st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_frames_are_plain_data_or_refused(raw: bytes, data: st.DataObject) -> None:
    """Bytes changed, left out, doubled and put in, and the end cut off."""
    start, length = data.draw(st.integers(0, len(raw))), data.draw(st.integers(0, 8))
    check(raw[:start] + data.draw(st.binary(max_size=8)) + raw[start + length :])
    check(raw[:start])


def test_large_arrays_of_one_reply_share_nothing_they_can_be_seen_by() -> None:
    """They stay in the buffer they came in: what is written to one shows in no other, wherever each begins."""
    for size in (0, 1, 7):
        large = array_of(b"a", "<u8", (10_000,), bytes(80_000))
        one, _, two = codec.decode(
            bytearray(counted(b"l", 3, large + counted(b"b", size, bytes(size), None) + large, None))
        )
        one[...] = 7
        assert not two.any()
        assert one.flags.aligned
        assert two.flags.aligned


@pytest.mark.slow
@given(nested(st.one_of(simple, arrays)), st.booleans())
@example(array_of(b"a", "<f8", (0, 2**62, 2**62), b""), False)
@example(array_of(b"a", "<U1", (1,), b"\xff" * 4), False)
@example(array_of(b"g", ">U1", (), b"\xff" * 4), False)
@example(array_of(b"a", "|b1", (2,), b"\x02\xff"), False)
@example(array_of(b"g", "<M8[s]", (), struct.pack("<q", -(2**63))), False)
@settings(max_examples=400, deadline=None)
def test_any_array_is_plain_data_or_refused(raw: bytes, allow_nan: bool) -> None:
    check(raw, allow_nan=allow_nan)


@pytest.mark.parametrize(
    "opening", [b"l\x01\x00\x00\x00", b"t\x01\x00\x00\x00", b"m\x01\x00\x00\x00", b"l\xff\xff\xff\xff"]
)
@pytest.mark.parametrize("depth", [65, 1_000, 100_000])
def test_deep_data_is_refused_without_running_out_of_stack(opening: bytes, depth: int) -> None:
    with pytest.raises(codec.NotData):
        codec.decode(opening * depth + b"N")
    with pytest.raises(codec.NotData):
        codec.decode((opening + b"N") * depth + b"N")


GROWING = {
    "dicts of one": b"m\x01\x00\x00\x00NN",
    "dicts in dicts": b"m\x01\x00\x00\x00N" * 63 + b"N",
    "empty dicts": b"m\x00\x00\x00\x00",
    "lists of one": b"l\x01\x00\x00\x00N",
    "empty lists": b"l\x00\x00\x00\x00",
    "empty packed lists": b"D\x00\x00\x00\x00",
    "short texts": b"s\x02\x00\x00\x00\xc5\x81",
    "arrays": array_of(b"a", "|b1", (), b"\x01"),
    "arrays of text": array_of(b"a", "<U1", (), bytes(4)),
    "dates": array_of(b"a", "<M8[s]", (), bytes(8)),
}


@pytest.mark.parametrize("item", GROWING.values(), ids=GROWING)
def test_what_is_read_stays_within_a_factor_of_what_came(item: bytes) -> None:
    number = 30_000 // len(item)
    raw = counted(b"l", number, item * number, None)
    assert memory_to_read(raw) < GROWTH * len(raw) + FIXED


@pytest.mark.slow
@given(frames)
@example(b"l\xff\xff\xff\xff")
@example(b"D\xff\xff\xff\x1f" + bytes(64))
@example(array_of(b"a", "<f8", (2**40,), bytes(64)))
@example(array_of(b"a", "<U9999999", (1,), bytes(64)))
@settings(max_examples=60, deadline=None)
def test_announced_lengths_take_no_memory(raw: bytes) -> None:
    assert memory_to_read(raw) < GROWTH * len(raw) + FIXED


def memory_to_read(raw: bytes) -> int:
    """Bytes held at the most while `raw` is read, whatever comes of it."""
    tracemalloc.start()
    try:
        codec.decode(raw)
    except codec.NotData:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


EVALUATE = """
def evaluate(program, case):
    answer = program.solve(3)
    if answer != 9:
        program.reject("not nine")
    return {"score": 1.0}
"""
HONEST = "def solve(x):\n    return x * x\n"
WRITES = """
import os, struct, sys
def send(data):
    data = memoryview(data)
    while data:
        data = data[os.write(3, data):]
def solve(x):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    send({head} + {body!r})
    os._exit(0)
"""
HEADS = (
    "b''",
    "struct.pack('<BIQ', {kind}, {size}, frame.f_locals['nonce'])",
    "struct.pack('<BIQ', {kind}, {size}, (frame.f_locals['nonce'] + 1) % 2**64)",
)
NEVER = {Status.VALID, Status.INFRASTRUCTURE}


@pytest.fixture(scope="module")
def run() -> Iterator[Look]:
    with opened(lambda problem: LocalSandbox(problem, 1), sealed(EVALUATE, preload=("numpy",))) as look:
        yield look


@pytest.mark.slow
@given(
    head=st.sampled_from(HEADS),
    kind=st.one_of(st.sampled_from([5, 5, 5, 6, 6, 1, 3]), st.integers(0, 255)),
    body=st.one_of(st.binary(max_size=64), frames),
    lie=lies,
)
@example(head=HEADS[1], kind=6, body=codec.encode(("valid", "score 1.0")), lie=None)
@example(head=HEADS[1], kind=6, body=codec.encode(("crash", {"score": 1.0})), lie=None)
@example(head=HEADS[1], kind=6, body=codec.encode({"score": 1.0, "valid": 1.0}), lie=None)
@settings(max_examples=250, deadline=None, derandomize=True)
def test_whatever_a_program_writes_to_its_socket_is_no_score(
    run: Look, head: str, kind: int, body: bytes, lie: int | None
) -> None:
    """And the next program in the slot scores as ever."""
    written = head.format(kind=kind, size=len(body) if lie is None else lie)
    (result,) = run(WRITES.format(head=written, body=body))
    assert result.status not in NEVER, result
    assert result.metrics == {}
    (after,) = run(HONEST)
    assert (after.status, after.metrics) == (Status.VALID, {"score": 1.0}), after.feedback
