"""A block: all series of one guest over one window of time, in one value of the database.

Series that were measured at the same instants share one column of times. A reader finds a series by
bisection and decodes nothing else.

    block = version:u8 columns:u8 clocks:u16 series:u32
            clocks x (count:u32 offset:u32)     times columns
            series x id:u32, in order           then series x clock:u16, then (series + 1) x offset:u32
            payload                             offsets count from here

A raw series has one column (its values); a rolled-up one has `rollup.COLUMNS`.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from bisect import bisect_left
from typing import NamedTuple

from guestwire.monitor.store import codec

VERSION = 1
COUNT_LIMIT = 1 << 20  # values of a series in one block; a window or a period has a few thousand at most
_HEAD = struct.Struct("<BBHI")
_CLOCK = struct.Struct("<II")


class Track(NamedTuple):
    """One series over a stretch of time: `times` in milliseconds, and as many values in each column."""

    times: array[int]
    columns: tuple[array[float], ...]


def join(parts: list[Track], *, unique: bool = True) -> Track:
    """Tracks of one series, each in strict order of time, as one.

    Of two values at one instant the later part wins; with `unique` off both stay, for `reroll` to add up.
    """
    if len(parts) == 1:
        return parts[0]
    times = array("q")
    columns = tuple(array("d") for _ in parts[0].columns)
    in_order = True
    for part in parts:
        in_order = in_order and (not times or not part.times or times[-1] < part.times[0])
        times.extend(part.times)
        for column, more in zip(columns, part.columns, strict=True):
            column.extend(more)
    if in_order:
        return Track(times, columns)
    return ordered(times, columns, unique=unique)


def ordered(times: array[int], columns: tuple[array[float], ...], *, unique: bool = True) -> Track:
    """Values that may have come in any order, in order of time; of two at one instant the later wins."""
    if unique:
        last = {at: i for i, at in enumerate(times)}
        keep = [last[at] for at in sorted(last)]
    else:
        keep = sorted(range(len(times)), key=times.__getitem__)
    return Track(
        array("q", [times[i] for i in keep]), tuple(array("d", [c[i] for i in keep]) for c in columns)
    )


def pack(tracks: dict[int, Track]) -> bytes:
    """A block of `tracks`, keyed by series id; each has at least one value and all have as many columns."""
    ids = sorted(tracks)
    clocks: dict[bytes, int] = {}
    clock_of: list[int] = []
    stamps: list[array[int]] = []
    for series in ids:
        times = tracks[series].times
        key = times.tobytes()
        if key not in clocks:
            clocks[key] = len(stamps)
            stamps.append(times)
        clock_of.append(clocks[key])
    parts: list[bytes] = []
    size = 0
    clock_table = b""
    for times in stamps:
        clock_table += _CLOCK.pack(len(times), size)
        parts.append(codec.encode_integers(times))
        size += len(parts[-1])
    offsets = array("I")
    for series in ids:
        offsets.append(size)
        part = _pack_columns(tracks[series].columns)
        parts.append(part)
        size += len(part)
    offsets.append(size)
    width = len(tracks[ids[0]].columns)
    head = _HEAD.pack(VERSION, width, len(stamps), len(ids)) + clock_table
    tables = array("I", ids).tobytes() + array("H", clock_of).tobytes() + offsets.tobytes()
    return head + tables + b"".join(parts)


def _pack_columns(columns: tuple[array[float], ...]) -> bytes:
    """The columns of one series; with several, each but the last has its length in front."""
    encoded = [codec.encode(column) for column in columns]
    return b"".join([struct.pack("<I", len(part)) + part for part in encoded[:-1]]) + encoded[-1]


class Block:
    """A block opened for reading. A damaged one raises ValueError."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEAD.size:
            raise ValueError("a block is cut short")
        version, self._width, clocks, count = _HEAD.unpack_from(data)
        if version != VERSION:
            raise ValueError(f"a block has version {version}, this guestwire reads {VERSION}")
        self._data = memoryview(data)
        self._clock_at = _HEAD.size
        self._clocks = clocks
        at = _HEAD.size + clocks * _CLOCK.size
        tables = 4 * count + 2 * count + 4 * (count + 1)
        if len(data) < at + tables:
            raise ValueError("a block is cut short")
        self.ids = array("I", data[at : at + 4 * count])
        at += 4 * count
        self._clock_of = array("H", data[at : at + 2 * count])
        at += 2 * count
        self._offsets = array("I", data[at : at + 4 * (count + 1)])
        self._payload = at + 4 * (count + 1)

    def read(self, series: int) -> Track | None:
        """The series of that id, or None if it is not in this window."""
        index = bisect_left(self.ids, series)
        if index == len(self.ids) or self.ids[index] != series:
            return None
        try:
            return self._track(index)
        except (struct.error, zlib.error, IndexError, OverflowError) as error:
            raise ValueError(f"a block is damaged: {error}") from None

    def tracks(self) -> dict[int, Track]:
        """All series by id."""
        return {series: track for series in self.ids if (track := self.read(series)) is not None}

    def _track(self, index: int) -> Track:
        count, offset = _CLOCK.unpack_from(self._data, self._clock_at + self._clock_of[index] * _CLOCK.size)
        if count > COUNT_LIMIT:
            raise ValueError(f"a block says that it has {count} values of a series")
        times = array("q", codec.decode_integers(self._data[self._payload + offset :], count))
        at, end = self._payload + self._offsets[index], self._payload + self._offsets[index + 1]
        return Track(times, self._columns(at, end, count))

    def _columns(self, at: int, end: int, count: int) -> tuple[array[float], ...]:
        columns = []
        for _ in range(self._width - 1):
            (size,) = struct.unpack_from("<I", self._data, at)
            columns.append(codec.decode(self._data[at + 4 : at + 4 + size], count))
            at += 4 + size
        columns.append(codec.decode(self._data[at:end], count))
        return tuple(columns)
