"""Requests checked, replies made."""

from __future__ import annotations

from typing import Any

import pytest

from guestwire.wire.messages import NO_ID, Fault, Request, Streamed, failure, request_of, stream, success


@pytest.mark.parametrize(
    ("value", "desc"),
    [
        ([1], "QMP input must be a JSON object"),
        ("x", "QMP input must be a JSON object"),
        (None, "QMP input must be a JSON object"),
        ({}, "QMP input lacks member 'execute'"),
        ({"execute": 1}, "QMP input member 'execute' must be a string"),
        ({"execute": "x", "arguments": None}, "QMP input member 'arguments' must be an object"),
        ({"execute": "x", "arguments": []}, "QMP input member 'arguments' must be an object"),
        ({"exec-oob": "x"}, "QMP input member 'exec-oob' is unexpected"),
    ],
)
def test_requests_that_are_none(value: Any, desc: str) -> None:
    fault = request_of(value)
    assert isinstance(fault, Fault)
    assert fault.desc == desc
    assert fault.id is NO_ID


@pytest.mark.parametrize("id", [None, 5, "x", {"a": [1]}])
def test_the_id_comes_back_even_with_a_fault(id: Any) -> None:
    for value in ({"foo": 1, "id": id}, {"id": id}, {"execute": 3, "id": id}, {"arguments": 3, "id": id}):
        fault = request_of(value)
        assert isinstance(fault, Fault)
        assert fault.id == id


def test_a_request() -> None:
    request = request_of({"execute": "guest-ping", "arguments": {"a": 1}, "id": None}, "a")
    assert isinstance(request, Request)
    assert (request.name, request.arguments, request.id, request.streamed) == (
        "guest-ping",
        {"a": 1},
        None,
        "a",
    )


@pytest.mark.parametrize(
    ("value", "id", "line"),
    [
        (None, NO_ID, b'{"return": {}}\n'),
        (None, 1, b'{"return": {}, "id": 1}\n'),
        (5, NO_ID, b'{"return": 5}\n'),
        ({"a": 1}, "x", b'{"return": {"a": 1}, "id": "x"}\n'),
        ({"d": b"QUI=", "n": 2}, 0.1, b'{"return": {"d": "QUI=", "n": 2}, "id": 0.10000000000000001}\n'),
        ({"d": b"QUI="}, NO_ID, b'{"return": {"d": "QUI="}}\n'),
        ({"d": b"QQ==", "e": b"", "n": 2}, NO_ID, b'{"return": {"d": "QQ==", "e": "", "n": 2}}\n'),
    ],
)
def test_success(value: object, id: object, line: bytes) -> None:
    assert b"".join(success(value, id)) == line


def test_failure() -> None:
    assert failure("no", id=None) == [b'{"error": {"class": "GenericError", "desc": "no"}, "id": null}\n']
    assert failure("no", "CommandNotFound") == [b'{"error": {"class": "CommandNotFound", "desc": "no"}}\n']


@pytest.mark.parametrize("pieces", [[], [b"QUJD"], [b"QUJD", b"REVG"], [b"a", b"b", b"c"]])
def test_a_streamed_answer(pieces: list[bytes]) -> None:
    reply = Streamed("buf-b64", iter(pieces), lambda: {"count": len(pieces)})
    writes = list(stream(reply, 7))
    line = b"".join(b"".join(buffers) for buffers, _ in writes)
    assert line == b'{"return": {"buf-b64": "%s", "count": %d}, "id": 7}\n' % (b"".join(pieces), len(pieces))
    assert [last for _, last in writes] == [False] * (len(writes) - 1) + [True]


def test_a_streamed_answer_with_nothing_else() -> None:
    writes = list(stream(Streamed("x", iter([b"AA"]), dict)))
    assert b"".join(b"".join(buffers) for buffers, _ in writes) == b'{"return": {"x": "AA"}}\n'


def test_nothing_is_sent_before_the_first_piece_is_there() -> None:
    def pieces() -> Any:
        raise OSError("unreadable")
        yield b""

    with pytest.raises(OSError, match="unreadable"):
        next(stream(Streamed("x", pieces(), dict)))
