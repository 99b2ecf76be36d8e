"""The few fixed protobuf messages of Prometheus' remote write, version 1, written by hand.

WriteRequest { repeated TimeSeries timeseries = 1; }
TimeSeries   { repeated Label labels = 1; repeated Sample samples = 2; }
Label        { string name = 1; string value = 2; }
Sample       { double value = 1; int64 timestamp = 2; }   timestamp in milliseconds
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

_DOUBLE = struct.Struct("<d")


def varint(number: int) -> bytes:
    """An unsigned integer, seven bits a byte, lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number: int, payload: bytes) -> bytes:
    """A field of bytes, text or a nested message."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def labels(name: str, pairs: Iterable[tuple[str, str]]) -> bytes:
    """The labels of a series, `__name__` among them, in the order the protocol demands; empty ones are left out."""
    everything = sorted([("__name__", name), *pairs])
    return b"".join([field(1, field(1, k.encode()) + field(2, v.encode())) for k, v in everything if v])


def series(head: bytes, value: float, at: int) -> bytes:
    """A TimeSeries with one sample, as a field of a WriteRequest; `head` comes from `labels`."""
    stamp = varint(at & 0xFFFFFFFFFFFFFFFF)
    sample = b"\x09" + _DOUBLE.pack(value) + b"\x10" + stamp
    return field(1, head + b"\x12" + bytes((len(sample),)) + sample)
