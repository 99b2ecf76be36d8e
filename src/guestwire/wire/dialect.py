"""QEMU's JSON dialect, one value at a time: limits, numbers, strings and the texts of its parse errors.

The dialect adds single-quoted strings and the escape `\\'` to JSON, and takes away duplicate keys, lone
surrogates and non-characters. U+0000 travels as C0 80 ("modified UTF-8"). Texts are those of QEMU 11.
"""

from __future__ import annotations

MAX_SHOWN = 1024  # bytes of a wrong token that go back in an error
MAX_NESTING = 1024
MAX_TOKENS = 2 * 1024 * 1024
MAX_TOKEN_BYTES = 64 * 1024 * 1024

NESTING = "JSON nesting depth limit exceeded"
TOKEN_COUNT = "JSON token count limit exceeded"
TOKEN_SIZE = "JSON token size limit exceeded"
EXPECTING_VALUE = "expecting value"
EXPECTING_KEY = "expecting key"
EXPECTING_COLON = "expecting ':'"
EXPECTED_IN_OBJECT = "expected ',' or '}'"
EXPECTED_IN_ARRAY = "expected ',' or ']'"
DUPLICATE_KEY = "duplicate key"
BAD_ESCAPE = "invalid escape sequence in string"
BAD_UTF8 = "invalid UTF-8 sequence in string"
NOT_BASE64 = "Base64 data contains invalid characters"

_INT64_MIN, _UINT64_MAX = -(1 << 63), (1 << 64) - 1
_ESCAPES = {
    0x22: '"', 0x27: "'", 0x2F: "/", 0x5C: "\\",
    0x62: "\b", 0x66: "\f", 0x6E: "\n", 0x72: "\r", 0x74: "\t",
}  # fmt: skip
_HEX = b"0123456789abcdefABCDEF"


class DialectError(ValueError):
    """The text of one parse error, without its place."""


def integer(digits: str) -> int | float:
    """An integer literal: int64, else uint64, else a double, as QEMU's QNum does."""
    if len(digits) <= 18:
        return int(digits)
    if len(digits) > 20:  # also keeps Python's quadratic conversion away from huge literals
        return float(digits)
    value = int(digits)
    return value if _INT64_MIN <= value <= _UINT64_MAX else float(digits)


def number(token: bytes) -> int | float:
    """A complete number token."""
    text = token.decode("ascii")
    return float(text) if "." in text or "e" in text or "E" in text else integer(text)


def keyword(token: bytes) -> bool | None:
    """`true`, `false` or `null`; DialectError for any other word."""
    if token == b"true":
        return True
    if token == b"false":
        return False
    if token == b"null":
        return None
    raise DialectError(f"invalid keyword '{token.decode('ascii')}'")


def string(body: bytes) -> str:
    """The text between the quotes of a string token; DialectError for bad escapes and bad UTF-8."""
    if b"\\" not in body:
        return _utf8(body)
    parts = []
    start = 0
    while True:
        slash = body.find(b"\\", start)
        if slash < 0:
            parts.append(_utf8(body[start:]))
            return "".join(parts)
        parts.append(_utf8(body[start:slash]))
        char, start = _escape(body, slash)
        parts.append(char)


def printable(token: bytes) -> str:
    """A token as error texts show it: up to a NUL, bytes that are no UTF-8 replaced; no more than its first part."""
    return token[:MAX_SHOWN].split(b"\0", 1)[0].decode("utf-8", "replace")


def is_character(code: int) -> bool:
    """True for a code point that QEMU lets through: no surrogate and no non-character."""
    return not (0xD800 <= code <= 0xDFFF or 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE)


def _utf8(body: bytes) -> str:
    if body.isascii():
        return body.decode("ascii")
    try:
        text = body.replace(b"\xc0\x80", b"\0").decode("utf-8")
    except UnicodeDecodeError:
        raise DialectError(BAD_UTF8) from None
    if not all(is_character(ord(char)) for char in text if char > "\ud7ff"):
        raise DialectError(BAD_UTF8)
    return text


def _escape(body: bytes, slash: int) -> tuple[str, int]:
    """The character of the escape at `slash`, and where the text goes on."""
    kind = body[slash + 1]
    if kind != 0x75:
        if kind not in _ESCAPES:
            raise DialectError(BAD_ESCAPE)
        return _ESCAPES[kind], slash + 2
    end = slash + 6
    code = _code_unit(body, slash)
    if 0xD800 <= code <= 0xDBFF and body[end : end + 2] == b"\\u":
        low = _code_unit(body, end)
        if 0xDC00 <= low <= 0xDFFF:
            code = 0x10000 + ((code & 0x3FF) << 10 | low & 0x3FF)
            end += 6
    if not is_character(code):
        raise DialectError(f"{printable(body[slash:end])} is not a valid Unicode character")
    return chr(code), end


def _code_unit(body: bytes, slash: int) -> int:
    digits = body[slash + 2 : slash + 6]
    if len(digits) == 4 and all(digit in _HEX for digit in digits):
        return int(digits, 16)
    # QEMU shows what it looked at; the closing quote of the token belongs to it
    shown = (body[slash:] + b'"')[:6]
    raise DialectError(f"{printable(shown)} is not a valid Unicode character")
