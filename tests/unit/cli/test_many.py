"""One guest, and many at once."""

from __future__ import annotations

import json
import signal
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from guestwire.cli import guests, many
from guestwire.cli.options import Common
from guestwire.cli.output import Table, bytes_column
from guestwire.client import GuestAgent
from guestwire.errors import ChannelClosed, CommandError, ProtocolError
from guestwire.testing import FakeGuest
from tests.unit.cli.conftest import StandIn

PATIENCE = 20.0


@pytest.fixture
def host(stand_in: StandIn) -> None:
    stand_in("web1", FakeGuest({"guest-get-host-name": {"host-name": "one\x1b[2J"}}))
    stand_in("web2", FakeGuest({"guest-get-host-name": CommandError("no \x1bname")}))
    stand_in("web3", FakeGuest({"guest-get-host-name": {"host-name": "three"}}))


def host_name(agent: GuestAgent) -> dict[str, str]:
    return {"name": agent.guest_get_host_name().host_name}


def lines(text: str) -> list[str]:
    return sorted(text.splitlines())


@pytest.mark.usefixtures("host")
def test_one_guest_gives_its_bare_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert many.each(["web1"], Common(), host_name, lambda value: value["name"]) == 0
    assert capsys.readouterr().out == "one\\x1b[2J\n"
    assert many.each(["web1"], Common(json=True), host_name, status=lambda value: 7) == 7
    assert json.loads(capsys.readouterr().out) == {"name": "one\x1b[2J"}
    with pytest.raises(CommandError, match="web2"):
        many.each(["web2"], Common(), host_name)


@pytest.mark.usefixtures("host")
def test_many_guests_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert many.each(["web*"], Common(), host_name, lambda value: value["name"]) == 1
    said = capsys.readouterr()
    assert lines(said.out) == ["web1: one\\x1b[2J", "web3: three"]
    assert said.err.startswith("guestwire: web2 guest-get-host-name: no \\x1bname (after")
    many.each(["web1,web3"], Common(), host_name, lambda value: Table(["n"], [(value["name"],)]))
    assert lines(capsys.readouterr().out) == ["n", "n", "one\\x1b[2J", "three", "web1:", "web3:"]
    assert many.each(["web1,web3"], Common(), host_name, status=lambda value: len(value["name"])) == 7
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("host")
def test_many_guests_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert many.each(["web*"], Common(json=True, parallel=1), host_name) == 1
    one, two, three = json.loads(capsys.readouterr().out)
    assert one == {"guest": "web1", "result": {"name": "one\x1b[2J"}}
    assert two["error"] | {"text": ""} == {
        "type": "CommandError",
        "text": "",
        "class": "GenericError",
        "desc": "no \x1bname",
    }
    assert three["guest"] == "web3"
    assert many.each(["web3"], Common(jsonl=True), host_name) == 0
    assert capsys.readouterr().out == '{"guest":"web3","result":{"name":"three"}}\n'


@pytest.mark.usefixtures("host")
def test_a_fault_of_ours_is_not_taken_for_the_guests() -> None:
    def broken(agent: GuestAgent) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        many.each(["web*"], Common(), broken)


@pytest.mark.usefixtures("host")
def test_no_more_at_once_than_allowed() -> None:
    here, most = [0], [0]
    lock = threading.Lock()

    def work(agent: GuestAgent) -> None:
        with lock:
            here[0] += 1
            most[0] = max(most[0], here[0])
        agent.guest_ping()
        with lock:
            here[0] -= 1

    assert many.each(["web*"], Common(parallel=2), work) == 0
    assert most[0] <= 2


def test_an_interrupt_ends_the_calls_under_way_and_lets_them_clean_up(tmp_path: Path) -> None:
    ended: list[Any] = []
    begun = threading.Barrier(2)

    def work(agent: GuestAgent) -> None:
        begun.wait(PATIENCE)
        try:
            agent.guest_ping()
        except ChannelClosed as error:
            ended.append(error)
            raise

    sockets = []
    for name in ("a", "b"):
        sockets.append(socket.socket(socket.AF_UNIX))
        sockets[-1].bind(str(tmp_path / name))
        sockets[-1].listen()
    chosen = guests.find([str(tmp_path / "a"), str(tmp_path / "b")])
    results = many.outcomes(chosen, Common(timeout=PATIENCE), work)
    with pytest.raises(KeyboardInterrupt):
        interrupted(results, sockets)
    assert len(ended) == 2
    for sock in sockets:
        sock.close()


def interrupted(results: Any, sockets: Any) -> None:
    """Have Ctrl-C arrive once both guests have been asked something."""

    def later() -> None:
        for sock in sockets:
            connection, _ = sock.accept()
            connection.recv(1)
            held.append(connection)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    held: list[Any] = []
    thread = threading.Thread(target=later)
    thread.start()
    try:
        next(results)
    finally:
        thread.join(PATIENCE)
        for connection in held:
            connection.close()


def test_a_figure_beyond_all_measure(stand_in: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    for name, size in (("a", 10**400), ("b", 1024)):
        stand_in(name, FakeGuest({"guest-get-memory-block-info": {"size": size}}))

    def show(size: int) -> Table:
        return Table([bytes_column("size")], [(size,)])

    def work(agent: GuestAgent) -> int:
        return agent.guest_get_memory_block_info().size

    with pytest.raises(ProtocolError, match="a: a figure in the guest's answer is larger"):
        many.each(["a"], Common(), work, show)
    assert many.each(["a,b"], Common(), work, show) == 1
    said = capsys.readouterr()
    assert "1.0 KiB" in said.out
    assert said.err == "guestwire: a: a figure in the guest's answer is larger than any can be\n"
