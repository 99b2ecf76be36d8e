"""Values to the one line of ASCII that QEMU writes: `", "` and `": "`, `\\uXXXX` in upper case from U+007F on.

The standard library's C encoder does the work; what it writes otherwise than QEMU is mended afterwards, and only
where it occurs.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_LARGEST = 1.7976931348623157e308


def _refuse(value: object) -> Any:
    if type(value) is bytes:  # base64 text below the top level
        return value.decode("ascii")
    raise TypeError(f"a command returned {type(value).__name__}, which JSON cannot carry")


def _text_maker() -> Callable[[object], str]:
    """The C encoder itself costs less to import than `json` around it; where there is none, `json` does."""
    try:
        from _json import encode_basestring_ascii, make_encoder
    except ImportError:
        from json import JSONEncoder

        return JSONEncoder(default=_refuse).encode
    encoder = make_encoder(None, _refuse, encode_basestring_ascii, None, ": ", ", ", False, False, True)
    return lambda value: "".join(encoder(value, 0))


_to_text = _text_maker()


def encode(value: object, exact: bool = False) -> bytes:
    """One JSON value in ASCII. With `exact`, doubles are written as QEMU does (`%.17g`); else as short as they go.

    Lone surrogates, which stand for bytes that are no UTF-8, become U+FFFD, as in QEMU.
    """
    to_text = _exact if exact else _to_text
    text = to_text(value)
    if "\\u" in text:
        if "\\ud" in text:
            text = to_text(_without_lone_surrogates(value))
        text = _upper_escapes(text)
    if "\x7f" in text:
        text = text.replace("\x7f", "\\u007F")
    return text.encode("ascii")


def _exact(value: object) -> str:
    if isinstance(value, float):
        # JSON has no infinity (a literal such as 1e999): the largest double stands for it
        return f"{max(-_LARGEST, min(_LARGEST, value)):.17g}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_exact, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_to_text(key)}: {_exact(member)}" for key, member in value.items()) + "}"
    return _to_text(value)


def _without_lone_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_lone_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_lone_surrogates(key): _without_lone_surrogates(item) for key, item in value.items()}
    return value


def _upper_escapes(text: str) -> str:
    before, *parts = text.split("\\u")
    done = [before]
    for part in parts:
        escaped_backslash = (len(before) - len(before.rstrip("\\"))) % 2  # `\\u`: a backslash, then a plain u
        done.append("\\u" + (part if escaped_backslash else part[:4].upper() + part[4:]))
        before = part
    return "".join(done)
