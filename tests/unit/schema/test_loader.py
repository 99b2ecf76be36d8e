from __future__ import annotations

from pathlib import Path

import pytest

from guestwire.errors import SchemaError
from guestwire.schema import builtin, loader
from guestwire.schema.model import Alternate, Enum, Struct, Variants

from .helpers import QAPI, schema

TEXT = """
{ 'enum': 'Kind', 'data': [ 'one', { 'name': 'two', 'if': 'TWO' } ] }
{ 'struct': 'One', 'data': { 'a': 'int', '*b': { 'type': 'str', 'if': 'B', 'features': [ 'late' ] } } }
{ 'struct': 'Two', 'base': 'One', 'data': { 'c': 'number' }, 'if': 'TWO' }
{ 'union': 'Both', 'base': { 'kind': 'Kind' }, 'discriminator': 'kind',
  'data': { 'one': 'One', 'two': { 'type': 'Two', 'if': 'TWO' } } }
{ 'alternate': 'Either', 'data': { 'flag': 'bool', 'text': { 'type': 'Kind', 'if': 'TWO' } } }
{ 'command': 'do-it', 'data': 'One', 'returns': [ 'Both' ], 'success-response': false, 'allow-oob': true,
  'features': [ 'fast', { 'name': 'new', 'if': 'TWO' } ] }
{ 'command': 'do-two', 'data': { 'x': 'Two', '*class': 'Either' }, 'if': { 'not': { 'not': 'TWO' } } }
{ 'event': 'DONE', 'data': { 'x': 'Two' }, 'if': 'TWO' }
"""


def test_everything_of_one_platform() -> None:
    found = schema(TEXT, "TWO", "B")
    kind, one, two = found.types["Kind"], found.types["One"], found.types["Two"]
    both, either = found.types["Both"], found.types["Either"]
    assert isinstance(kind, Enum)
    assert kind.values == ("one", "two")
    assert isinstance(one, Struct)
    assert [(m.name, m.type, m.optional, m.features) for m in one.members] == [
        ("a", "int", False, ()),
        ("b", "str", True, ("late",)),
    ]
    assert isinstance(two, Struct)
    assert [member.name for member in two.members] == ["a", "b", "c"]
    assert isinstance(both, Variants)
    assert (both.discriminator, both.branches) == ("kind", {"one": "One", "two": "Two"})
    assert isinstance(either, Alternate)
    assert either.branches == {"flag": "bool", "text": "Kind"}
    command = found.commands["do-it"]
    assert [member.name for member in command.arguments] == ["a", "b"]
    assert (command.group, command.returns, command.features) == ("x", "[Both]", ("fast", "new"))
    assert (command.success_response, command.allow_oob) == (False, True)
    assert [member.keyword for member in found.commands["do-two"].arguments] == ["x", "class_"]


def test_and_what_another_one_lacks() -> None:
    found = schema(TEXT)
    assert list(found.commands) == ["do-it"]
    assert found.commands["do-it"].features == ("fast",)
    assert [member.name for member in found.commands["do-it"].arguments] == ["a"]
    assert "Two" not in found.types


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{ 'struct': 'Foo', 'data': { },\n'if': 'A' }\n{ 'struct': 'Bar',\n'data': { 'x': [ 'Foo' ] } }", 4),
        ("{ 'struct': 'Foo', 'data': { }, 'if': 'A' }\n{ 'command': 'b',\n'data': 'Foo' }", 3),
        ("{ 'struct': 'Foo', 'data': { }, 'if': 'A' }\n{ 'alternate': 'Bar',\n'data': { 'x': 'Foo' } }", 3),
        (
            "{ 'enum': 'Kind', 'data': [ 'a' ] }{ 'struct': 'Foo', 'data': { }, 'if': 'A' }\n"
            "{ 'union': 'Bar', 'base': { 'k': 'Kind' }, 'discriminator': 'k',\n'data': { 'a': 'Foo' } }",
            3,
        ),
    ],
)
def test_what_exists_may_not_name_what_does_not(text: str, line: int) -> None:
    with pytest.raises(SchemaError, match="which its 'if' leaves out on this platform") as caught:
        schema(text)
    assert caught.value.line == line
    schema(text, "A")


def test_files_are_loaded_as_one_schema(tmp_path: Path) -> None:
    (tmp_path / "net.json").write_text(
        "##\n# @net-up:\n#\n# Text.\n##\n{ 'command': 'net-up', 'data': { 'x': 'Thing' } }"
    )
    (tmp_path / "things.json").write_text("{ 'struct': 'Thing', 'data': { 'where': 'GuestPCIAddress' } }")
    base = builtin.definitions(frozenset({"CONFIG_LINUX"}))
    found = loader.load([str(tmp_path / "net.json"), str(tmp_path / "things.json")], [], base, ["guest-ping"])
    command = found.commands["net-up"]
    assert command.group == "net"
    assert {"Thing", "GuestPCIAddress"} <= set(command.types)
    assert list(found.types) == ["Thing"]
    assert found.docs["net-up"].text == "Text."


def test_our_own_files_say_what_the_tables_say() -> None:
    """One truth in two forms: tables for the start, files for everything else."""
    for symbols in ({"CONFIG_LINUX", "CONFIG_LIBUDEV"}, {"CONFIG_WIN32"}, {"HAVE_UTMPX"}):
        found = loader.load([str(QAPI / "guestwire.json")], symbols)
        tables = builtin.commands(symbols)
        assert set(found.commands) == set(tables)
        for name, command in found.commands.items():
            other = tables[name]
            assert [(m.name, m.type, m.optional, m.features) for m in command.arguments] == [
                (m.name, m.type, m.optional, m.features) for m in other.arguments
            ]
            for attribute in ("group", "returns", "features", "success_response", "allow_oob", "streamed"):
                assert getattr(command, attribute) == getattr(other, attribute)
        assert set(found.types) == set(builtin.definitions(frozenset(symbols)))


def test_the_oldest_style() -> None:
    """As QEMU wrote before version 2.4, when documentation was not checked."""
    found = schema(
        """
##
# Text without a name
#
# @id: a number
#
# Since 1.1
# ##
{ 'command': 'guest-sync',
  'data': { 'id': 'int' }, 'returns': 'int' }
{ 'pragma': { 'returns-whitelist': [ 'guest-sync' ] } }
##
# @Thing
#
# Without a colon.
##
{ 'type': 'Thing', 'data': { 'a_b': 'str' } }
##
# @guest-other:
#
# Somebody else's.
##
{ 'command': 'guest-quit', 'success-response': 'no' }
"""
    )
    assert isinstance(found.types["Thing"], Struct)
    assert not found.commands["guest-quit"].success_response
    assert found.docs == {}
