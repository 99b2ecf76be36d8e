"""Wrong types in every member of every answer: a value or a ProtocolError, and the channel is fine afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guestwire.client import _methods
from guestwire.client.codec import Command
from guestwire.errors import CommandError, ProtocolError
from tests.hostile.shapes import sample, spoilt

COMMANDS = {
    each.name: each
    for each in vars(_methods).values()
    if isinstance(each, Command) and each._result is not None
}


def test_all_commands_are_here() -> None:
    assert len(COMMANDS) > 30
    assert "guest-get-fsinfo" in COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_a_right_answer_is_taken(name: str) -> None:
    command = COMMANDS[name]
    command.decode(line(sample(command._result)))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_wrong_answer_is_refused_or_read(name: str) -> None:
    command = COMMANDS[name]
    every = list(spoilt(sample(command._result)))
    refused = [reason for value in every[:: 1 + len(every) // 400] if (reason := why_refused(command, value))]
    assert refused
    assert all(reason.startswith("the guest's answer is not what the command returns") for reason in refused)


def why_refused(command: Command[Any], value: Any) -> str:
    try:
        command.decode(line(value))
    except ProtocolError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("value", [*spoilt({"error": {"class": "GenericError", "desc": "no"}})])
def test_a_wrong_error_is_refused_or_read(value: Any) -> None:
    with pytest.raises((ProtocolError, CommandError)):
        Command[None]("guest-x", None).decode(json.dumps(value).encode() + b"\n")


def line(value: Any) -> bytes:
    return json.dumps({"return": value}).encode() + b"\n"
