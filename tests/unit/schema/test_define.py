from __future__ import annotations

from typing import Any

import pytest

from guestwire.schema.define import Defined, define

from .helpers import source


def defined(text: str) -> Defined:
    found = source(text)
    return define(found.expressions[0], found)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        (
            "{ 'enum': 'Aa', 'data': [ 'b', { 'name': 'c', 'if': 'D', 'features': [ 'e' ] } ] }",
            [("b", None), ("c", "D")],
        ),
        (
            "{ 'struct': 'Aa', 'data': { 'b': 'int', '*c': [ 'str' ], 'd': { 'type': 'B', 'features': [ 'e' ] } } }",
            [("b", "int", False, (), None), ("c", "[str]", True, (), None), ("d", "B", False, ("e",), None)],
        ),
        (
            "{ 'union': 'Aa', 'base': { 'b': 'K' }, 'discriminator': 'b', 'data': { 'c': 'D' } }",
            ([("b", "K", False, (), None)], "b", [("c", "D", None)]),
        ),
        (
            "{ 'union': 'Aa', 'base': 'B', 'discriminator': 'b', 'data': { 'c': { 'type': 'D', 'if': 'E' } } }",
            ("B", "b", [("c", "D", "E")]),
        ),
        (
            "{ 'alternate': 'Aa', 'data': { 'b': 'int', 'c': [ 'str' ] } }",
            [("b", "int", None), ("c", "[str]", None)],
        ),
        ("{ 'command': 'a', 'data': 'B', 'returns': [ 'C' ] }", ("B", "[C]")),
        ("{ 'command': 'a' }", ([], None)),
        ("{ 'event': 'A', 'data': { 'b': 'int' } }", [("b", "int", False, (), None)]),
    ],
)
def test_bodies(text: str, body: Any) -> None:
    assert defined(text).body == body


def test_where_the_names_stand() -> None:
    found = defined("{ 'struct': 'Aa',\n 'base': 'B',\n 'data': { 'b': 'int',\n '*c': 'int' },\n 'if': 'D' }")
    assert found.lines == {"b": 3, "c": 4}
    assert (found.base, found.condition, found.title) == ("B", "D", "struct 'Aa'")
