from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestwire.errors import CommandError
from guestwire.schema import builtin
from guestwire.schema.codec import check_result, decode_arguments
from guestwire.schema.model import BUILTINS, INTEGERS, Alternate, Command, Enum, Struct

from .helpers import schema
from .test_builtin import ALL, SYMBOLS

COMMANDS = builtin.commands(SYMBOLS["linux"])
EVERYWHERE = builtin.commands(ALL)
TYPES = builtin.definitions(ALL)

OWN = schema(
    """
    { 'enum': 'Kind', 'data': [ 'one', 'two', 'none' ] }
    { 'struct': 'One', 'data': { 'a': 'int', '*more': [ 'One' ] } }
    { 'struct': 'Two', 'data': { 'b-c': 'number' } }
    { 'union': 'Both', 'base': { 'kind': 'Kind' }, 'discriminator': 'kind', 'data': { 'one': 'One', 'two': 'Two' } }
    { 'alternate': 'Any', 'data': { 'n': 'int', 's': 'Kind', 'o': 'One', 'l': [ 'int' ], 'z': 'null', 'f': 'bool' } }
    { 'command': 'try', 'data': {
      '*both': 'Both', '*any': 'Any', '*list': [ 'Both' ], '*anything': 'any', '*nothing': 'null', '*number': 'number',
      '*i8': 'int8', '*i16': 'int16', '*i32': 'int32', '*i64': 'int64',
      '*u8': 'uint8', '*u16': 'uint16', '*u32': 'uint32', '*u64': 'uint64', '*size': 'size', '*two-words': 'str' } }
    { 'command': 'nothing' }
    { 'command': 'get', 'returns': 'Both' }
    """
).commands


def fault(command: Command, arguments: Any) -> str:
    with pytest.raises(CommandError) as caught:
        decode_arguments(command, arguments)
    assert caught.value.error_class == "GenericError"
    return caught.value.desc


def own_fault(**arguments: Any) -> str:
    return fault(OWN["try"], arguments)


def test_keywords() -> None:
    found = decode_arguments(COMMANDS["guest-file-write"], {"buf-b64": "YQ==", "handle": 1000})
    assert found == {"handle": 1000, "buf_b64": "YQ=="}
    assert decode_arguments(OWN["try"], {"two-words": "x"}) == {"two_words": "x"}


@pytest.mark.parametrize("arguments", [None, {}])
def test_no_arguments(arguments: Any) -> None:
    assert decode_arguments(COMMANDS["guest-ping"], arguments) == {}
    assert decode_arguments(COMMANDS["guest-set-time"], arguments) == {}
    assert fault(COMMANDS["guest-sync"], arguments) == "Parameter 'id' is missing"


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("guest-ping", {"x": 1}, "Parameter 'x' is unexpected"),
        ("guest-sync", {"x": 1}, "Parameter 'id' is missing"),
        ("guest-sync", {"id": 1, "x": 1}, "Parameter 'x' is unexpected"),
        ("guest-sync", {"id": "1"}, "Invalid parameter type for 'id', expected: integer"),
        ("guest-sync", {"id": 1.0}, "Invalid parameter type for 'id', expected: integer"),
        ("guest-sync", {"id": True}, "Invalid parameter type for 'id', expected: integer"),
        ("guest-sync", {"id": 1 << 63}, "Invalid parameter type for 'id', expected: integer"),
        ("guest-set-time", {"time": None}, "Invalid parameter type for 'time', expected: integer"),
        ("guest-file-open", {"path": 1, "mode": 1}, "Invalid parameter type for 'path', expected: string"),
        ("guest-file-open", {"path": "/", "mode": None}, "Invalid parameter type for 'mode', expected: string"),
        ("guest-ssh-add-authorized-keys", {"username": "a", "keys": [], "reset": 1},
         "Invalid parameter type for 'reset', expected: boolean"),
        ("guest-exec", {"path": "/bin/true", "arg": "a"}, "Invalid parameter type for 'arg', expected: array"),
        ("guest-exec", {"path": "/bin/true", "arg": ["a", 1]}, "Invalid parameter type for 'arg[1]', expected: string"),
        ("guest-exec", {"path": "/bin/true", "capture-output": 1},
         "Invalid parameter type for 'capture-output', expected: GuestExecCaptureOutput"),
        ("guest-exec", {"path": "/bin/true", "capture-output": "all"},
         "Parameter 'capture-output' does not accept value 'all'"),
        ("guest-file-seek", {"handle": 1, "offset": 0, "whence": None},
         "Invalid parameter type for 'whence', expected: GuestFileWhence"),
        ("guest-file-seek", {"handle": 1, "offset": 0, "whence": 1.0},
         "Invalid parameter type for 'whence', expected: integer"),
        ("guest-file-seek", {"handle": 1, "offset": 0, "whence": "top"},
         "Parameter 'whence' does not accept value 'top'"),
        ("guest-set-vcpus", {"vcpus": [1]}, "Invalid parameter type for 'vcpus[0]', expected: object"),
        ("guest-set-vcpus", {"vcpus": [{"online": True}]}, "Parameter 'vcpus[0].logical-id' is missing"),
        ("guest-set-vcpus", {"vcpus": [{"logical-id": 0, "online": 1}]},
         "Invalid parameter type for 'vcpus[0].online', expected: boolean"),
        ("guest-set-vcpus", {"vcpus": [{"logical-id": 0, "online": True, "x": 1}]},
         "Parameter 'vcpus[0].x' is unexpected"),
        ("guest-set-memory-blocks", {"mem-blks": [{"phys-index": "1", "online": True}]},
         "Parameter 'mem-blks[0].phys-index' expects uint64"),
    ],
)  # fmt: skip
def test_faults_in_qemus_words(name: str, arguments: Any, text: str) -> None:
    """Compared with the real agent, 7.2, request by request."""
    assert fault(COMMANDS[name], arguments) == text


@pytest.mark.parametrize(
    ("given", "taken"), [(-1, (1 << 64) - 1), (-(1 << 63), 1 << 63), ((1 << 64) - 1,) * 2, (0, 0)]
)
def test_negative_numbers_wrap_to_64_bits(given: int, taken: int) -> None:
    assert decode_arguments(OWN["try"], {"u64": given, "size": given}) == {"u64": taken, "size": taken}


@pytest.mark.parametrize("given", [1 << 64, -(1 << 63) - 1, 1.0, "1", True, None])
def test_what_does_not_wrap(given: Any) -> None:
    assert own_fault(u64=given) == "Parameter 'u64' expects uint64"


@pytest.mark.parametrize("name", ["int8", "int16", "int32", "uint8", "uint16", "uint32"])
def test_widths(name: str) -> None:
    key = name[0] + name.lstrip("uint")
    low, high = INTEGERS[name]
    for value in (low, high):
        assert decode_arguments(OWN["try"], {key: value}) == {key: value}
    for value in (low - 1, high + 1):
        assert own_fault(**{key: value}) == f"Parameter '{key}' expects {name}"
    for wrong in (1.5, "1", 1 << 64, None):
        assert own_fault(**{key: wrong}) == f"Invalid parameter type for '{key}', expected: integer"


def test_numbers_null_and_anything() -> None:
    for number in (1, 1.5, -(1 << 70)):
        assert decode_arguments(OWN["try"], {"number": number}) == {"number": number}
    assert own_fault(number=True) == "Invalid parameter type for 'number', expected: number"
    assert decode_arguments(OWN["try"], {"nothing": None, "anything": [{}]}) == {
        "nothing": None,
        "anything": [{}],
    }
    assert own_fault(nothing=0) == "Invalid parameter type for 'nothing', expected: null"


@pytest.mark.parametrize("value", [5, "one", {"a": 1}, [1, 2], None, True])
def test_an_alternate_gives_the_plain_value(value: Any) -> None:
    assert decode_arguments(OWN["try"], {"any": value}) == {"any": value}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "Parameter 'any.a' is missing"),
        ("three", "Parameter 'any' does not accept value 'three'"),
        ([1, "x"], "Invalid parameter type for 'any[1]', expected: integer"),
        (0.5, "Invalid parameter type for 'any', expected: integer"),
    ],
)
def test_faults_inside_an_alternate(value: Any, text: str) -> None:
    assert own_fault(any=value) == text


@pytest.mark.parametrize(
    "value",
    [
        {"kind": "one", "a": 1}, {"kind": "one", "a": 1, "more": [{"a": 2, "more": [{"a": 3}]}]},
        {"kind": "two", "b-c": 1.5}, {"kind": "none"},
    ],
)  # fmt: skip
def test_a_union_goes_by_its_discriminator(value: Any) -> None:
    assert decode_arguments(OWN["try"], {"both": copy.deepcopy(value)}) == {"both": value}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "Parameter 'both.kind' is missing"),
        ({"kind": "three"}, "Parameter 'both.kind' does not accept value 'three'"),
        ({"kind": "one"}, "Parameter 'both.a' is missing"),
        ({"kind": "two", "b-c": 1, "a": 1}, "Parameter 'both.a' is unexpected"),
        ({"kind": "none", "a": 1}, "Parameter 'both.a' is unexpected"),
        ({"kind": "one", "a": 1, "more": [{"a": 1}, {}]}, "Parameter 'both.more[1].a' is missing"),
        ({"kind": 1}, "Invalid parameter type for 'both.kind', expected: string"),
        ([], "Invalid parameter type for 'both', expected: object"),
    ],
)
def test_faults_inside_a_union(value: Any, text: str) -> None:
    assert own_fault(both=value) == text


def test_results() -> None:
    check_result(COMMANDS["guest-ping"], None)
    check_result(COMMANDS["guest-sync"], 5)
    read = {"count": 1, "buf-b64": b"YQ==", "eof": False}
    check_result(COMMANDS["guest-file-read"], read)
    assert read["buf-b64"] == b"YQ=="
    check_result(OWN["get"], {"kind": "two", "b-c": 1})
    check_result(EVERYWHERE["guest-get-users"], [{"user": "root", "login-time": 1.5}])


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("guest-ping", {}, "guest-ping returns nothing, but its function returned dict"),
        (
            "guest-sync",
            "5",
            "guest-sync returned what its schema does not allow: .*'return', expected: integer",
        ),
        (
            "guest-get-host-name",
            {},
            "guest-get-host-name returned .*: Parameter 'return.host-name' is missing",
        ),
        ("guest-get-users", [{"user": "a", "login-time": 1, "tty": 2}], "'return\\[0\\].tty' is unexpected"),
        ("guest-fsfreeze-status", "melting", "'return' does not accept value 'melting'"),
    ],
)
def test_wrong_results(name: str, value: Any, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        check_result(COMMANDS[name], value)


def values(type_name: str, depth: int = 0) -> st.SearchStrategy[Any]:
    """Every right value of a type."""
    if type_name.startswith("["):
        return st.lists(values(type_name[1:-1], depth + 1), max_size=2)
    if type_name in INTEGERS:
        return st.integers(*INTEGERS[type_name])
    if type_name in BUILTINS:
        plain = {
            "str": st.text(max_size=5),
            "bool": st.booleans(),
            "number": st.floats(allow_nan=False),
            "null": st.none(),
        }
        return plain.get(type_name, st.none())
    definition = TYPES[type_name]
    if isinstance(definition, Enum):
        return st.sampled_from(definition.values)
    if isinstance(definition, Alternate):
        return st.one_of([values(branch, depth + 1) for branch in definition.branches.values()])
    assert isinstance(definition, Struct)
    return members(definition.members, depth)


def members(found: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {member.name: values(member.type, depth + 1) for member in found if not member.optional},
        optional={member.name: values(member.type, depth + 1) for member in found if member.optional},
    )


ANY_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def fault_or_none(command: Command, arguments: dict[str, Any]) -> str | None:
    try:
        decode_arguments(command, arguments)
    except CommandError as error:
        return error.desc
    return None


@pytest.mark.parametrize("name", [name for name, command in EVERYWHERE.items() if command.arguments])
def test_right_arguments_are_taken_and_wrong_ones_refused(name: str) -> None:
    command = EVERYWHERE[name]

    @given(members(command.arguments), st.data())
    def try_it(arguments: dict[str, Any], data: st.DataObject) -> None:
        keywords = {member.name: member.keyword for member in command.arguments}
        expected = {keywords[key]: value for key, value in copy.deepcopy(arguments).items()}
        assert decode_arguments(command, copy.deepcopy(arguments)) == expected
        key = data.draw(st.sampled_from([*keywords, "odd-one"]))
        arguments[key] = data.draw(ANY_JSON)
        told = fault_or_none(command, arguments)
        assert key in told if told is not None else key != "odd-one"

    try_it()
