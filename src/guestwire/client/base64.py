"""The one seam for base64: pybase64 where it is installed (the extra `fast`), which is ten times as quick."""

from __future__ import annotations

import binascii
from collections.abc import Callable

try:
    import pybase64

    _fast = True
except ImportError:
    _fast = False


def _plain_encode(data: bytes | memoryview) -> bytes:
    return binascii.b2a_base64(data, newline=False)


encode: Callable[[bytes | memoryview], bytes] = pybase64.b64encode if _fast else _plain_encode
"""Bytes to base64."""


def decode(text: memoryview) -> bytes | None:
    """Base64 to bytes; None for what is not, or not quickly, to be decoded: JSON may write it with escapes."""
    if not _fast:
        return None
    try:
        return pybase64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
