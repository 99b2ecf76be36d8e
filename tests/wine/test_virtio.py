"""The virtio port: a named pipe under its very name, with the driver played by `relay.py`."""

from __future__ import annotations

from pathlib import Path

from .rig import SerialPeer, Wine, drive_z, serving, virtio_port
from .test_service import patient_sync


def test_ping(wine: Wine, tmp_path: Path) -> None:
    with serving(wine, tmp_path, "virtio-serial") as peer:
        assert peer.ask(b'{"execute":"guest-ping"}\n') == b'{"return": {}}'


def test_a_port_that_comes_late_and_comes_again(wine: Wine, tmp_path: Path) -> None:
    """The driver may start after the agent, and be updated under it."""
    agent = wine.start("-m", "guestwire.agent", "--retry-path", "-t", drive_z(tmp_path))
    try:
        for _ in range(2):
            with virtio_port(wine) as (fd, _):
                peer = SerialPeer(fd)
                patient_sync(peer)
                assert peer.ask(b'{"execute":"guest-ping"}\n') == b'{"return": {}}'
        assert agent.poll() is None
    finally:
        agent.kill()
        agent.communicate()


def test_a_port_that_is_not_there(wine: Wine, tmp_path: Path) -> None:
    told = wine.run("-m", "guestwire.agent", "-t", drive_z(tmp_path))
    assert told.startswith(r"guestwire-agent: cannot open \\.\Global\org.qemu.guest_agent.0: ")
    assert told.count("\n") == 1
