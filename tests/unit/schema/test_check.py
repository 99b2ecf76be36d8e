"""The faults are in tests/golden/schema; here is what fits together, and what comes from elsewhere."""

from __future__ import annotations

import pytest

from guestwire.errors import SchemaError
from guestwire.schema import builtin
from guestwire.schema.check import Checked

from .helpers import checked, source

BASE = builtin.definitions(frozenset({"CONFIG_LINUX"}))


def test_members_of_bases_come_first() -> None:
    found = checked(
        "{ 'struct': 'Low', 'data': { 'a': 'int' } } { 'struct': 'Mid', 'base': 'Low', 'data': { 'b': 'int' } }"
        "{ 'struct': 'Top', 'base': 'Mid', 'data': { 'c': 'int' } } { 'command': 'x', 'data': 'Top' }"
        "{ 'event': 'X', 'data': 'Top', 'boxed': true }"
    )
    for name in ("Top", "x", "X"):
        assert [member[0] for member in found.members(found.definitions[name])] == ["a", "b", "c"]


def test_types_may_come_later_and_hold_themselves() -> None:
    found = checked(
        "{ 'command': 'a', 'returns': 'Node' } { 'struct': 'Node', 'data': { '*next': [ 'Node' ] } }"
    )
    assert found.kind("Node") == "struct"
    assert found.kind("[Node]") == "array"
    assert found.kind("a") is None


def test_known_types_may_be_used_in_every_place() -> None:
    text = (
        "{ 'struct': 'Mine', 'base': 'GuestHostName', 'data': { 'x': 'GuestFileRead' } }"
        "{ 'union': 'Either', 'base': { 'type': 'GuestDiskBusType' }, 'discriminator': 'type',"
        "  'data': { 'nvme': 'GuestPCIAddress' } }"
        "{ 'alternate': 'Way', 'data': { 'name': 'QGASeek', 'number': 'int' } }"
        "{ 'command': 'mine', 'data': 'GuestFileSeek', 'returns': [ 'GuestDiskAddress' ] }"
    )
    found = Checked(source(text), BASE)
    assert [member[0] for member in found.members(found.definitions["Mine"])] == ["host-name", "x"]
    assert [member[0] for member in found.members(found.definitions["mine"])] == ["position", "eof"]
    assert found.values("QGASeek") == ["set", "cur", "end"]
    assert found.values("GuestFileRead") == []
    kinds = [
        found.kind(name) for name in ("GuestCpuStats", "GuestFileWhence", "GuestOSInfo", "QGASeek", "Gone")
    ]
    assert kinds == ["union", "alternate", "struct", "enum", None]


@pytest.mark.parametrize(
    "text",
    ["{ 'struct': 'GuestFileRead', 'data': { } }", "{ 'command': 'guest-ping' }"],
)
def test_known_names_are_taken(text: str) -> None:
    with pytest.raises(SchemaError, match="is already defined elsewhere"):
        Checked(source(text), BASE, {"guest-ping"})


def test_a_boxed_command_takes_a_union() -> None:
    checked(
        "{ 'enum': 'Kind', 'data': [ 'one' ] }"
        "{ 'union': 'Foo', 'base': { 'kind': 'Kind' }, 'discriminator': 'kind', 'data': { } }"
        "{ 'command': 'a', 'boxed': true, 'data': 'Foo' }"
    )


def test_a_union_may_have_a_named_base() -> None:
    found = checked(
        "{ 'enum': 'Kind', 'data': [ 'one' ] } { 'struct': 'Base', 'data': { 'kind': 'Kind', 'x': 'int' } }"
        "{ 'struct': 'One', 'data': { 'y': 'int' } }"
        "{ 'union': 'Foo', 'base': 'Base', 'discriminator': 'kind', 'data': { 'one': 'One' } }"
    )
    assert [member[0] for member in found.members(found.definitions["Foo"])] == ["kind", "x"]


def test_a_known_enum_is_no_base() -> None:
    with pytest.raises(SchemaError, match="needs a struct, not the enum type 'QGASeek'"):
        Checked(source("{ 'struct': 'Mine', 'base': 'QGASeek', 'data': { } }"), BASE)
    with pytest.raises(SchemaError, match="needs a struct, not the enum type 'QGASeek'"):
        Checked(source("{ 'command': 'mine', 'data': 'QGASeek' }"), BASE)
