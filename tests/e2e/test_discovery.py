"""A guest that nobody has told of is found by its QEMU's command line, named, and worked with."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from guestwire.cli.main import main
from guestwire.client import GuestAgent
from guestwire.discovery import Located, Place, find, resolver

from .harness.guest import DEFAULT_PORT, OWN_PORT, Guest


def sighted(light: Guest, channel: str = DEFAULT_PORT) -> Located:
    (guest,) = [
        each for each in find(Place(channel=channel), ["qemu"]).guests if each.pid == light.process.pid
    ]
    return guest


@pytest.mark.parametrize("channel", [DEFAULT_PORT, OWN_PORT])
def test_each_channel_of_a_guest(light: Guest, channel: str) -> None:
    assert sighted(light, channel).address == f"unix:{light.socket_of(channel)}"


def test_its_serial_port(light: Guest) -> None:
    assert sighted(light, "isa-serial").address == f"unix:{light.socket_of('isa')}"


def test_it_is_worked_with_by_the_name_it_was_given(light: Guest) -> None:
    name = sighted(light).name
    assert name == f"qemu-{light.process.pid}"
    with GuestAgent(name, resolver=resolver(), timeout=60.0) as agent:
        assert agent.guest_get_host_name().host_name == "light"


def rows(capsys: pytest.CaptureFixture[str], name: str, patience: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["ls", "--json", "--timeout", patience, "--source", "qemu", name]) == 0
    listed: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return listed


def test_ls_says_whether_its_agent_answers_or_somebody_else_holds_it(
    light: Guest, capsys: pytest.CaptureFixture[str]
) -> None:
    name = sighted(light).name
    (row,) = rows(capsys, name, "60")
    assert (row["agent"], row["kind"], row["system"]) == ("up", "guestwire-agent", "Light guest")
    with socket.socket(socket.AF_UNIX) as other:
        other.connect(str(light.socket_of(DEFAULT_PORT)))
        (row,) = rows(capsys, name, "2")
        assert (row["agent"], row["kind"]) == ("busy", None), row
