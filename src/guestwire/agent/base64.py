"""Base64 as the C agent speaks it, the one seam behind which the accelerator `pybase64` may sit.

Encoding is plain RFC 4648 without line ends. Decoding has QEMU's and GLib's own rules, on which clients
lean: only the alphabet, `=` and LF are allowed (Proxmox sends an LF every 76 characters), each group of four
characters stands for itself, so padding may stand in the middle, and a last group that is not complete
is dropped without a word (`YWI` gives nothing).
"""

from __future__ import annotations

import binascii
from itertools import compress

from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Union

    Data = Union[bytes, bytearray, memoryview]

try:
    from pybase64 import b64decode as _fast_decode
    from pybase64 import b64encode as _fast_encode

    ACCELERATED = True
except ImportError:
    ACCELERATED = False

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
# 1 for a character that yields a byte, 0 for padding.
_YIELDS = bytes(0 if char == ord("=") else 1 for char in range(256))


def _plain_encode(data: Data) -> bytes:
    return binascii.b2a_base64(data, newline=False)


def _plain_decode(data: Data) -> bytes | None:
    """Whole groups of four with padding at the end only; None when `data` is anything else.

    binascii skips what it does not know; then the result is shorter than the length promises.
    """
    size = len(data)
    try:
        decoded = binascii.a2b_base64(data)
    except binascii.Error:
        return None
    padding = bytes(data[-2:]).count(b"=")
    return decoded if len(decoded) == size // 4 * 3 - padding else None


def _quick_decode(data: Data) -> bytes | None:
    """`_plain_decode` by way of pybase64."""
    try:
        decoded: bytes = _fast_decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded


b64encode: Callable[[Data], bytes] = _fast_encode if ACCELERATED else _plain_encode
_decode_groups: Callable[[Data], bytes | None] = _quick_decode if ACCELERATED else _plain_decode


def b64decode(data: Data | str) -> bytes:
    """Decode a whole text. CommandError when it holds a character that is not allowed."""
    if isinstance(data, str):
        try:
            data = data.encode("ascii")
        except UnicodeEncodeError:
            raise _invalid() from None
    decoder = Decoder()
    decoded = decoder.feed(data)
    decoder.finish()
    return decoded


class Decoder:
    """Decodes a text that arrives in pieces: `feed` each, then `finish`.

    The pieces may be cut anywhere. Costs little more than one pass over memory for a piece without LF.
    """

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: Data) -> bytes:
        """The bytes that are certain now. CommandError for a character that is not allowed."""
        if self._rest:
            data = self._rest + data
        elif not isinstance(data, bytes):
            data = bytes(data)
        if b"\n" in data:
            data = data.translate(None, b"\n")
        odd = len(data) & 3
        if odd:
            self._rest = data[-odd:]
            data = data[:-odd]
        else:
            self._rest = b""
        decoded = _decode_groups(data)
        return _decode_odd(data) if decoded is None else decoded

    def finish(self) -> bytes:
        """End of the text: checks the characters of an incomplete group and drops them."""
        if self._rest.translate(None, _ALPHABET):
            raise _invalid()
        self._rest = b""
        return b""


def _decode_odd(data: bytes) -> bytes:
    """Groups of four with padding anywhere, as GLib reads them: `=` counts as zero bits, and in the
    third and fourth place of a group it takes away the byte that the place would have given."""
    if data.translate(None, _ALPHABET):
        raise _invalid()
    full = binascii.a2b_base64(data.replace(b"=", b"A"))
    keep = bytearray(b"\1") * len(full)
    keep[1::3] = data[2::4].translate(_YIELDS)
    keep[2::3] = data[3::4].translate(_YIELDS)
    return bytes(compress(full, keep))


def _invalid() -> CommandError:
    return CommandError("Base64 data contains invalid characters")
