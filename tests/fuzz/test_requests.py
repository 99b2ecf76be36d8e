"""Requests made from the schema, right and wrong: an agent in memory answers each of them, and the next one.

The commands themselves are not run: what is fuzzed is all that stands before them.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from guestwire.agent import platform
from guestwire.agent.baton import Turn
from guestwire.agent.dispatcher import Dispatcher
from guestwire.agent.gate import Gate
from guestwire.agent.log import Log
from guestwire.schema import builtin, codec
from guestwire.schema.model import BUILTINS, INTEGERS, Alternate, Command, Enum, Member, Struct
from guestwire.wire.agent import AgentProtocol
from guestwire.wire.encoding import encode
from guestwire.wire.messages import Fault, Request

COMMANDS = builtin.commands(platform.symbols("linux"))
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\ufffe\uffff"), max_size=12)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**65)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def values(type_name: str, command: Command) -> st.SearchStrategy[Any]:
    """Values that the schema allows for a type."""
    if type_name.startswith("["):
        return st.lists(values(type_name[1:-1], command), max_size=3)
    if type_name in INTEGERS:
        return st.integers(*INTEGERS[type_name])
    if type_name in BUILTINS:
        return {"str": TEXTS, "bool": st.booleans(), "number": st.floats(-1e9, 1e9)}.get(type_name, JSON)
    definition = command.types[type_name]
    if isinstance(definition, Enum):
        return st.sampled_from(definition.values)
    if isinstance(definition, Alternate):
        return st.one_of([values(branch, command) for branch in definition.branches.values()])
    assert isinstance(definition, Struct)
    return members(definition.members, command)


def members(listed: tuple[Member, ...], command: Command) -> st.SearchStrategy[dict[str, Any]]:
    required = {m.name: values(m.type, command) for m in listed if not m.optional}
    optional = {m.name: values(m.type, command) for m in listed if m.optional}
    return st.fixed_dictionaries(required, optional=optional)


class Recorder:
    """An entry whose function only remembers what it was called with."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.name = command.name
        self.features = command.features
        self.out_of_band = command.allow_oob
        self.answers_success = True
        self.streamed = None
        self.calls: list[dict[str, Any]] = []

    def decode(self, arguments: dict[str, Any] | None) -> dict[str, Any]:
        return codec.decode_arguments(self.command, arguments)

    def function(self, **arguments: Any) -> None:
        self.calls.append(arguments)


def ask(data: bytes) -> tuple[list[dict[str, Any]], dict[str, Recorder]]:
    """The answers of an agent to these bytes, and what its functions got."""
    entries = {name: Recorder(command) for name, command in COMMANDS.items()}
    dispatcher = Dispatcher(entries, Gate(), Log())  # type: ignore[arg-type]
    answers = []
    for event in AgentProtocol().receive(data):
        if isinstance(event, Fault):
            answers.append({"error": event.desc})
        elif isinstance(event, Request):
            turn = Turn(None, event)  # type: ignore[arg-type]
            for buffers, _ in dispatcher.answers(event, turn):
                answers.append(json.loads(b"".join(buffers)))
    return answers, entries


@given(st.data())
def test_what_the_schema_allows_reaches_the_function(data: st.DataObject) -> None:
    command = COMMANDS[data.draw(st.sampled_from(sorted(COMMANDS)))]
    arguments = data.draw(members(command.arguments, command))
    answers, entries = ask(encode({"execute": command.name, "arguments": arguments, "id": 1}))
    assert answers == [{"return": {}, "id": 1}]
    assert entries[command.name].calls == [
        {name.replace("-", "_"): value for name, value in arguments.items()}
    ]


@given(st.data())
def test_what_it_does_not_allow_is_an_error_and_the_next_request_is_served(data: st.DataObject) -> None:
    command = COMMANDS[data.draw(st.sampled_from(sorted(COMMANDS)))]
    names = st.sampled_from([member.name for member in command.arguments] + ["other"])
    arguments = data.draw(st.dictionaries(names, JSON, max_size=3))
    request = encode({"execute": command.name, "arguments": arguments}) + b'{"execute":"guest-ping","id":7}'
    answers, _ = ask(request)
    assert set(answers[0]) == {"return"} or answers[0]["error"]["class"] == "GenericError"
    assert answers[-1] == {"return": {}, "id": 7}


@given(JSON)
def test_any_json_is_answered_once(value: Any) -> None:
    answers, _ = ask(encode(value) + b" ")
    assert len(answers) == 1


@given(st.binary(max_size=300))
def test_any_bytes_leave_it_answering(data: bytes) -> None:
    answers, _ = ask(data + b'\xff{"execute":"guest-sync","arguments":{"id":1}}')
    assert answers[-1] == {"return": {}}
