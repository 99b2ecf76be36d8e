"""What is said to cure a way that is broken."""

from __future__ import annotations

import pytest

from guestwire.cli import cures
from guestwire.client import address as addresses

LIBVIRT = addresses.LibvirtAddress("qemu:///system", "web 1")


@pytest.mark.parametrize(
    ("reason", "cure"),
    [
        ("libvirt: failed to connect to the hypervisor", "virsh -c qemu:///system list"),
        ("libvirt: Domain not found: no domain with matching name 'web 1'", "list --all"),
        ("libvirt: failed to get domain 'web 1'", "list --all"),
        ("libvirt: Requested operation is not valid: domain is not running", "start 'web 1'"),
        ("libvirt: argument unsupported: QEMU guest agent is not configured", "<channel type='unix'>"),
        ("libvirt: Guest agent is not responding: QEMU guest agent is not connected", "start the agent"),
        ("libvirt: neither libvirt-python nor virsh is installed", "install libvirt-python"),
    ],
)
def test_libvirt(reason: str, cure: str) -> None:
    assert cure in cures.no_answer(LIBVIRT, reason, silent=False)


def test_other_ways() -> None:
    unix, tcp = addresses.UnixAddress("/x"), addresses.TcpAddress("h", 1)
    assert cures.no_answer(unix, "", silent=True) == cures.AGENT
    assert "nothing else" in cures.no_answer(unix, "", silent=False)
    assert "host and port" in cures.no_answer(tcp, "", silent=False)
    assert "guest-cid=7" in cures.no_answer(addresses.VsockAddress(7, 99), "", silent=True)


def test_behind_a_broker() -> None:
    assert cures.behind_broker("silent: connected, but") == cures.AGENT
    assert "other client" in (cures.behind_broker("busy: held") or "")
    assert cures.behind_broker("nothing listens") is None
    assert cures.behind_broker("silent") is None


def test_permission_names_the_owner() -> None:
    assert "root" in cures.permission("/")
    assert "its owner" in cures.permission("/nonexistent")
