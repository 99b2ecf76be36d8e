"""Snappy's block format, which remote write demands: by `cramjam` where it is installed, else stored as it is.

A block of literals alone is valid Snappy that every reader takes: larger, but it needs nothing installed.
"""

from __future__ import annotations

from guestwire.monitor.export.protobuf import varint

_CHUNK = 65536


def compress(data: bytes) -> bytes:
    """`data` as one Snappy block."""
    try:
        import cramjam  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError:
        return stored(data)
    return bytes(cramjam.snappy.compress_raw(data))


def stored(data: bytes) -> bytes:
    """`data` as one Snappy block without compression: its length, then literals of up to 64 KiB."""
    parts = [varint(len(data))]
    for start in range(0, len(data), _CHUNK):
        chunk = data[start : start + _CHUNK]
        parts.append(_literal(len(chunk) - 1) + chunk)
    return b"".join(parts)


def _literal(length: int) -> bytes:
    """The tag of a literal of `length` + 1 bytes, in the shortest form."""
    if length < 60:
        return bytes((length << 2,))
    if length < 256:
        return bytes((60 << 2, length))
    return bytes((61 << 2,)) + length.to_bytes(2, "little")
