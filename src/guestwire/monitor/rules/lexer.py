"""An expression's text as tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

from guestwire.errors import ConfigError

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|\#[^\n]*)
  | (?P<duration>(?:[0-9]+(?:ms|[smhdwy]))+(?![a-zA-Z0-9_]))
  | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![a-zA-Z0-9_]))
  | (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
  | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<op>=~|!~|==|!=|<=|>=|[-+*/%^<>=(){}\[\],])
    """,
    re.VERBOSE,
)
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}


class Token(NamedTuple):
    """One token: its kind, its text (of a string: its value) and where it begins."""

    kind: str
    text: str
    at: int


class ExpressionError(ConfigError):
    """An expression that cannot be: what is wrong, and where in it."""

    def __init__(self, message: str, expression: str, at: int) -> None:
        line = expression.count("\n", 0, at) + 1
        column = at - (expression.rfind("\n", 0, at) + 1) + 1
        super().__init__(f"{line}:{column}: {message}")
        self.at = at


def tokens(expression: str) -> list[Token]:
    """All tokens, closed by one of kind `end`. Raises ExpressionError."""
    found = []
    at = 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None:
            raise ExpressionError(
                f"what is {expression[at : at + 12].split(maxsplit=1)[0]!r}?", expression, at
            )
        kind = str(match.lastgroup)
        if kind != "space":
            text = match.group()
            found.append(Token(kind, _unquote(text, expression, at) if kind == "string" else text, at))
        at = match.end()
    found.append(Token("end", "the end", len(expression)))
    return found


def seconds(text: str) -> float:
    """`1h30m` in seconds; ValueError for anything else."""
    if not re.fullmatch(r"(?:[0-9]+(?:ms|[smhdwy]))+", text):
        raise ValueError(f"{text!r} is no duration; write 30s, 5m, 1h30m or 7d")
    return float(sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"([0-9]+)(ms|[smhdwy])", text)))


def _unquote(text: str, expression: str, at: int) -> str:
    def escape(match: re.Match[str]) -> str:
        known = _ESCAPES.get(match.group(1))
        if known is None:
            raise ExpressionError(f"unknown escape {match.group()!r} in a string", expression, at)
        return known

    return re.sub(r"\\(.)", escape, text[1:-1])
