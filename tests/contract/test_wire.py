"""The wire, byte for byte where clients look. `vectors.json` has the answers of QEMU 11.1, and 7.2 where it differs."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import Any

import pytest

from .agents import NEVER_HERE, Agent, Peer

# Commands that are blocked here would answer that, and nothing of their arguments.
VECTORS = [
    vector
    for vector in json.loads((Path(__file__).parent / "vectors.json").read_text())
    if not any(f'"{name}"' in vector["request"] for name in NEVER_HERE)
]

# Where we differ on purpose: QEMU 11 prints a broken format here ("PID ld does not exist").
ON_PURPOSE = {'{"execute":"guest-exec-status","arguments":{"pid":0}}\n': "PID 0 does not exist"}


def without_place(line: bytes) -> Any:
    """An answer without the line and column of a parse error, which depend on all that came before."""
    return json.loads(re.sub(rb'"desc": "\d+:\d+: ', b'"desc": "', line.lstrip(b"\xff")))


@pytest.mark.parametrize("vector", VECTORS, ids=[repr(vector["request"][:60]) for vector in VECTORS])
def test_vectors(agent: Agent, peer: Peer, vector: dict[str, str]) -> None:
    key = "answer" if agent.ours else "answer_7.2"
    expected = vector.get(key, vector["answer"]).encode("latin-1").split(b"\n")[:-1]
    told = peer.until_sync(vector["request"].encode("latin-1"))
    if agent.ours and vector["request"] in ON_PURPOSE:
        assert without_place(told[0])["error"]["desc"] == ON_PURPOSE[vector["request"]]
        return
    assert [without_place(line) for line in told] == [without_place(line) for line in expected]
    assert [line.startswith(b"\xff") for line in told] == [line.startswith(b"\xff") for line in expected]


def test_answers_are_one_line_of_ascii(peer: Peer) -> None:
    line = peer.ask('{"execute":"guest-ping","id":"ä€😀\\n\\u007f"}'.encode())
    assert line == b'{"return": {}, "id": "\\u00E4\\u20AC\\uD83D\\uDE00\\n\\u007F"}'


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_requests_may_be_cut_anywhere(peer: Peer, size: int) -> None:
    data = b'{"execute": "guest-ping", "id": [1.5, "\\u00e9", {"a": null}]}\r\n' * 3
    for at in range(0, len(data), size):
        peer.send(data[at : at + size])
    assert [peer.line() for _ in range(3)] == [b'{"return": {}, "id": [1.5, "\\u00E9", {"a": null}]}'] * 3


def test_many_requests_in_one_write_are_answered_in_order(peer: Peer) -> None:
    peer.send(b"".join(b'{"execute":"guest-sync","arguments":{"id":%d}}' % number for number in range(500)))
    assert [peer.line() for _ in range(500)] == [b'{"return": %d}' % number for number in range(500)]


def test_the_delimiter(peer: Peer) -> None:
    peer.send(b'\xff{"execute":"guest-sync-delimited","arguments":{"id":7},"id":"x"}{"execute":"guest-ping"}')
    assert b"\\uFFFD" in peer.line()
    line = peer.line()
    assert line.startswith(b"\xff")
    assert json.loads(line[1:]) == {"return": 7, "id": "x"}
    assert peer.line() == b'{"return": {}}'


def test_no_delimiter_before_a_failed_resync(peer: Peer) -> None:
    assert peer.ask(b'{"execute":"guest-sync-delimited"}').startswith(b'{"error"')
    assert peer.ask(b'{"execute":"guest-sync","arguments":{"id":1}}') == b'{"return": 1}'


def test_guest_info(agent: Agent, peer: Peer) -> None:
    info = peer.value("guest-info")
    assert re.fullmatch(r"\d+\.\d+\.\d+", info["version"])
    commands = info["supported_commands"]
    assert all(set(command) == {"name", "enabled", "success-response"} for command in commands)
    by_name = {command["name"]: command for command in commands}
    assert len(by_name) == len(commands)
    assert by_name["guest-ping"] == {"name": "guest-ping", "enabled": True, "success-response": True}
    assert by_name["guest-shutdown"] == {
        "name": "guest-shutdown",
        "enabled": False,
        "success-response": False,
    }
    silent = {name for name, command in by_name.items() if not command["success-response"]}
    assert silent == {"guest-shutdown", "guest-suspend-disk", "guest-suspend-ram", "guest-suspend-hybrid"}


def test_a_blocked_command_is_disabled(peer: Peer) -> None:
    error = peer.call("guest-shutdown")["error"]
    assert error["class"] == "CommandNotFound"
    assert error["desc"].startswith("Command guest-shutdown has been disabled")


def test_state_outlives_a_connection(agent: Agent, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"hello")
    with agent.connect() as peer:
        handle = peer.value("guest-file-open", path=str(tmp_path / "file"))
    with agent.connect() as peer:
        assert peer.value("guest-file-read", handle=handle)["buf-b64"] == "aGVsbG8="
    with agent.connect() as peer:
        assert peer.value("guest-file-close", handle=handle) == {}


def test_a_client_that_half_closes_gets_its_answer(agent: Agent) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(agent.path))
        line.sendall(b'{"execute":"guest-ping"}')
        line.shutdown(socket.SHUT_WR)
        line.settimeout(20)
        assert line.makefile("rb").read() == b'{"return": {}}\n'
