"""The content of a guest-file-write: too long for the wire to hold as one token, it arrives piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.broker.requests import line_of

if TYPE_CHECKING:
    from guestwire.wire.messages import Request

STREAMS = {"guest-file-write": "buf-b64"}

MOST = 96 << 20
"""Bytes of one text: 48 MiB in base64 are 64 MiB, and more no agent takes."""

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="


class LongText:
    """One text in pieces."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        """Keep a piece, up to the bound."""
        self._size += len(piece)
        if self._size <= MOST:
            self._pieces.append(piece)

    @property
    def size(self) -> int:
        """Bytes that came, kept or not."""
        return self._size

    def line(self, request: Request) -> bytes:
        """The request with the text in its place. Raises ValueError for one that is too long, or no base64."""
        text = b"".join(self._pieces)
        if self._size > MOST:
            raise ValueError(f"a text of more than {MOST} bytes")
        if text.translate(None, _BASE64):
            raise ValueError("failed to decode base64: a character that it does not have")
        member = b'"%b": "' % str(request.streamed).encode()
        return line_of(request).replace(member + b'"', member + text + b'"', 1)
