"""The faults of form are in tests/golden/schema; here is what is right, in all its forms."""

from __future__ import annotations

import pytest

from guestwire.errors import SchemaError
from guestwire.schema import forms
from guestwire.schema.parser import Expression, Object

from .helpers import checked, source


def expression(text: str) -> Expression:
    return source(text).expressions[0]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("enum", "{ 'enum': 'A', 'data': [ ], 'prefix': 'X', 'if': 'B', 'features': [ 'c' ] }"),
        ("struct", "{ 'struct': 'A', 'data': { }, 'base': 'B' }"),
        ("union", "{ 'union': 'A', 'base': 'B', 'discriminator': 'c', 'data': { } }"),
        ("alternate", "{ 'alternate': 'A', 'data': { 'b': 'int' } }"),
        ("command", "{ 'command': 'a' }"),
        (
            "command",
            "{ 'command': 'a', 'data': 'B', 'boxed': true, 'gen': false, 'success-response': false, 'allow-oob': true,"
            " 'allow-preconfig': true, 'returns': 'C' }",
        ),
        ("command", "{ 'command': 'a', 'coroutine': true }"),
        ("event", "{ 'event': 'A_B', 'data': { } }"),
        ("struct", "{ 'type': 'A', 'data': { } }"),
        ("command", "{ 'command': 'a', 'success-response': 'no', 'gen': 'no' }"),
    ],
)
def test_kinds(kind: str, text: str) -> None:
    assert forms.kind_of(expression(text)) == kind


@pytest.mark.parametrize(
    ("style", "name"),
    [
        ("command", "guest-get-x2"), ("command", "x-try"), ("command", "__org.example_guest-a"), ("type", "GuestA"),
        ("type", "QGASeek"), ("event", "A_B2"), ("member", "a-b"), ("member", "a_b"),
        ("value", "3d"), ("value", "x86-64"),
    ],
)  # fmt: skip
def test_names(style: str, name: str) -> None:
    assert forms.check_name(Expression(Object(1), "x.json", 1, None), "it", name, style) == name


def test_a_pragma_frees_names() -> None:
    names = (
        "{ 'pragma': { 'command-name-exceptions': [ 'guest_A' ], 'member-name-exceptions': [ 'Foo', 'Kind' ] } }"
        "{ 'command': 'guest_A' } { 'struct': 'Foo', 'data': { 'aB': 'int' } } { 'enum': 'Kind', 'data': [ 'C' ] }"
    )
    assert list(checked(names).definitions) == ["guest_A", "Foo", "Kind"]
    with pytest.raises(SchemaError):
        checked(names.replace("[ 'guest_A' ]", "[ ]"))


def test_features_have_conditions() -> None:
    found = expression("{ 'command': 'a', 'features': [ 'b', { 'name': 'c', 'if': 'D' } ] }")
    assert forms.features(found, "it", found.keys) == [("b", None), ("c", "D")]
