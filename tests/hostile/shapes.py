"""Answers by the schema's types: a right one, and every way in which one member of it can be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import msgspec

WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**63,
    -(2**64),
    10**400,
    1.5,
    1e308,
    "",
    "\x1b]0;evil\x07\x1b[2J\u202e\0\r\n",
    "x" * 5000,
    [],
    [None],
    {},
    {"a": {"b": []}},
)
"""What a member is replaced by: values of every type, and extreme ones of the right type."""

ODD_KEYS = {"\x1b[31m": 1, "return": {}, "error": None, "": []}
GONE = object()


PLAIN = {"IntType": 7, "FloatType": 1.5, "BoolType": True, "BytesType": "AAAA", "AnyType": {}, "RawType": {}}


def sample(kind: Any) -> Any:
    """A right value of a type, with every member there and one entry in each list."""
    return _sample(msgspec.inspect.type_info(kind))


def _sample(info: Any) -> Any:
    name = type(info).__name__
    if name == "StructType":
        return {each.encode_name: _sample(each.type) for each in info.fields}
    if name == "ListType":
        return [_sample(info.item_type)]
    if name == "UnionType":
        return _sample(next(each for each in info.types if type(each).__name__ != "NoneType"))
    return PLAIN.get(name, "text")


def spoilt(value: Any) -> Iterator[Any]:
    """The value with one thing wrong in it, each in turn: a wrong member, one missing, one too many, a long list."""
    for place in _places(value):
        for wrong in WRONG:
            yield _with(value, place, wrong)
        if place:
            yield _with(value, place, GONE)
        if isinstance(_at(value, place), dict):
            yield _with(value, place, {**_at(value, place), **ODD_KEYS})
        if isinstance(_at(value, place), list):
            yield _with(value, place, _at(value, place) * 1000)


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from _places(each, (*place, key))


def _at(value: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        value = value[key]
    return value


def _with(value: Any, place: tuple[Any, ...], wrong: Any) -> Any:
    if not place:
        return wrong
    copy = deepcopy(value)
    around = _at(copy, place[:-1])
    if wrong is GONE:
        del around[place[-1]]
    else:
        around[place[-1]] = wrong
    return copy
