"""Alternates: a value's JSON type must tell which branch it is."""

from __future__ import annotations

from guestwire.schema.model import INTEGERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_PLAIN = {
    **dict.fromkeys(INTEGERS, "number"),
    "number": "number",
    "str": "string",
    "bool": "boolean",
    "null": "null",
}
_BY_KIND = {"enum": "string", "struct": "object", "union": "object", "array": "array"}


def first_clash(
    branches: list[Any], kind: Callable[[str], str | None], values: Callable[[str], list[str]]
) -> tuple[str, str] | None:
    """Two branches that one value could mean; the later one first.

    A string branch excludes numbers and booleans too, since QEMU's command lines write those as words; an enum only
    excludes those that its values could be taken for.
    """
    taken: dict[str, str] = {}
    for branch, type_name, _ in branches:
        mine = _meanings(type_name, kind, values)
        for meaning in mine:
            if meaning in taken:
                return branch, taken[meaning]
        taken.update(dict.fromkeys(mine, branch))
    return None


def _meanings(
    type_name: str, kind: Callable[[str], str | None], values: Callable[[str], list[str]]
) -> set[str]:
    if type_name == "str":
        return {"string", "number", "boolean"}
    found = {_PLAIN.get(type_name) or _BY_KIND[str(kind(type_name))]}
    if kind(type_name) == "enum":
        words = values(type_name)
        found |= {"boolean"} if {"on", "off"} & set(words) else set()
        found |= {"number"} if any(word[0].isdigit() for word in words) else set()
    return found
