"""The data-only codec between evaluator and candidate: what can cross, and nothing else. No pickle, no code.

None, bool, int, float, complex, str, bytes, list, tuple, dict and plain numpy arrays and scalars cross
unchanged; subclasses cross as their base type. The decoder trusts nothing: every length is checked
against the bytes that are there before anything is allocated.
"""

from __future__ import annotations

import math
import re
import struct
import sys
from array import array
from collections.abc import Callable
from typing import Any

MAX_DEPTH = 64
MAX_INT_BITS = 64 * 1024
MAX_DIMENSIONS = 32
_LARGE = 1 << 16
"""Bytes from which on an array is worth not being copied once more."""

_U32 = struct.Struct("<I")
_I64 = struct.Struct("<q")
_F64 = struct.Struct("<d")
_COMPLEX = struct.Struct("<dd")
_ARRAY = struct.Struct("<BB")
_DTYPE = re.compile(r"[<>|=]?[biufcSUmM]\d{1,9}(\[\d{0,9}[a-zA-Z]{1,2}\])?")
_SWAP = sys.byteorder == "big"
_KINDS = "biufcSUmM"
_Parts = list[bytes | memoryview]
_INT64 = 1 << 63


class NotData(ValueError):
    """A value that may not cross, or bytes that are not a value."""


def encode(value: object) -> bytes:
    """Turn plain data into bytes. Raises NotData for anything that is not plain data."""
    return b"".join(pieces(value))


def pieces(value: object) -> _Parts:
    """What `encode` would join: large arrays as they lie in memory, so that joining is the only copy of them."""
    parts: _Parts = []
    _put(value, parts, 0)
    return parts


def decode(data: bytes | bytearray, *, allow_nan: bool = True) -> Any:
    """Turn bytes back into data. Raises NotData for malformed bytes, and for NaN or infinity unless allowed.

    Large arrays of a `bytearray` stay where they are: it must not be changed afterwards.
    """
    reader = _Reader(data, allow_nan)
    try:
        value = reader.value(0)
    except NotData:
        raise
    except MemoryError:
        raise NotData("it takes more memory than whoever reads it has") from None
    except Exception as error:  # numpy's errors are many; whatever the bytes provoke is their sender's doing
        raise NotData(f"malformed data: {error}") from None
    if reader.at != len(data):
        raise NotData(f"malformed data: {len(data) - reader.at} bytes too many")
    return value


def _put(value: Any, parts: _Parts, depth: int) -> None:
    kind = type(value)
    if kind is float:
        parts.append(b"d" + _F64.pack(value))
    elif kind is int:
        _put_int(value, parts)
    elif kind is str:
        raw = value.encode("utf-8", "surrogatepass")
        parts.append(b"s" + _U32.pack(len(raw)) + raw)
    elif value is None:
        parts.append(b"N")
    elif kind is bool:
        parts.append(b"T" if value else b"F")
    elif kind is list or kind is tuple:
        _put_sequence(value, parts, depth)
    elif kind is dict:
        _put_dict(value, parts, depth)
    else:
        _put_rare(value, parts, depth)


def _put_int(value: int, parts: _Parts) -> None:
    if -_INT64 <= value < _INT64:
        parts.append(b"i" + _I64.pack(value))
        return
    if value.bit_length() > MAX_INT_BITS:
        raise NotData(f"an integer of {value.bit_length()} bits is too large; at most {MAX_INT_BITS} bits can cross")
    raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    parts.append(b"I" + _U32.pack(len(raw)) + raw)


def _packed(code: str, value: list[Any] | tuple[Any, ...]) -> bytes:
    packed = array(code, value)
    if _SWAP:
        packed.byteswap()
    return packed.tobytes()


def _put_sequence(value: list[Any] | tuple[Any, ...], parts: _Parts, depth: int) -> None:
    """A sequence of one number type goes as one packed block (forty times faster than item by item)."""
    is_list = type(value) is list
    if len(value) > 3:
        kinds = set(map(type, value))
        if kinds == {float}:
            parts.append((b"D" if is_list else b"E") + _U32.pack(len(value)) + _packed("d", value))
            return
        if kinds == {int}:
            try:
                raw = _packed("q", value)
            except OverflowError:
                pass
            else:
                parts.append((b"Q" if is_list else b"R") + _U32.pack(len(value)) + raw)
                return
    _deeper(depth)
    parts.append((b"l" if is_list else b"t") + _U32.pack(len(value)))
    for item in value:
        _put(item, parts, depth + 1)


def _put_dict(value: dict[Any, Any], parts: _Parts, depth: int) -> None:
    _deeper(depth)
    parts.append(b"m" + _U32.pack(len(value)))
    for key, item in value.items():
        _put(key, parts, depth + 1)
        _put(item, parts, depth + 1)


def _put_rare(value: Any, parts: _Parts, depth: int) -> None:
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic)):
        _put_array(numpy, value, parts)
    elif isinstance(value, complex):
        parts.append(b"c" + _COMPLEX.pack(value.real, value.imag))
    elif isinstance(value, (bytes, bytearray, memoryview)):
        raw = bytes(value)
        parts.append(b"b" + _U32.pack(len(raw)) + raw)
    else:
        bases: tuple[type[Any], ...] = (float, int, str, list, tuple, dict)
        for base in bases:
            if isinstance(value, base):
                _put(base(value), parts, depth)
                return
        name = type(value).__name__
        raise NotData(
            f"a value of type {name} cannot cross; use numbers, str, bytes, list, tuple, dict, None or numpy arrays"
        )


def _put_array(numpy: Any, value: Any, parts: _Parts) -> None:
    if value.dtype.kind not in _KINDS or value.dtype.itemsize == 0:
        raise NotData(f"a numpy array of dtype {value.dtype} cannot cross; use a plain number or string dtype")
    if value.ndim > MAX_DIMENSIONS:
        raise NotData(f"a numpy array of {value.ndim} dimensions cannot cross; at most {MAX_DIMENSIONS}")
    name = value.dtype.str.encode()
    tag = b"g" if isinstance(value, numpy.generic) else b"a"
    parts.append(tag + _ARRAY.pack(len(name), value.ndim) + name)
    parts.extend(_I64.pack(extent) for extent in value.shape)
    if value.nbytes >= _LARGE and type(value) is numpy.ndarray and value.flags.c_contiguous:
        parts.append(value.reshape(-1).view(numpy.uint8).data)
    else:
        parts.append(value.tobytes())


def _deeper(depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise NotData(f"the data is nested deeper than {MAX_DEPTH} levels")


class _Reader:
    """A cursor over untrusted bytes."""

    __slots__ = ("allow_nan", "at", "data")

    def __init__(self, data: bytes | bytearray, allow_nan: bool) -> None:
        self.data = memoryview(data)
        self.at = 0
        self.allow_nan = allow_nan

    def value(self, depth: int) -> Any:
        tag = self.data[self.at]
        self.at += 1
        read = _READERS.get(tag)
        if read is None:
            raise NotData(f"malformed data: unknown tag {tag}")
        return read(self, depth)

    def take(self, size: int) -> bytes:
        return bytes(self.view(size))

    def view(self, size: int) -> memoryview:
        end = self.at + size
        if end > len(self.data):
            raise NotData(f"malformed data: {size} bytes announced, {len(self.data) - self.at} there")
        raw = self.data[self.at : end]
        self.at = end
        return raw

    def count(self, width: int) -> int:
        """A length field, refused unless that many items of at least `width` bytes can follow."""
        number: int = _U32.unpack_from(self.data, self.at)[0]
        self.at += 4
        if number * width > len(self.data) - self.at:
            raise NotData(f"malformed data: {number} items announced, {len(self.data) - self.at} bytes there")
        return number

    def finite(self, value: float) -> float:
        if not self.allow_nan and not math.isfinite(value):
            raise NotData(f"the data holds {value}; a call refuses NaN and infinity unless it says allow_nan=True")
        return value

    def int64(self, depth: int) -> int:
        value: int = _I64.unpack_from(self.data, self.at)[0]
        self.at += 8
        return value

    def float64(self, depth: int) -> float:
        value: float = _F64.unpack_from(self.data, self.at)[0]
        self.at += 8
        return self.finite(value)

    def long(self, depth: int) -> int:
        size = self.count(1)
        if size > MAX_INT_BITS // 8 + 1:
            raise NotData(f"malformed data: an integer of {size} bytes")
        return int.from_bytes(self.take(size), "little", signed=True)

    def complex(self, depth: int) -> complex:
        real, imaginary = _COMPLEX.unpack(self.take(16))
        return complex(self.finite(real), self.finite(imaginary))

    def text(self, depth: int) -> str:
        return self.take(self.count(1)).decode("utf-8", "surrogatepass")

    def raw(self, depth: int) -> bytes:
        return self.take(self.count(1))

    def packed(self, code: str) -> list[Any]:
        block = array(code)
        block.frombytes(self.take(self.count(8) * 8))
        if _SWAP:
            block.byteswap()
        items = block.tolist()
        # The sum of finite floats is finite unless it overflows: one fast pass before the exact one.
        if code == "d" and not self.allow_nan and not math.isfinite(sum(items)):
            for item in items:
                self.finite(item)
        return items

    def items(self, depth: int) -> list[Any]:
        _deeper(depth)
        return [self.value(depth + 1) for _ in range(self.count(1))]

    def mapping(self, depth: int) -> dict[Any, Any]:
        _deeper(depth)
        return {self.value(depth + 1): self.value(depth + 1) for _ in range(self.count(2))}

    def ndarray(self, depth: int) -> Any:
        import numpy

        name_size, dimensions = _ARRAY.unpack(self.take(2))
        name = self.take(name_size).decode("ascii")
        if dimensions > MAX_DIMENSIONS or not _DTYPE.fullmatch(name):
            raise NotData(f"malformed data: an array of dtype {name[:40]!r} with {dimensions} dimensions")
        shape = tuple(self.int64(depth) for _ in range(dimensions))
        dtype = numpy.dtype(name)
        if dtype.itemsize == 0 or dtype.kind not in _KINDS or any(extent < 0 for extent in shape):
            raise NotData(f"malformed data: an array of dtype {name} and shape {shape}")
        values = numpy.frombuffer(self.view(math.prod(shape) * dtype.itemsize), dtype).reshape(shape)
        if dtype.kind == "b":
            return numpy.asarray(values.view("u1") != 0)  # 2 is true to some of numpy, and 2 to the rest
        if dtype.kind == "U" and (values.reshape(-1).view(dtype.str[0] + "u4") > sys.maxunicode).any():
            raise NotData("malformed data: an array of text with characters that do not exist")
        if not self.allow_nan and dtype.kind in "fcmM" and not _is_finite(numpy, values):
            raise NotData("an array holds NaN, NaT or infinity; a call refuses these unless it says allow_nan=True")
        # What is small, or lies where a processor reads badly, or came in bytes nobody may write to, is copied.
        stays = values.nbytes >= _LARGE and values.flags.writeable and values.flags.aligned
        return values if stays else values.copy()

    def scalar(self, depth: int) -> Any:
        values = self.ndarray(depth)
        if values.shape != ():
            raise NotData(f"malformed data: a scalar of shape {values.shape}")
        return values[()]


def _is_finite(numpy: Any, values: Any) -> bool:
    """Whether no value is NaN, NaT or infinite; a finite sum says so in one pass over the memory."""
    if values.dtype.kind == "f" and values.flags.aligned:
        with numpy.errstate(all="ignore"):
            if numpy.isfinite(values.sum()):
                return True
    return bool(numpy.isfinite(values).all())


_READERS: dict[int, Callable[[_Reader, int], Any]] = {
    ord("N"): lambda reader, depth: None,
    ord("T"): lambda reader, depth: True,
    ord("F"): lambda reader, depth: False,
    ord("i"): _Reader.int64,
    ord("d"): _Reader.float64,
    ord("I"): _Reader.long,
    ord("c"): _Reader.complex,
    ord("s"): _Reader.text,
    ord("b"): _Reader.raw,
    ord("D"): lambda reader, depth: reader.packed("d"),
    ord("E"): lambda reader, depth: tuple(reader.packed("d")),
    ord("Q"): lambda reader, depth: reader.packed("q"),
    ord("R"): lambda reader, depth: tuple(reader.packed("q")),
    ord("l"): _Reader.items,
    ord("t"): lambda reader, depth: tuple(reader.items(depth)),
    ord("m"): _Reader.mapping,
    ord("a"): _Reader.ndarray,
    ord("g"): _Reader.scalar,
}
