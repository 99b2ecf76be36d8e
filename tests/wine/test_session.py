"""The conversation over a COM port."""

from __future__ import annotations

import time

from .rig import SerialPeer, Wine


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
