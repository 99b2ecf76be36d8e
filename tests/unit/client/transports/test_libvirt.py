import asyncio
import json
import os
import sys
from math import inf
from types import SimpleNamespace

import pytest

from guestwire.client import AsyncGuestAgent, GuestAgent
from guestwire.client.address import LibvirtAddress
from guestwire.client.transports.libvirt import Bindings, LibvirtError, LibvirtTransport, Virsh
from guestwire.client.transports.threaded import ThreadedTransport
from guestwire.errors import ChannelClosed, CommandDisabled, CommandError, CommandNotFound, GuestTimeout

ADDRESS = LibvirtAddress("qemu:///system", "web1")


class Gateway:
    max_request = 1 << 20

    def __init__(self, answer='{"return":{}}'):
        self.answer = answer
        self.asked = []

    def command(self, request, seconds):
        self.asked.append((json.loads(request), seconds))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def close(self):
        self.closed = True


def agent(answer):
    return GuestAgent(LibvirtTransport(ADDRESS, Gateway(answer)), name="web1")


def test_commands_go_one_by_one_after_a_sign_of_life():
    gateway = Gateway('{"return":{"host-name":"web1"}}\n')
    with GuestAgent(LibvirtTransport(ADDRESS, gateway)) as agent:
        assert agent.execute("guest-get-host-name", timeout=2.5) == {"host-name": "web1"}
    sync, command = gateway.asked
    assert sync[0]["execute"] == "guest-sync"
    assert command == ({"execute": "guest-get-host-name"}, 3)
    assert gateway.closed


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        (
            "internal error: unable to execute QEMU agent command 'guest-x': The command guest-x has not been found",
            CommandNotFound,
            "The command guest-x has not been found",
        ),
        (
            "internal error: unable to execute QEMU agent command 'guest-x': Command guest-x has been disabled",
            CommandDisabled,
            "has been disabled",
        ),
        ("unable to execute QEMU agent command 'guest-x': no such: file", CommandError, "no such: file"),
        ("Guest agent is not responding: QEMU guest agent is not connected", ChannelClosed, "not connected"),
        ("guest agent command timed out", GuestTimeout, "silent"),
        ("Domain not found: no domain with matching name 'web1'", ChannelClosed, "Domain not found"),
    ],
)
def test_libvirts_words_become_our_errors(text, error, words):
    with pytest.raises(error, match=words):
        agent(LibvirtError(text)).execute("guest-x")


def test_waits_for_ever_when_asked_to():
    transport = LibvirtTransport(ADDRESS, gateway := Gateway())
    transport.write(b'{"execute": "guest-ping"}\n', inf)
    assert transport.read(inf) == b'{"return":{}}\n'
    assert gateway.asked[0][1] == -1
    with pytest.raises(TimeoutError):
        transport.read(1)


def test_on_an_event_loop():
    async def body():
        transport = ThreadedTransport(LibvirtTransport(ADDRESS, Gateway('{"return":5}')))
        assert transport.max_answer == 10 << 20
        async with AsyncGuestAgent(transport) as agent:
            assert await agent.execute("guest-x") == 5
            assert agent.session.waiting_behind() is None

    asyncio.run(body())


class TestVirsh:
    @pytest.fixture
    def virsh(self, tmp_path, monkeypatch):
        def install(script):
            path = tmp_path / "virsh"
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
            monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
            return Virsh(ADDRESS)

        return install

    def test_gets_everything_as_arguments(self, virsh):
        out = virsh('printf "%s|" "$@"').command('{"a": "b c"}', 7)
        assert out == '-q|-c|qemu:///system|qemu-agent-command|--timeout|7|--domain|web1|--cmd|{"a": "b c"}|'
        assert "|--block|" in virsh('printf "%s|" "$@"').command("{}", -1)

    def test_failures_come_in_its_words(self, virsh):
        with pytest.raises(LibvirtError, match=r"^failed to get domain x$"):
            virsh('echo "error: failed to get domain x" >&2; exit 1').command("{}", 1)

    def test_a_hang_is_a_time_out(self, virsh):
        gateway = virsh("exec sleep 30")
        with pytest.raises(TimeoutError, match="did not return"):
            gateway.command("{}", 0)

    def test_a_system_without_it_says_so(self, monkeypatch):
        monkeypatch.setenv("PATH", "/nonexistent")
        with pytest.raises(ConnectionError, match="neither libvirt-python nor virsh"):
            Virsh(ADDRESS).command("{}", 1)


class TestBindings:
    @pytest.fixture
    def libvirt(self, monkeypatch):
        class Error(Exception):
            pass

        connection = SimpleNamespace(lookupByName=lambda name: f"domain {name}", close=lambda: None)
        module = SimpleNamespace(
            libvirtError=Error,
            open=lambda uri: connection,
            registerErrorHandler=lambda handler, context: None,
        )
        qemu = SimpleNamespace(
            qemuAgentCommand=lambda *args: json.dumps({"return": [str(arg) for arg in args]})
        )
        monkeypatch.setitem(sys.modules, "libvirt", module)
        monkeypatch.setitem(sys.modules, "libvirt_qemu", qemu)
        return SimpleNamespace(error=Error, qemu=qemu)

    def test_are_used_where_they_are(self, libvirt):
        with GuestAgent("libvirt:qemu:///system/web1") as agent:
            assert agent.execute("guest-x", timeout=5) == ["domain web1", '{"execute": "guest-x"}', "5", "0"]

    def test_errors_come_in_their_words(self, libvirt):
        def fail(*args):
            raise libvirt.error("oops")

        libvirt.qemu.qemuAgentCommand = fail
        with pytest.raises(LibvirtError, match="oops"):
            Bindings(ADDRESS).command("{}", 1)


def test_virsh_is_used_without_bindings(monkeypatch):
    monkeypatch.setitem(sys.modules, "libvirt", None)
    assert isinstance(LibvirtTransport(ADDRESS)._gateway, Virsh)
