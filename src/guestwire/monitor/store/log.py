"""One log entry: the rows of one flush, as they are made durable before they reach a block.

entry = deflated( rows x (guest:u32 layout:u32 time:i64 count:u32 count x f64) )
"""

from __future__ import annotations

import struct
import zlib
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROW = struct.Struct("<IIqI")


class Entry:
    """A log entry being written."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def add(self, guest: int, layout: int, at: int, values: array[float]) -> None:
        """One more row."""
        part = _ROW.pack(guest, layout, at, len(values)) + values.tobytes()
        self._parts.append(part)
        self.size += len(part)

    def data(self) -> bytes:
        """The entry as it goes into the database."""
        return zlib.compress(b"".join(self._parts), 1)


def rows(data: bytes) -> Iterator[tuple[int, int, int, array[float]]]:
    """The rows (guest, layout, time, values) of an entry. A damaged one raises ValueError."""
    try:
        plain = zlib.decompress(data)
        at = 0
        while at < len(plain):
            guest, layout, time, count = _ROW.unpack_from(plain, at)
            at += _ROW.size
            values = array("d", plain[at : at + 8 * count])
            if len(values) != count:
                raise ValueError("a log entry is cut short")
            at += 8 * count
            yield guest, layout, time, values
    except (zlib.error, struct.error) as error:
        raise ValueError(f"a log entry is damaged: {error}") from None
