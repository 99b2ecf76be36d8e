"""What a guest says, made harmless for a terminal: control characters are shown, never sent.

A guest chooses host names, file names, error texts and program output. Raw escape sequences among them could recolour,
overwrite or answer for the terminal, and bidirectional controls could make a line read as another one.
"""

from __future__ import annotations

import functools
import re

_HARMFUL = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "\u2028\u2029\u200b\u2060-\u2064\ufeff\ufff9-\ufffb"  # separators and marks that show nothing
    "\ud800-\udfff\U000e0000-\U000e007f"  # lone surrogates, tags
)


@functools.cache  # made when something is not plain ASCII: it takes a millisecond, of which the start has few
def _harmful(allowed: str = "") -> re.Pattern[str]:
    return re.compile(f"(?![{allowed}])[{_HARMFUL}]" if allowed else f"[{_HARMFUL}]")


def clean(text: str) -> str:
    """One line: what is no visible text is written as `\\x1b` or `\\u202e`, line ends and tabs too."""
    return text if text.isascii() and text.isprintable() else _harmful().sub(_visible, text)


def clean_text(text: str) -> str:
    """Text of several lines: as `clean`, but line ends and tabs stay, and a return before a line end goes."""
    joined = text.replace("\r\n", "\n")
    return _harmful("\n\t").sub(_visible, joined)


def clean_json(text: str) -> str:
    """JSON text, which stays the same JSON: harmful characters can only stand in strings, as escapes."""
    return text if text.isascii() and "\x7f" not in text else _harmful("\n\t").sub(_json_escape, text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
