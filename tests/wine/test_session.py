"""The conversation over a COM port."""

from __future__ import annotations

import json
import time
from pathlib import Path

from .rig import SerialPeer, Wine, drive_z


def test_ping(peer: SerialPeer) -> None:
    assert peer.ask(b'{"execute":"guest-ping"}\n') == b'{"return": {}}'


def test_a_request_in_two_halves(peer: SerialPeer) -> None:
    peer.send(b'{"execute":"guest-')
    time.sleep(0.05)
    assert peer.ask(b'ping"}\n') == b'{"return": {}}'


def test_a_request_of_several_reads(peer: SerialPeer) -> None:
    blanks = b" " * 50_000
    assert peer.ask(b'{"execute":' + blanks + b'"guest-ping"}\n') == b'{"return": {}}'


def test_a_resync_voids_half_a_request(peer: SerialPeer) -> None:
    peer.send(b'{"execute":"guest-ping')
    peer.sync()
    assert peer.ask(b'{"execute":"guest-ping"}\n') == b'{"return": {}}'


def test_info_lists_the_required_commands(peer: SerialPeer) -> None:
    names = {command["name"] for command in peer.value("guest-info")["supported_commands"]}
    required = (
        "guest-sync-delimited guest-sync guest-ping guest-get-time guest-set-time guest-info guest-shutdown "
        "guest-suspend-disk guest-suspend-ram"
    )
    assert set(required.split()) <= names
    assert "guest-set-vcpus" not in names


def test_time_is_the_machines(peer: SerialPeer) -> None:
    assert abs(peer.value("guest-get-time") - time.time_ns()) < 10**9


def test_one_line_of_a_faulty_start(wine: Wine) -> None:
    told = wine.run("-m", "guestwire.agent", "-m", "isa-serial", "-p", "COM77")
    assert told.startswith("guestwire-agent: cannot open COM77: ")
    assert told.count("\n") == 1


def test_a_long_answer_that_the_host_takes_late(peer: SerialPeer, guest_path: Path) -> None:
    """The port's buffer is full then, and the agent waits for requests beside."""
    (guest_path / "file").write_bytes(bytes(200_000))
    handle = peer.value("guest-file-open", path=drive_z(guest_path / "file"))
    request = {"execute": "guest-file-read", "arguments": {"handle": handle, "count": 150_000}}
    for _ in range(3):
        peer.value("guest-file-seek", handle=handle, offset=0, whence="set")
        peer.send(json.dumps(request).encode() + b"\n")
        time.sleep(0.2)  # longer than a command may take before the agent reads on beside it
        assert json.loads(peer.line())["return"]["count"] == 150_000
    peer.value("guest-file-close", handle=handle)
