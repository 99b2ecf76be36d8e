"""The faults of documentation are in tests/golden/schema."""

from __future__ import annotations

import pytest

from guestwire.schema.docs import names, undocumented
from guestwire.schema.loader import check
from guestwire.schema.parser import Source

from .helpers import QAPI, checked

UNION = """
{ 'enum': 'Kind', 'data': [ 'one' ] }
{ 'struct': 'One', 'data': { 'a': 'int' } }
##
# @Foo:
#
# @kind: decides
##
{ 'union': 'Foo', 'base': { 'kind': 'Kind' }, 'discriminator': 'kind', 'data': { 'one': 'One' } }
"""


def test_what_may_be_described() -> None:
    found = checked(UNION)
    assert names(found.definitions["Foo"], found.members) == ["kind", "one"]
    assert names(found.definitions["Kind"], found.members) == ["one"]
    assert undocumented(found.definitions["Foo"], found.members) == ["one"]
    assert undocumented(found.definitions["Kind"], found.members) == ["one"]


def test_features_of_members_are_described_with_the_definition() -> None:
    text = """{ 'pragma': { 'doc-required': true } }
##
# @a:
#
# @b: a thing
#
# Features:
#
# @fast: quick
#
# @late: of the member
##
{ 'command': 'a', 'features': [ 'fast' ], 'data': { 'b': { 'type': 'int', 'features': [ 'late' ] } } }
"""
    assert checked(text).definitions["a"].expression.doc is not None


def test_arguments_of_a_named_type_may_be_described() -> None:
    text = """{ 'pragma': { 'doc-required': true } }
##
# @Box:
#
# @b: a thing
##
{ 'struct': 'Box', 'data': { 'b': 'int' } }
##
# @a:
#
# @b: a thing
##
{ 'command': 'a', 'data': 'Box' }
"""
    assert "a" in checked(text).definitions


OURS = check(Source().read(str(QAPI / "guestwire.json")))


@pytest.mark.parametrize("name", list(OURS.definitions))
def test_our_own_schema_describes_everything(name: str) -> None:
    definition = OURS.definitions[name]
    doc = definition.expression.doc
    assert doc is not None
    assert doc.text
    assert doc.since
    branches = [branch for branch, *_ in definition.body[2]] if definition.kind == "union" else []
    assert [member for member in undocumented(definition, OURS.members) if member not in branches] == []
    for member, text in doc.members.items():
        assert "(since " in text, f"{member} has no version"
    if definition.kind == "command" and definition.body[1]:
        assert doc.returns
