from __future__ import annotations

import json

import pytest

from guestwire.broker import answers
from guestwire.wire.messages import NO_ID


def sent(line: bytes, id: object = NO_ID) -> bytes:
    pieces: list[bytes] = []
    answers.read(line).send(lambda data: pieces.append(bytes(data)), id)
    return b"".join(pieces)


@pytest.mark.parametrize("id", [NO_ID, 7, "a\nb", [1.5, None], {"x": "\udc80"}])
@pytest.mark.parametrize("value", [{}, "x" * 100_000, {"a": ["ü", "\u2028"]}, -1])
def test_a_value_goes_on_with_the_client_s_id(value: object, id: object) -> None:
    found = json.loads(sent(json.dumps({"return": value}).encode() + b"\n", id))
    assert found.pop("return") == value
    assert found == ({} if id is NO_ID else {"id": json.loads(json.dumps(id).replace("dc80", "fffd"))})


def test_an_error_goes_on_as_it_is() -> None:
    line = b'{"error": {"class": "CommandNotFound", "desc": "no", "more": 1}}'
    assert json.loads(sent(line, 3)) == {**json.loads(line), "id": 3}
    assert answers.read(line).fault() == ("CommandNotFound", "no")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"nonsense",
        b"{}",
        b"[]",
        b'{"return": 1',
        b'{"return": 1} {"return": 2}',
        b'{"return": "a\x01b"}',
        b'{"return": "\xff"}',
        b'{"return": "\\ud800"}',
        b'{"return": tru}',
        b'{"return": 1, "error": {"desc": "x"}}',
        b'{"return": 1, "id": 4}',
        b'{"error": 3}',
        b'{"error": {"class": 3, "desc": "x"}}',
        b'{"return": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_answer_becomes_an_error(line: bytes) -> None:
    answer = answers.read(line)
    assert not answer.good
    assert not answer.reached
    assert json.loads(sent(line))["error"]["class"] == answers.UNREACHABLE


def test_a_value_that_cannot_be_decoded_is_none() -> None:
    assert answers.Answer(True, b'"\\ud800"').value() is None
    assert answers.Answer(True, b"[1]").value() == [1]
