"""Every command of the schema as a method: typed, tolerant of other versions, and of nothing else."""

import asyncio
import contextlib
import copy
import inspect
import json

import msgspec
import pytest

from guestwire.client import AsyncGuestAgent, GuestAgent, _methods, types
from guestwire.client.codec import Command
from guestwire.errors import ProtocolError
from guestwire.testing import FakeGuest, MemoryChannel, Script

COMMANDS = {value.name: value for value in vars(_methods).values() if isinstance(value, Command)}
WRONG = [None, True, -1, 1.5, 2**63, 10**30, "", "\x1b[31m\0", [], [[]], {}, {"x": None}]


def sample(kind):
    """A right answer for a msgspec type, with every optional member present."""
    if isinstance(kind, msgspec.inspect.StructType):
        return {field.encode_name: sample(field.type) for field in kind.fields}
    if isinstance(kind, msgspec.inspect.ListType):
        return [sample(kind.item_type)] * 2
    if isinstance(kind, msgspec.inspect.UnionType):
        return sample(next(each for each in kind.types if not isinstance(each, msgspec.inspect.NoneType)))
    return {
        msgspec.inspect.IntType: 7,
        msgspec.inspect.FloatType: 0.5,
        msgspec.inspect.StrType: "text",
        msgspec.inspect.BoolType: True,
        msgspec.inspect.NoneType: {},
    }[type(kind)]


def answer_of(command):
    return sample(msgspec.inspect.type_info(command._result))


def places(value, path=()):
    """Every place in a value, itself included."""
    yield path
    for key, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from places(inner, (*path, key))


def replaced(value, path, wrong):
    if not path:
        return wrong
    value = copy.deepcopy(value)
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = wrong
    return value


def line(value):
    return json.dumps({"return": value}).encode() + b"\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_right_answers_are_read_whole(name):
    command = COMMANDS[name]
    right = answer_of(command)
    value = command.decode(line(right))
    if command._result is not None:
        assert msgspec.to_builtins(value) == right


@pytest.mark.parametrize("name", COMMANDS)
def test_wrong_types_in_any_member_are_protocol_errors_or_harmless(name):
    command = COMMANDS[name]
    right = answer_of(command)
    for path in places(right):
        for wrong in WRONG:
            with contextlib.suppress(ProtocolError):
                command.decode(line(replaced(right, path, wrong)))


@pytest.mark.parametrize("name", COMMANDS)
def test_unknown_members_are_ignored(name):
    command = COMMANDS[name]
    right = answer_of(command)
    value = command.decode(line(right))
    for path in places(right):
        inner = right
        for key in path:
            inner = inner[key]
        if isinstance(inner, dict):
            more = replaced(right, path, {**inner, "x-new": [{"deep": 1}]})
            assert command.decode(line(more)) == value or command._result is None


def test_optional_members_may_be_missing():
    assert COMMANDS["guest-get-osinfo"].decode(line({})) == types.GuestOSInfo()


def test_members_younger_than_their_type_may_be_missing():
    info = COMMANDS["guest-info"].decode(
        line({"version": "1.1", "supported_commands": [{"name": "a", "enabled": True}]})
    )
    assert info.supported_commands[0].success_response is None


def test_values_of_enumerations_may_be_new():
    address = {"type": "ipv9", "address": "x"}
    interface = {"name": "eth0", "ip-address-type": "x", "ip-addresses": [{"ip-address": "x", "prefix": 1}]}
    interface["ip-addresses"][0]["ip-address-type"] = address["type"]
    value = COMMANDS["guest-network-get-interfaces"].decode(line([interface]))
    assert value[0].ip_addresses[0].ip_address_type == "ipv9"


def test_structs_are_sent_with_wire_names_and_without_what_is_absent(connect):
    guest = FakeGuest({"guest-set-memory-blocks": [], "guest-set-vcpus": 1})
    agent = connect(guest)
    agent.guest_set_memory_blocks([types.GuestMemoryBlock(phys_index=3, online=True)])
    assert guest.calls[0][1] == {"mem-blks": [{"phys-index": 3, "online": True}]}


def test_both_clients_have_every_command():
    for name in COMMANDS:
        for client in (GuestAgent, AsyncGuestAgent):
            method = getattr(client, name.replace("-", "_"))
            assert inspect.isfunction(method)
            assert method.__doc__


def test_one_flavour_returns_results_and_the_other_coroutines():
    agent = GuestAgent(MemoryChannel(FakeGuest()))
    assert agent.guest_ping() is None
    coroutine = AsyncGuestAgent(MemoryChannel(FakeGuest())).guest_ping()  # type: ignore[arg-type]
    assert asyncio.iscoroutine(coroutine)
    coroutine.close()


def test_the_delimited_sync_is_a_command_like_others(connect):
    script = Script(b'\xff{"return": 5}\n', sync=False)
    agent = connect(script)
    agent.session.protocol.opened()
    agent.session.protocol.sync(1)
    agent.session.protocol.receive(b'{"return": 1}\n')
    connect.channel.open(1)
    assert agent.guest_sync_delimited(5) == 5
