"""From a request to the buffers of its answer. `test_loop.py` has the rest of it, with threads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guestwire.agent.baton import Turn
from guestwire.agent.dispatcher import Dispatcher
from guestwire.agent.gate import Gate
from guestwire.agent.log import Log
from guestwire.agent.registry import Entry
from guestwire.agent.state import AgentState
from guestwire.agent.upload import Upload
from guestwire.errors import CommandError
from guestwire.schema.model import Command, Member
from guestwire.wire.messages import Request, Streamed, StreamStart


class Heard(Log):
    def __init__(self) -> None:
        super().__init__()
        self.errors: list[str] = []

    def error(self, message: str) -> None:
        self.errors.append(message)


class Collect(Upload):
    aborted = False

    def __init__(self, agent: AgentState, **arguments: Any) -> None:
        super().__init__()
        if arguments["to"] == "nowhere":
            raise CommandError("no such place")
        self.text = b""

    def _take(self, text: bytes) -> None:
        self.text += text

    def _result(self, **arguments: Any) -> Any:
        if arguments["to"] == "late":
            raise ValueError("a fault of the command")
        return self.text.decode()

    def abort(self) -> None:
        self.aborted = True


def greet(agent: AgentState, name: str = "you") -> str:
    return f"{agent.root} greets {name}"


def fail() -> None:
    raise CommandError("it failed")


def broken() -> None:
    raise KeyError("x")


def large() -> Streamed:
    return Streamed("data", iter([b"QUJD", b"REVG"]), lambda: {"count": 6})


def send(data: str, to: str) -> str:
    return data + to


send.upload = Collect  # type: ignore[attr-defined]


@pytest.fixture
def log() -> Heard:
    return Heard()


@pytest.fixture
def dispatcher(log: Heard) -> Dispatcher:
    agent = AgentState()
    agent.root = "/guest"
    streamed = Member("data", "str", features=["streamed"])
    commands: list[tuple[Command, Any]] = [
        (Command("greet", "x", [Member("name", "str", optional=True)], "str"), greet),
        (Command("fail", "x"), fail),
        (Command("broken", "x"), broken),
        (Command("large", "x", (), "Large"), large),
        (Command("blocked", "x"), fail),
        (Command("ping", "x", allow_oob=True), lambda: None),
        (Command("send", "x", [streamed, Member("to", "str")], "str"), send),
    ]
    entries = {c.name: Entry(c, agent, lambda function=f: function) for c, f in commands}  # type: ignore[misc]
    return Dispatcher(entries, Gate(block=["blocked"]), log)


def answer(dispatcher: Dispatcher, name: str, arguments: Any = None) -> Any:
    request = Request(name, arguments, 5)
    turn = Turn(None, request)  # type: ignore[arg-type]
    line = b"".join(b"".join(buffers) for buffers, _ in dispatcher.answers(request, turn))
    reply = json.loads(line)
    assert reply.pop("id") == 5
    return reply.get("return", reply.get("error"))


def test_answers(dispatcher: Dispatcher) -> None:
    assert answer(dispatcher, "greet", {"name": "me"}) == "/guest greets me"
    assert answer(dispatcher, "greet") == "/guest greets you"
    assert answer(dispatcher, "large") == {"data": "QUJDREVG", "count": 6}
    assert answer(dispatcher, "fail") == {"class": "GenericError", "desc": "it failed"}
    assert answer(dispatcher, "greet", {"name": 1})["desc"].startswith("Invalid parameter type for 'name'")
    assert answer(dispatcher, "nothing")["class"] == "CommandNotFound"
    assert (
        answer(dispatcher, "blocked")["desc"]
        == "Command blocked has been disabled: the command is not allowed"
    )


def test_a_broken_command_is_told_with_its_place(dispatcher: Dispatcher, log: Heard) -> None:
    assert answer(dispatcher, "broken")["desc"] == "broken failed: KeyError: 'x'"
    assert "broken is broken: KeyError: 'x' (" in log.errors[0]
    assert "test_dispatcher.py:" in log.errors[0]


def test_what_may_be_answered_out_of_band(dispatcher: Dispatcher) -> None:
    assert dispatcher.out_of_band(Request("ping", None))
    assert not dispatcher.out_of_band(Request("greet", None))
    assert not dispatcher.out_of_band(Request("nothing", None))
    assert dispatcher.streams == {"send": "data"}


def upload(dispatcher: Dispatcher, to: Any) -> tuple[Upload, Any]:
    arguments = {"to": to} if to is not None else {}
    started = dispatcher.upload(StreamStart("send", arguments, "data"))
    started.feed(b"abc")
    buffers = dispatcher.finish(started, Request("send", {"data": "", **arguments}, 5, "data"))
    reply = json.loads(b"".join(buffers))
    return started, reply.get("return", reply.get("error", {}).get("desc"))


def test_uploads(dispatcher: Dispatcher) -> None:
    assert upload(dispatcher, "there")[1] == "abc"
    assert upload(dispatcher, "nowhere")[1] == "no such place"
    assert upload(dispatcher, None)[1] == "Parameter 'to' is missing"
    started, told = upload(dispatcher, "late")
    assert told == "send failed: ValueError: a fault of the command"
    assert isinstance(started, Collect)
    assert started.aborted


def test_the_end_of_an_abandoned_upload(dispatcher: Dispatcher) -> None:
    buffers = dispatcher.finish(None, Request("send", {"data": "", "to": "x"}, 5, "data"))
    assert json.loads(b"".join(buffers))["error"]["desc"] == "the upload was abandoned"
