from __future__ import annotations

import json

import pytest

from guestwire.broker import answers
from guestwire.broker.requests import hidden, line_of, not_found, sync_reply
from guestwire.wire.messages import Request


def test_a_line_is_one_well_formed_request() -> None:
    assert line_of(Request("guest-ping", None, 7)) == b'{"execute": "guest-ping"}\n'
    assert json.loads(line_of(Request("x" * 200, None))) == {"execute": "x" * 200}
    line = line_of(Request("x", {"a": float("inf"), "b": "Infinity\n\udcff"}))
    assert line.count(b"\n") == 1
    assert json.loads(line, parse_constant=pytest.fail)["arguments"]["a"] > 1e308


def test_arguments_nested_too_deep_are_refused() -> None:
    deep: object = 1
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(ValueError, match="nested too deep"):
        line_of(Request("x", {"a": deep}))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"id": 5}, b'{"return": 5, "id": 1}\n'),
        (None, b"Parameter 'id' is missing"),
        ({"id": 2**63}, b"expected: integer"),
        ({"id": True}, b"expected: integer"),
        ({"id": 1, "x": 2}, b"Parameter 'x' is unexpected"),
    ],
)
def test_a_resync_is_answered_in_an_agent_s_words(
    arguments: dict[str, object] | None, expected: bytes
) -> None:
    assert expected in b"".join(sync_reply(Request("guest-sync", arguments, 1)))
    delimited = b"".join(sync_reply(Request("guest-sync-delimited", arguments, 1)))
    assert delimited.startswith(b"\xff") == (arguments == {"id": 5})


def test_another_s_file_is_hidden_from_the_guest() -> None:
    assert hidden(Request("guest-file-read", {"handle": 5, "count": 1}), "handle").arguments == {
        "handle": -1,
        "count": 1,
    }
    told = not_found(answers.refusal("handle '-1' has not been found"), 5)
    assert told.fault() == ("GenericError", "handle '5' has not been found")
    assert not_found(answers.refusal("PID -1 does not exist"), 5).fault()[1] == "PID 5 does not exist"
    other = answers.refusal("Parameter 'count' is unexpected")
    assert not_found(other, 5) is other
    lost = answers.unreachable("gone")
    assert not_found(lost, 5) is lost
