"""How a column of numbers is written in few bytes: lossless, with nothing but the standard library.

Most figures are whole numbers in disguise: bytes in pages of 4096, seconds in hundredths. A column is
therefore tried as scaled integers first; of their values, first and second differences the narrowest is
taken, the smallest member and the common divisor are taken out, and what is left is written in 1, 2, 4 or 8
bytes, the bytes of one rank side by side, deflated where that helps. What is no such column is written as
doubles, shuffled in the same way.

    column = tag:u8 payload
    tag CONSTANT   value:f64
    tag INTEGERS   scale:u8 order:u8 head:(order x varint) low:varint divisor:varint width|DEFLATED:u8 body
    tag DOUBLES    width|DEFLATED:u8 body

A width of 0 means that nothing is left and there is no body. A varint is signed (zigzag), 7 bits a byte,
low first.

The number of values is not in the column: its block knows it. All is little-endian.
"""

from __future__ import annotations

import math
import struct
import sys
import zlib
from array import array
from itertools import accumulate
from operator import sub
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_CONSTANT, _INTEGERS, _DOUBLES = 0, 1, 2
_DEFLATED = 0x80
_SCALES = (1, 100, 1000, 1_000_000)
_EXACT = 1 << 53  # integers up to here are exact in a double
_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}
_F64 = struct.Struct("<d")

if sys.byteorder != "little":  # pragma: no cover
    raise ImportError("guestwire's store is written for little-endian hosts")


def encode(values: Sequence[float]) -> bytes:
    """One column of doubles (any, NaN too) as bytes; `decode` gives the very same doubles back."""
    first = values[0]
    if (
        not math.isnan(first)
        and values.count(first) == len(values)
        and (first or math.copysign(1, first) > 0)
    ):
        return b"\0" + _F64.pack(first)
    scaled = _as_integers(values)
    if scaled is None:
        return bytes((_DOUBLES,)) + _pack(array("d", values).tobytes(), 8)
    scale, numbers = scaled
    return bytes((_INTEGERS, scale)) + encode_integers(numbers)


def decode(data: bytes | memoryview, count: int) -> array[float]:
    """The column of `count` doubles that `encode` wrote."""
    tag = data[0]
    if tag == _CONSTANT:
        return array("d", _F64.unpack_from(data, 1)) * count
    if tag == _DOUBLES:
        column = array("d")
        column.frombytes(_unpack(data, 1, count, 8))
        return column
    numbers = decode_integers(data[2:], count)
    scale = _SCALES[data[1]]
    return array("d", numbers if scale == 1 else [n / scale for n in numbers])


def encode_integers(numbers: Sequence[int]) -> bytes:
    """A column of integers below 2**62 as bytes: time stamps, and what `encode` scaled."""
    orders = [numbers]
    for _ in range(2):
        last = orders[-1]
        if len(last) < 2:
            break
        orders.append(list(map(sub, last[1:], last)))
    spans = [max(column) - min(column) for column in orders]
    order = spans.index(min(spans))
    rest = orders[order]
    low = min(rest)
    shifted = [n - low for n in rest]
    divisor = math.gcd(*shifted)
    if divisor > 1:
        shifted = [n // divisor for n in shifted]
    head = [orders[k][0] for k in range(order)]
    fixed = bytes((order,)) + b"".join([_varint(n) for n in (*head, low, divisor)])
    if divisor == 0:
        return fixed + b"\0"
    width = _width(max(shifted))
    return fixed + _pack(array(_CODES[width], shifted).tobytes(), width)


def decode_integers(data: bytes | memoryview, count: int) -> list[int]:
    """The column of `count` integers that `encode_integers` wrote."""
    order = data[0]
    head, at = [], 1
    for _ in range(order + 2):
        number, at = _read_varint(data, at)
        head.append(number)
    divisor, low = head.pop(), head.pop()
    width = data[at] & ~_DEFLATED
    if width == 0:
        numbers = [low] * (count - order)
    else:
        column = array(_CODES[width])
        column.frombytes(_unpack(data, at, count - order, width))
        numbers = [n * divisor + low for n in column] if divisor != 1 or low else column.tolist()
    for start in reversed(head):
        numbers = list(accumulate(numbers, initial=start))
    return numbers


def _varint(number: int) -> bytes:
    rest = number << 1 if number >= 0 else (~number << 1) | 1
    out = bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


def _read_varint(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """The number at `at`, and where it ends."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (~(number >> 1) if number & 1 else number >> 1), at
        shift += 7


def _as_integers(values: Sequence[float]) -> tuple[int, list[int]] | None:
    """The index of the smallest scale that makes every value a whole number, and those numbers."""
    for index, scale in enumerate(_SCALES):
        try:
            numbers = [round(v * scale) for v in values]
        except (ValueError, OverflowError):  # NaN, infinity
            return None
        if max(numbers) > _EXACT or min(numbers) < -_EXACT:
            return None
        if all(n / scale == v for n, v in zip(numbers, values, strict=True)):
            negative_zero = 0.0 in values and any(v == 0 and math.copysign(1, v) < 0 for v in values)
            return None if negative_zero else (index, numbers)
    return None


def _width(largest: int) -> int:
    for width in (1, 2, 4):
        if largest < 1 << (8 * width):
            return width
    return 8


def _pack(raw: bytes, width: int) -> bytes:
    """`raw` with the bytes of one rank side by side, deflated if that is shorter."""
    if width > 1:
        raw = b"".join([raw[rank::width] for rank in range(width)])
    packer = zlib.compressobj(6, zlib.DEFLATED, -15, 8, zlib.Z_DEFAULT_STRATEGY)
    packed = packer.compress(raw) + packer.flush()
    if len(packed) < len(raw):
        return bytes((width | _DEFLATED,)) + packed
    return bytes((width,)) + raw


def _unpack(data: bytes | memoryview, at: int, count: int, width: int) -> bytes | bytearray:
    """The bytes of `count` numbers that `_pack` wrote at `at`."""
    size = count * width
    raw = (
        zlib.decompress(data[at + 1 :], -15, size)
        if data[at] & _DEFLATED
        else bytes(data[at + 1 : at + 1 + size])
    )
    if len(raw) != size:
        raise ValueError("a column is shorter than its count")
    if width == 1:
        return raw
    plain = bytearray(size)
    for rank in range(width):
        plain[rank::width] = raw[rank * count : (rank + 1) * count]
    return plain
