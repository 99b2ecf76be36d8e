import inspect

import pytest

from guestwire.client import types
from guestwire.errors import ConfigError, ProtocolError, SchemaError
from guestwire.testing import FakeGuest, Script

SCHEMA = """
##
# @SiteColour:
#
# @red: red
# @dark-blue: blue
##
{ 'enum': 'SiteColour', 'data': [ 'red', 'dark-blue' ] }

##
# @SiteThing:
#
# A thing.
#
# @thing-id: its number
# @colour: its colour
# @parts: what it is made of
# @disk: where it is
##
{ 'struct': 'SiteThing',
  'data': { 'thing-id': 'int', '*colour': 'SiteColour', '*parts': [ 'SiteThing' ], '*disk': 'GuestPCIAddress' } }

##
# @guest-site-things:
#
# All things of a colour.
#
# @name-part: what their names hold
# @colour: the colour
#
# Returns: things
##
{ 'command': 'guest-site-things', 'data': { '*colour': 'SiteColour', 'name-part': 'str' },
  'returns': [ 'SiteThing' ], 'if': 'CONFIG_SITE' }

##
# @guest-site-vanish:
#
# Goes without a word.
##
{ 'command': 'guest-site-vanish', 'success-response': false }
"""


@pytest.fixture
def schema(tmp_path):
    path = tmp_path / "site.json"
    path.write_text(SCHEMA)
    return path


def test_commands_become_methods(connect, schema):
    guest = FakeGuest(
        {"guest-site-things": [{"thing-id": 5, "colour": "red", "parts": [{"thing-id": 6}], "new": 1}]}
    )
    agent = connect(guest)
    agent.load_schema(schema)
    (thing,) = agent.guest_site_things("x", colour="red", timeout=3)
    assert (thing.thing_id, thing.colour, thing.disk) == (5, "red", None)
    assert guest.calls == [("guest-site-things", {"name-part": "x", "colour": "red"})]


def test_a_folder_of_schema_files_is_read_whole(connect, schema):
    (schema.parent / "more.json").write_text("##\n# @guest-more:\n# More.\n##\n{ 'command': 'guest-more' }\n")
    agent = connect(FakeGuest({"guest-more": None}))
    agent.load_schema(schema.parent)
    assert agent.guest_more() is None
    assert agent.guest_site_things


def test_types_may_use_those_of_the_package(connect, schema):
    site = connect(FakeGuest()).load_schema(schema)
    thing = site.types["SiteThing"](
        thing_id=1, disk=types.GuestPCIAddress(domain=0, bus=1, slot=2, function=3)
    )
    assert thing.disk.bus == 1


def test_answers_are_held_to_the_schema(connect, schema):
    agent = connect(Script(b'{"return": [{"thing-id": "5"}]}\n'))
    agent.load_schema(schema)
    with pytest.raises(ProtocolError, match="not what the command returns"):
        agent.guest_site_things("x")


def test_silent_commands_stay_silent(connect, schema):
    agent = connect(Script())
    agent.load_schema(schema)
    assert agent.guest_site_vanish() is None


def test_methods_are_documented(connect, schema):
    agent = connect(FakeGuest())
    if connect.flavour == "aio":
        agent = agent._agent
    agent.load_schema(schema)
    assert agent.guest_site_things.__doc__ == "All things of a colour."
    assert str(inspect.signature(agent.guest_site_things)) == "(name_part, colour=None, *, timeout=None)"
    with pytest.raises(TypeError, match="missing a required argument: 'name_part'"):
        agent.guest_site_things()


def test_faults_are_named(connect, schema, tmp_path):
    agent = connect(FakeGuest())
    schema.write_text("{ 'command': 'guest-ping' }\n")
    with pytest.raises(SchemaError, match=r"site\.json:1: "):
        agent.load_schema(schema)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="no schema files"):
        agent.load_schema(tmp_path / "empty")
