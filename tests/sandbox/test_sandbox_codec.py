"""The codec alone: any plain data survives it, and no bytes whatsoever get more out of it than NotData."""

from __future__ import annotations

import contextlib
import math
import struct
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.sandbox import paths

sys.path.insert(0, str(paths.guest().parent))
from evolve_guest import codec

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary(),
                    st.complex_numbers(allow_nan=False))  # fmt: skip
keys = st.one_of(st.text(), st.integers(), st.tuples(st.integers(), st.text()))
data = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner), st.lists(inner).map(tuple), st.dictionaries(keys, inner), st.lists(st.floats(allow_nan=False))
    ),
    max_leaves=40,
)


@given(data)
@settings(max_examples=60, deadline=None)
def test_plain_data_survives(value: Any) -> None:
    back = codec.decode(codec.encode(value))
    assert back == value
    assert repr(back) == repr(value)


@given(st.binary(max_size=200))
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_a_value_or_refused(raw: bytes) -> None:
    with contextlib.suppress(codec.NotData):
        codec.encode(codec.decode(raw))


@given(data, st.integers(0, 10_000), st.integers(0, 255))
@settings(max_examples=80, deadline=None)
def test_one_flipped_byte_is_a_value_or_refused(value: Any, place: int, byte: int) -> None:
    raw = bytearray(codec.encode(value))
    raw[place % len(raw)] = byte
    with contextlib.suppress(codec.NotData):
        codec.decode(bytes(raw))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"l\xff\xff\xff\xff",
        b"D\xff\xff\xff\xff" + bytes(16),
        b"s\xff\xff\xff\x7f",
        b"m\x01\x00\x00\x00l\x00\x00\x00\x00N",  # a list as a key
        b"l\x01\x00\x00\x00" * 65 + b"N",
        b"a\x03\x01|S0" + struct.pack("<q", 10**15),
        b"a\x03\x01|O8" + struct.pack("<q", 1) + bytes(8),
        b"a\x03\x02<f8" + struct.pack("<qq", 1 << 40, 1 << 40),
        b"a\x03\x01<f8" + struct.pack("<q", -1),
        b"a\x03\x21<f8" + bytes(33 * 8),
        b"NN",
    ],
)
def test_malformed_bytes_are_refused_before_anything_is_allocated(raw: bytes) -> None:
    with pytest.raises(codec.NotData):
        codec.decode(raw)


def test_nan_and_infinity_need_permission() -> None:
    numpy = pytest.importorskip("numpy")
    for value in (math.nan, math.inf, [1.0, 2.0, 3.0, -math.inf], 1 + math.nan * 1j, numpy.array([math.nan])):
        raw = codec.encode(value)
        codec.decode(raw, allow_nan=True)
        with pytest.raises(codec.NotData, match="allow_nan"):
            codec.decode(raw, allow_nan=False)
    assert codec.decode(codec.encode([1e308] * 5), allow_nan=False) == [1e308] * 5  # their sum overflows, they do not


@pytest.mark.parametrize(
    "value", [{1}, object(), lambda: 1, 1 << 70_000, [[[object()]]]], ids=str.split("set object function int nested")
)
def test_what_is_not_data_is_refused_by_name(value: object) -> None:
    with pytest.raises(codec.NotData, match=r"cannot cross|too large"):
        codec.encode(value)


def test_object_and_structured_arrays_are_refused() -> None:
    numpy = pytest.importorskip("numpy")
    for value in (numpy.array([object()]), numpy.zeros(2, [("a", "f8")])):
        with pytest.raises(codec.NotData, match="dtype"):
            codec.encode(value)
