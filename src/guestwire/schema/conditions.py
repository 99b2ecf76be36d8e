"""`if` conditions: from the schema's form to the one that `model.holds` understands.

None, a symbol, ("all" | "any", conditions...) or ("not", condition). QEMU before version 6.1 wrote C's preprocessor
expressions instead (`defined(A) && !defined(B)`, a list meaning all); they are understood as well.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SYMBOL = re.compile(r"[A-Z][A-Z0-9_]*")
_OLD_TOKENS = re.compile(r"\s*(defined|&&|\|\||[()!]|\w+)")


class BadCondition(Exception):
    """What is wrong with a condition; the caller knows where it stands."""


def condition(given: Any) -> Any:
    """A condition in the model's form. Raises BadCondition."""
    if isinstance(given, str):
        if _SYMBOL.fullmatch(given):
            return given
        if "defined" in given:
            return _Old(given).read()
        raise BadCondition(f"'if' needs a symbol in capitals, not '{given}'")
    if isinstance(given, list):
        return _several("all", given, "'if'")
    if not isinstance(given, dict):
        raise BadCondition("'if' needs a symbol or an object")
    if len(given) != 1 or next(iter(given)) not in ("all", "any", "not"):
        raise BadCondition("an 'if' object has exactly one key, 'all', 'any' or 'not'")
    ((operator, operand),) = given.items()
    if operator == "not":
        return ("not", condition(operand))
    return _several(operator, operand, f"'{operator}' of an 'if'")


def _several(operator: str, operands: Any, what: str) -> Any:
    if not isinstance(operands, list) or not operands:
        raise BadCondition(f"{what} needs a list with at least one condition")
    return (operator, *(condition(operand) for operand in operands))


class _Old:
    """Recursive descent over `||`, `&&`, `!`, `defined(NAME)` and parentheses."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _OLD_TOKENS.findall(text)
        if "".join(self._tokens) != re.sub(r"\s", "", text):
            raise self._bad()

    def read(self) -> Any:
        found = self._chain("||", "any")
        if self._tokens:
            raise self._bad()
        return found

    def _bad(self) -> BadCondition:
        return BadCondition(f"'if' condition '{self._text}' is not understood")

    def _next(self, expected: str | None = None) -> str:
        token = self._tokens.pop(0) if self._tokens else ""
        if not token or (expected is not None and token != expected):
            raise self._bad()
        return str(token)

    def _chain(self, sign: str, operator: str) -> Any:
        parts = [self._part(sign)]
        while self._tokens and self._tokens[0] == sign:
            self._next()
            parts.append(self._part(sign))
        return parts[0] if len(parts) == 1 else (operator, *parts)

    def _part(self, sign: str) -> Any:
        return self._chain("&&", "all") if sign == "||" else self._unary()

    def _unary(self) -> Any:
        token = self._next()
        if token == "!":
            return ("not", self._unary())
        if token == "(":
            found = self._chain("||", "any")
            self._next(")")
            return found
        if token != "defined":
            raise self._bad()
        self._next("(")
        name = self._next()
        self._next(")")
        return name
