"""The agent's end of the wire. Law: however the bytes are cut, the same events come, and garbage ends with a resync."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestwire.wire.agent import FLOOD, AgentProtocol
from guestwire.wire.dialect import MAX_TOKEN_BYTES
from guestwire.wire.messages import NO_ID, Fault, Request, StreamData, StreamStart
from guestwire.wire.stringstream import MAX_STREAM_BYTES

PING = b'{"execute":"guest-ping"}'
STREAMS = {"guest-file-write": "buf-b64"}
WRITE = b'{"execute": "guest-file-write", "arguments": {"handle": 1000, "buf-b64": "%s"%s}, "id": 3}\n'


def told(events: list[Any]) -> list[Any]:
    """Events in a form that compares; the pieces of a stream are joined."""
    told: list[Any] = []
    for event in events:
        if isinstance(event, Request):
            told.append(
                (event.name, event.arguments, None if event.id is NO_ID else event.id, event.streamed)
            )
        elif isinstance(event, Fault):
            told.append(event.desc)
        elif isinstance(event, StreamStart):
            told.append(["start", event.name, event.arguments, event.member, b""])
        else:
            told[-1][-1] += event.data
    return told


def run(data: bytes, *cuts: int) -> list[Any]:
    protocol = AgentProtocol(STREAMS)
    events: list[Any] = []
    edges = [0, *sorted(cuts), len(data)]
    for start, end in zip(edges, edges[1:]):
        events += protocol.receive(data[start:end])
    return told(events)


def bytewise(data: bytes) -> list[Any]:
    return run(data, *range(1, len(data)))


@pytest.mark.parametrize(
    ("data", "events"),
    [
        (PING, [("guest-ping", None, None, None)]),
        (PING + b"\r\n" + PING, [("guest-ping", None, None, None)] * 2),
        (b"{'execute': 'it\\'s', \"id\": null}", [("it's", None, None, None)]),
        (b"\xff" + PING, ["1:1: JSON parse error, stray '\ufffd'", ("guest-ping", None, None, None)]),
        (
            b"\xff\xff\n" + PING,
            [
                "1:1: JSON parse error, stray '\ufffd'",
                "1:3: JSON parse error, stray '\ufffd'",
                ("guest-ping", None, None, None),
            ],
        ),
        (
            b'{"execute":"guest-pi\xff' + PING,
            ["1:12: JSON parse error, stray '\"guest-pi\ufffd'", ("guest-ping", None, None, None)],
        ),
        (b'{"execute":"guest-ping",}', ["1:25: JSON parse error, expecting key"]),
        (b'{"a" 1}', ["1:6: JSON parse error, expecting ':'"]),
        (b'{"a":1,"a":2}', ["1:12: JSON parse error, duplicate key"]),
        (b"]", ["1:1: JSON parse error, expecting value"]),
        (b'{"a":]}', ["1:6: JSON parse error, expecting value", "1:7: JSON parse error, expecting value"]),
        (b'{"a":@}', ["1:6: JSON parse error, stray '@'", "1:8: JSON parse error, expecting value"]),
        (b"@\n\n  x ", ["1:1: JSON parse error, stray '@'", "3:3: JSON parse error, invalid keyword 'x'"]),
        (b"[1 2]", ["1:4: JSON parse error, expected ',' or ']'"]),
        (b'{"a":1 "b":2}', ["1:8: JSON parse error, expected ',' or '}'"]),
        (
            b'{"execute":"x","id":01}',
            ["1:21: JSON parse error, stray '01'", "1:24: JSON parse error, expecting value"],
        ),
        (b'{"execute":"x","id":-}', ["1:21: JSON parse error, stray '-}'"]),
        (b'{"execute":"x","id":1.}', ["1:21: JSON parse error, stray '1.}'"]),
        (b'{"execute":"x","id":1e+}', ["1:21: JSON parse error, stray '1e+}'"]),
        (b'{"execute":"x","id":0e1}', ["1:22: JSON parse error, expected ',' or '}'"]),
        (
            b'{"execute":"x","id":NaN}',
            ["1:21: JSON parse error, stray 'N'", "1:25: JSON parse error, expecting value"],
        ),
        (b'{"execute":"x","id":1e2}', [("x", None, 100.0, None)]),
        (b'{"execute":"x","id":"\\ud83d\\ude00"}', [("x", None, "\U0001f600", None)]),
        ('{"execute":"\xe9"}'.encode(), [("\xe9", None, None, None)]),
        (b"\0\n", ["1:1: JSON parse error, stray ''"]),
        (b"true ", ["QMP input must be a JSON object"]),
        (b'{"foo":1}', ["QMP input member 'foo' is unexpected"]),
        (b"\r\n \t", []),
        (b'{"a":{"b":[1,{"c":[]}]}}', ["QMP input member 'a' is unexpected"]),
    ],
)
def test_events(data: bytes, events: list[Any]) -> None:
    assert run(data) == events
    assert bytewise(data) == events


def test_lines_count_over_requests_that_came_the_fast_way() -> None:
    assert run(PING + b"\n" + PING + b"\n  @", 30)[-1] == "3:3: JSON parse error, stray '@'"
    assert run(PING + b"@")[-1] == "1:25: JSON parse error, stray '@'"


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_nesting_is_bounded(opening: bytes) -> None:
    deep = opening * 1024 + b"1" + (b"]" if opening == b"[" else b"}") * 1024
    assert run(deep)[0].startswith("QMP input m")
    deeper = opening * 1025 + b"1" + (b"]" if opening == b"[" else b"}") * 1025
    events = run(deeper + PING)
    assert events[0].endswith("JSON nesting depth limit exceeded")
    assert events[-1] == ("guest-ping", None, None, None)


def test_a_token_is_bounded() -> None:
    protocol = AgentProtocol()
    events: list[Any] = protocol.receive(b'{"a":"')
    megabyte = b"x" * (1 << 20)
    for _ in range(MAX_TOKEN_BYTES >> 20):
        events += protocol.receive(megabyte)
    assert told(events) == ["1:6: JSON token size limit exceeded"]
    assert told(protocol.receive(b'xx"}\n' + PING))[-1] == ("guest-ping", None, None, None)
    events = protocol.receive(b"1" * 70000)
    assert told(events)[0].endswith("JSON token size limit exceeded")


def test_a_flood_of_faults_is_not_answered_for_ever() -> None:
    protocol = AgentProtocol()
    events = protocol.receive(b"@\n" * (FLOOD * 10))
    assert len(events) == FLOOD
    assert protocol.receive(b"@\n" * 100) == []
    assert told(protocol.receive(b"@ " + PING + b"\n@\n"))[0] == ("guest-ping", None, None, None)
    assert len(protocol.receive(b"@\n@\n")) == 2


@pytest.mark.parametrize(
    "text", [b"", b"QUJD" * 30000, b"QUJD\\nREVG\\/\\u0041" * 5000, b"!\\" + b'"' + b"x" * 99999]
)
@pytest.mark.parametrize("tail", [b"", b', "count": 3'])
def test_a_long_argument_is_streamed(text: bytes, tail: bytes) -> None:
    data = WRITE % (text, tail)
    whole = json.loads(data)["arguments"] if b"!" not in text else None
    for cuts in [(), (70,), (77, 78, 79), (100, 1000, len(data) - 20), tuple(range(60, 140))]:
        events = run(data, *cuts)
        request = events[-1]
        if len(events) > 1:
            start = events[0]
            assert start[:4] == ["start", "guest-file-write", {"handle": 1000}, "buf-b64"]
            assert request[3] == "buf-b64"
            assert request[1]["buf-b64"] == ""
            if whole:
                assert start[4].decode() == whole["buf-b64"]
        assert request[0] == "guest-file-write"
        assert request[2] == 3
        assert request[1].get("count") == (3 if tail else None)


def meaning(events: list[Any]) -> list[Any]:
    """The same whether an argument was streamed or not; a stream that ends with a fault is nothing but the fault."""
    meant: list[Any] = []
    text = b""
    for event in events:
        if isinstance(event, list):
            text = event[-1]
        elif isinstance(event, tuple) and event[3]:
            meant.append((event[0], {**event[1], event[3]: text.decode()}, event[2], None))
        else:  # how much of a broken string a fault shows may differ
            meant.append(
                event.partition(" JSON parse error, stray ")[1] or event if isinstance(event, str) else event
            )
    return meant


def test_long_requests_in_one_piece_and_in_many_say_the_same() -> None:
    body = b"QUJD" * 3000
    data = WRITE % (body, b', "count": 3')
    for text in (
        data,
        data + data,
        data + PING + data[:5000] + b"\xff" + PING,
        data[:5000] + b"\n" + PING,
        WRITE % (body, b", 5") + b"@" + PING,
        data.replace(b'"execute"', b'"Execute"'),
        data.replace(b'"arguments"', b'"argument"'),
        data.replace(b"{", b"[", 1),
        data.replace(b'"guest-file-write"', b'["guest-file-write"]'),
        data.replace(b'"handle"', b'"buf-b64"'),
        data.replace(b"\n", b"").replace(b"1000", b"\n1000") + PING,
        b'{"arguments": ["buf-b64", "' + b"x" * 5000 + b'"]}',
    ):
        pieces = run(text, *range(100, len(text), 997))
        assert meaning(run(text)) == meaning(pieces) == meaning(run(text, 3, 60, 61, 300))


def test_known_requests_are_found_again_among_others() -> None:
    protocol = AgentProtocol()
    line = PING + b"\n"
    assert told(protocol.receive(line)) == told(protocol.receive(line))
    other = b'{"execute":"guest-sync","arguments":{"id":5}}\n'
    events = told(protocol.receive(line + other + line + b"@"))
    assert [event[0] for event in events[:3]] == ["guest-ping", "guest-sync", "guest-ping"]
    assert events[3] == "6:1: JSON parse error, stray '@'"


def test_a_stream_that_a_resync_breaks_ends_with_a_fault() -> None:
    data = WRITE.split(b"%s")[0] + b"QUJD" * 1000
    events = run(data + b"\xff" + PING, 100, 2000, len(data))
    assert [type(event) for event in events] == [list, str, tuple]
    assert "stray" in events[1]
    events = run(data + b"\n" + PING, 100)
    assert [type(event) for event in events] == [list, str, tuple]


def test_a_stream_with_a_wrong_tail_ends_with_a_fault() -> None:
    data = WRITE % (b"QUJD" * 100, b", 5")
    assert [type(event) for event in run(data + PING, 100)] == [list, str, tuple]


def test_a_stream_is_bounded() -> None:
    protocol = AgentProtocol(STREAMS)
    count = 0
    assert isinstance(protocol.receive(WRITE.split(b"%s")[0] + b"QQ")[0], StreamStart)
    for _ in range(MAX_STREAM_BYTES // (1 << 20) + 1):
        for event in protocol.receive(b"QUJD" * (1 << 18)):
            if isinstance(event, StreamData):
                count += 1
            else:
                assert isinstance(event, Fault)
                assert "JSON token size limit exceeded" in event.desc
    assert count == MAX_STREAM_BYTES // (1 << 20) - 1
    assert told(protocol.receive(b'"}}\n' + PING))[-1] == ("guest-ping", None, None, None)


@pytest.mark.parametrize(
    "data",
    [
        b'{"execute":"other","arguments":{"buf-b64":"QUJD',
        b'{"execute":"guest-file-write","arguments":{"x":{"buf-b64":"QUJD',
        b'{"arguments":{"buf-b64":"QUJD',
        b'{"execute":"guest-file-write","arguments":{"buf-b64":"","buf-b64":"QUJD',
        b'{"execute":"guest-file-write","arguments":{"buf-b64":["QUJD',
        b'{"execute":"guest-file-write","arguments":{"buf-b64',
        b'["QUJD',
    ],
)
def test_what_is_not_streamed(data: bytes) -> None:
    assert AgentProtocol(STREAMS).receive(data) == []


def test_a_half_request_can_be_abandoned() -> None:
    protocol = AgentProtocol(STREAMS)
    assert not protocol.abandon()
    protocol.receive(b'{"execute":"gue')
    assert protocol.abandon()
    protocol.receive(WRITE.split(b"%s")[0] + b"QQ")
    assert protocol.abandon()
    assert told(protocol.receive(PING)) == [("guest-ping", None, None, None)]


PIECES = st.sampled_from(
    [b'"', b"'", b"{", b"}", b"[", b"]", b":", b",", b"1", b"-", b".5", b"e", b"\\", b"\\u00", b"null", b"tru", b"\xff",
     b"\n", b" ", b"\0", b"\xc3", b"@", PING, b'"execute"', b'"arguments"', b"x"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map(b"".join), st.data())
def test_any_cut_gives_the_same_events(data: bytes, more: st.DataObject) -> None:
    cuts = more.draw(st.lists(st.integers(0, len(data)), max_size=6))
    assert run(data, *cuts) == run(data) == bytewise(data)


@given(st.binary(max_size=200))
def test_after_any_bytes_a_resync_is_understood(data: bytes) -> None:
    protocol = AgentProtocol(STREAMS)
    protocol.receive(data)
    assert told(protocol.receive(b"\xff" + PING))[-1] == ("guest-ping", None, None, None)


def test_what_the_scanner_refuses_is_refused_without_json_too() -> None:
    """Before Python 3.12 the C scanner fails in its own way when `json` has not been imported."""
    code = "from guestwire.wire.agent import AgentProtocol as A; import sys; p = A({'a': 'b'}); "
    code += (
        "print([type(e).__name__ for d in (b'{x}', b'{' * 9999, b'\\xff' + b'{\"execute\":\"guest-ping\"}')"
    )
    code += " for e in p.receive(d)])"
    source = str(Path(__file__).parents[3] / "src")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {source!r}); {code}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "['Fault', 'Fault', 'Fault', 'Request']\n"


@pytest.mark.parametrize("size", [1 << 20, 30_000, 5000])
def test_long_requests_one_behind_the_other_are_all_streamed(size: int) -> None:
    request = WRITE % (b"QUJD" * 5000, b"")
    protocol = AgentProtocol(STREAMS)
    data = request * 9
    events = [event for at in range(0, len(data), size) for event in protocol.receive(data[at : at + size])]
    kinds = [type(event) for event in events]
    assert kinds.count(StreamStart) == kinds.count(Request) == 9
    assert sum(len(event.data) for event in events if isinstance(event, StreamData)) == 9 * 20_000
