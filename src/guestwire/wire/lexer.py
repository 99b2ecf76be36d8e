"""Bytes to tokens of QEMU's JSON dialect, in any pieces.

This is the exact and slower way; `agent.py` takes it when a request is split, odd or wrong. It keeps the place
of each token (1-based line and column, counted since the start, in bytes), because QEMU 11 names it in errors.

Law of the lexer: a byte that no token can take ends the token before it, which becomes an ERROR token. After an
error everything is skipped up to the next structural character, control character, 0xFE or 0xFF.
"""

from __future__ import annotations

from guestwire.wire.dialect import MAX_TOKEN_BYTES

PUNCTUATION, STRING, NUMBER, KEYWORD, ERROR, TOO_LONG = range(6)

MAX_WORD_BYTES = 64 * 1024  # a number or keyword; QEMU would collect 64 MiB of digits first

_SPACE = b" \t\r\n"
_STRUCTURAL = b"{}[]:,"
_DIGITS = b"0123456789"
_LETTERS = b"abcdefghijklmnopqrstuvwxyz"
_STOPS_RECOVERY = bytes(range(0x20)) + _STRUCTURAL + b"\xfe\xff"
_SKIPPED_IN_RECOVERY = bytes(byte for byte in range(256) if byte not in _STOPS_RECOVERY)
_SKIPPED_TO_OBJECT = bytes(byte for byte in range(256) if byte not in b"{\xff")
_IN_STRING = bytes(range(0x20, 0xFE))
_WINDOW = 4096


class Lexer:
    """`feed(data)`, then `next()` until it returns None. `line` and `column` are the last token's place.

    Work is linear in the bytes fed, however they are cut: a string that goes on is searched from where the last
    search ended (`_searched`, counted from the token's start).
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._at = 0
        self._searched = 0
        self._recovering = False
        self._skipped = _SKIPPED_IN_RECOVERY  # what recovery passes over
        self._next_line = 1
        self._base = 0  # how many bytes came before _data
        self._line_start = 0  # how many bytes came before the line's first
        self.line = 1
        self.column = 1

    @property
    def idle(self) -> bool:
        """True when no byte is held and nothing is being skipped: the next byte starts afresh."""
        return self._at >= len(self._data) and not self._recovering

    def reset(self) -> None:
        """Forget what is held; lines and columns go on."""
        self._drop(len(self._data))
        self._searched = 0
        self._recovering = False

    def recover(self, to_object: bool = False) -> None:
        """Skip to the next byte that can start afresh, as after an error; `to_object`: only `{` or 0xFF can."""
        self._recovering = True
        self._skipped = _SKIPPED_TO_OBJECT if to_object else _SKIPPED_IN_RECOVERY

    def skip(self, data: bytes) -> None:
        """Count the lines and columns of bytes that were understood without the lexer; only when none is held."""
        if self._at:
            self._drop(self._at)
        self._recovering = False
        newlines = data.count(b"\n")
        if newlines:
            self._next_line += newlines
            self._line_start = self._base + data.rfind(b"\n") + 1
        self._base += len(data)

    def pass_over(self, count: int) -> None:
        """Count bytes without a line end that somebody else has taken; only when none is held."""
        self._base += count

    def stray(self, byte: bytes) -> tuple[int, bytes]:
        """The error token that a byte makes which fits nowhere; only when none is held."""
        self.feed(byte)
        self._recovering = False
        token = self.next()
        assert token is not None
        return token

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._drop(self._at)
        self._data += data

    def open_string(self) -> bool:
        """True when the held bytes are a double-quoted string whose end has not come yet."""
        return self._searched > 0 and self._data[self._at] == 0x22

    def take_open_string(self) -> bytes:
        """The held bytes behind the opening quote; from here on the string is the caller's."""
        body = bytes(self._data[self._at + 1 :])
        self._drop(len(self._data))
        self._base -= len(body)  # whoever takes it counts it
        self._searched = 0
        return body

    def _drop(self, count: int) -> None:
        self._base += count
        del self._data[:count]
        self._at = 0

    def next(self) -> tuple[int, bytes] | None:
        """The next token as (kind, raw bytes), or None when more bytes are needed."""
        if self._recovering and not self._recover():
            return None
        self._skip_space()
        data, at = self._data, self._at
        if at >= len(data):
            return None
        self.line = self._next_line
        self.column = self._base + at - self._line_start + 1
        byte = data[at]
        if byte in _STRUCTURAL:
            return self._token(PUNCTUATION, at + 1)
        if byte in b"\"'":
            return self._string(byte)
        if byte in _DIGITS or byte == 0x2D:
            return self._number()
        if byte in _LETTERS:
            return self._word(KEYWORD, self._run(_LETTERS, at))
        return self._error(at + 1)

    def _skip_space(self) -> None:
        data, at = self._data, self._at
        size = len(data)
        while at < size and data[at] in _SPACE:
            if size - at > _WINDOW and not data[at : at + _WINDOW].strip(_SPACE):
                self._count_lines(at, at + _WINDOW)
                at += _WINDOW
                continue
            at += 1
            if data[at - 1] == 0x0A:
                self._next_line += 1
                self._line_start = self._base + at
        self._at = at

    def _count_lines(self, start: int, end: int) -> None:
        self._next_line += self._data.count(b"\n", start, end)
        last = self._data.rfind(b"\n", start, end)
        if last >= 0:
            self._line_start = self._base + last + 1

    def _recover(self) -> bool:
        data, at = self._data, self._at
        while at < len(data):
            window = data[at : at + _WINDOW]
            stops = window.translate(None, self._skipped)
            if stops:
                at += window.find(stops[:1])
                self._count_lines(self._at, at)
                self._at = at
                self._recovering = False
                self._skipped = _SKIPPED_IN_RECOVERY
                return True
            at += _WINDOW
        self._count_lines(self._at, len(data))
        self._at = len(data)
        return False

    def _token(self, kind: int, end: int) -> tuple[int, bytes]:
        token = bytes(self._data[self._at : end])
        self._at = end
        self._searched = 0
        return kind, token

    def _error(self, end: int) -> tuple[int, bytes]:
        """The bytes up to `end`, the last of which fits nowhere. QEMU counts that byte's column twice."""
        self._recovering = True
        token = self._token(ERROR, end)
        if token[1].endswith(b"\n"):
            self._next_line += 1
            self._line_start = self._base + end
        self._line_start -= 1
        return token

    def _run(self, alphabet: bytes, at: int) -> int:
        """Where a run of `alphabet` that starts at `at` ends."""
        data, size = self._data, len(self._data)
        while at < size and data[at] in alphabet:
            if size - at > _WINDOW:
                return size - len(data[at:].lstrip(alphabet))
            at += 1
        return at

    def _word(self, kind: int, end: int) -> tuple[int, bytes] | None:
        """A token that only the byte after it ends."""
        if end < len(self._data):
            return self._token(kind, end)
        return self._too_long(MAX_WORD_BYTES)

    def _too_long(self, limit: int) -> tuple[int, bytes] | None:
        if len(self._data) - self._at < limit:
            return None
        self._recovering = True
        return self._token(TOO_LONG, len(self._data))

    def _number(self) -> tuple[int, bytes] | None:
        data, size = self._data, len(self._data)
        at = self._at + (data[self._at] == 0x2D)
        if at >= size:
            return None
        if data[at] not in _DIGITS:
            return self._error(at + 1)
        zero = data[at] == 0x30
        at = at + 1 if zero else self._run(_DIGITS, at)
        if zero and at < size and data[at] in _DIGITS:
            return self._error(at + 1)
        if at < size and data[at] == 0x2E:
            at = self._digits_after(at + 1)
            zero = False
        if not zero and 0 <= at < size and data[at] in b"eE":
            signed = at + 1 + (at + 1 < size and data[at + 1] in b"+-")
            at = self._digits_after(signed)
        if at < 0:
            return self._error(-at)
        return self._word(NUMBER, at)

    def _digits_after(self, at: int) -> int:
        """The end of the digits that must stand at `at`; negative: where the byte that spoils it ends."""
        end = self._run(_DIGITS, at)
        return -(at + 1) if end == at and at < len(self._data) else end

    def _string(self, quote: int) -> tuple[int, bytes] | None:
        data, start = self._data, self._at
        fresh = start + max(1, self._searched)
        end = data.find(quote, fresh)
        while end >= 0 and self._escaped(end):
            end = data.find(quote, end + 1)
        stop = end if end >= 0 else len(data)
        if data[fresh:stop].translate(None, _IN_STRING):
            bad = next(i for i in range(fresh, stop) if data[i] < 0x20 or data[i] >= 0xFE)
            return self._error(bad + 1)
        if end >= 0:
            return self._token(STRING, end + 1)
        self._searched = len(data) - start
        return self._too_long(MAX_TOKEN_BYTES)

    def _escaped(self, at: int) -> bool:
        """True when an odd number of backslashes stands before `at`."""
        first = at
        while self._data[first - 1] == 0x5C:
            first -= 1
        return (at - first) % 2 == 1
