"""The inside of one long string, passed on while it arrives.

It looks at bytes only where it must: for the closing quote, for escapes, and for bytes that no string can hold.
"""

from __future__ import annotations

from guestwire.wire.dialect import DialectError, string

GOES_ON, ENDED, SPOILED, OVERLONG = range(4)

# Twice QEMU's limit for a token, so that the 48 MiB which may be read at once (64 MiB of base64 and line ends) may
# be written at once too. None of it is held here.
MAX_STREAM_BYTES = 128 * 1024 * 1024

_LONGEST_ESCAPE = 12  # `\uD83D\uDE00`
_IN_STRING = bytes(range(0x20, 0xFE))


class StringStream:
    """`feed(data)` gives (text, bytes used, state).

    ENDED: the closing quote was the last byte used. SPOILED: the next byte can stand in no string. OVERLONG: the
    string has outgrown `MAX_STREAM_BYTES`.
    """

    def __init__(self) -> None:
        self._held = b""  # backslashes, or an escape that is not whole yet
        self._size = 0

    def feed(self, data: bytes) -> tuple[bytes, int, int]:
        """Take the next bytes of the string; the text has its escapes resolved, where they are right."""
        held = self._held
        whole = held + data if held else data
        end = whole.find(b'"')
        plain = b"\\" not in (whole if end < 0 else whole[:end])
        if not plain:
            end = _closing_quote(whole)
        body = whole if end < 0 else whole[:end]
        bad = _first_bad(body)
        if bad >= 0:
            return body[:bad], bad - len(held), SPOILED
        self._size += len(body) - len(held)
        if self._size >= MAX_STREAM_BYTES:
            return b"", len(data), OVERLONG
        if plain:
            return (body, len(data), GOES_ON) if end < 0 else (body, end + 1, ENDED)
        self._held = body[_hold_from(body) :] if end < 0 else b""
        text = _unescape(body[: len(body) - len(self._held)])
        return (text, len(data), GOES_ON) if end < 0 else (text, end + 1 - len(held), ENDED)


def _closing_quote(data: bytes) -> int:
    end = data.find(b'"')
    while end >= 0 and (end - len(data[:end].rstrip(b"\\"))) % 2:
        end = data.find(b'"', end + 1)
    return end


def _first_bad(body: bytes) -> int:
    """Where the first byte is that no string can hold; -1: none. Of the control characters, only LF is
    looked for in long texts: the others are no base64 either, and the receiver refuses them.
    """
    if body.isascii() and b"\n" not in body:
        return -1
    if not body.translate(None, _IN_STRING):
        return -1
    return next(at for at, byte in enumerate(body) if byte < 0x20 or byte >= 0xFE)


def _hold_from(body: bytes) -> int:
    """Where an escape begins that the end of `body` may have cut."""
    first = body.find(b"\\", max(0, len(body) - _LONGEST_ESCAPE))
    if first < 0:
        return len(body)
    return len(body[: first + 1].rstrip(b"\\"))


def _unescape(body: bytes) -> bytes:
    text = body.replace(b"\\n", b"\n").replace(b"\\/", b"/")  # what base64 writers emit
    if b"\\" not in text:
        return text
    try:
        return string(body).encode()
    except DialectError:
        return body  # a backslash is no base64: the receiver refuses it
