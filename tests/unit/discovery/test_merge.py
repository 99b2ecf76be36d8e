"""One guest from many sources is one; two guests are two, and never have one name."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from guestwire.discovery.located import Located
from guestwire.discovery.merge import merge

UUID = "5f3c1c5e-8a1b-4c1e-9d57-0123456789ab"
OTHER = "5f3c1c5e-8a1b-4c1e-9d57-0123456789ac"
QEMU = Located("web1", "qemu", reason="held", uuid=UUID, pid=7, uid=64055, state="running", aliases=("web1",))
LIBVIRT = Located(
    "web1", "libvirt", "libvirt:qemu:///system/web1", uuid=UUID, agent="connected", state="paused"
)


def test_a_guest_of_libvirt_is_also_a_process() -> None:
    (guest,) = merge([[LIBVIRT], [QEMU]])
    assert guest == Located(
        "web1", "libvirt", LIBVIRT.address, uuid=UUID, state="paused", pid=7, uid=64055, agent="connected",
        sources=("libvirt", "qemu"),
    )  # fmt: skip


def test_the_broker_comes_first() -> None:
    broker = Located("front", "broker", "unix:/b/front.sock", agent="ready", upstream=LIBVIRT.address)
    (guest,) = merge([[broker], [LIBVIRT], [QEMU]])
    assert (guest.name, guest.address, guest.state, guest.agent) == (
        "front",
        "unix:/b/front.sock",
        "paused",
        "ready",
    )
    assert guest.sources == ("broker", "libvirt", "qemu")
    assert guest.aliases == ("web1",)


def test_a_broker_that_says_no_more_goes_by_the_name() -> None:
    (guest,) = merge([[Located("web1", "broker", "unix:/b/web1.sock")], [QEMU]])
    assert (guest.address, guest.reason, guest.uuid) == ("unix:/b/web1.sock", "", UUID)


def test_one_socket_under_two_paths(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "var").symlink_to(tmp_path / "run")
    (tmp_path / "run/q").touch()
    listed = Located("mine", "list", f"unix:{tmp_path}/var/q")
    (guest,) = merge([[listed], [Located("web1", "qemu", f"unix:{tmp_path}/run/q", aliases=("web1",))]])
    assert (guest.name, guest.address, guest.aliases) == ("mine", listed.address, ("web1",))


def test_the_trusted_source_keeps_the_name() -> None:
    guests = merge([[Located("web1", "list", "unix:/a")], [], [QEMU]])
    assert [(guest.name, guest.source) for guest in guests] == [("web1", "list"), ("web1@qemu", "qemu")]


def test_equals_are_both_marked() -> None:
    twin = Located("web1", "qemu", "unix:/x", pid=8, aliases=("web1",))
    again = Located("web1", "qemu", "unix:/y", uuid=OTHER)
    third = Located("web1", "qemu", "unix:/z")
    fourth = Located("web1", "qemu", "unix:/w")
    guests = merge([[QEMU, twin, again, third, fourth]])
    marks = [OTHER, "7", "8", "qemu", "qemu.2"]
    assert [guest.name for guest in guests] == [f"web1@{mark}" for mark in marks]


def test_a_stranger_with_the_same_uuid_does_not_take_the_place() -> None:
    libvirt = Located("web1", "libvirt", LIBVIRT.address, uuid=UUID, pid=7)
    fake = Located("web1", "qemu", "unix:/fake", uuid=UUID, pid=3, uid=1000)
    guests = merge([[libvirt], [fake, QEMU]])
    assert [(guest.name, guest.address, guest.uid, guest.uuid) for guest in guests] == [
        ("web1", LIBVIRT.address, 64055, UUID), ("web1@qemu", "unix:/fake", 1000, None),
    ]  # fmt: skip


def test_a_uuid_that_two_processes_claim_identifies_neither() -> None:
    guests = merge([[QEMU, Located("web1", "qemu", "unix:/fake", uuid=UUID, pid=3, uid=1000)]])
    assert [(guest.name, guest.identity) for guest in guests] == [("web1@3", "web1@3"), ("web1@7", "web1@7")]


def test_a_guest_nobody_reaches_says_why() -> None:
    (guest,) = merge([[Located("a", "libvirt", uuid=UUID)], [QEMU]])
    assert (guest.address, guest.reason) == (None, "held")


def test_a_reason_does_not_outlive_what_another_source_knows() -> None:
    no_channel = Located("a", "libvirt", uuid=UUID, reason="the domain has no channel")
    (guest,) = merge([[no_channel], [Located("a", "qemu", "unix:/x", uuid=UUID)]])
    assert (guest.address, guest.reason) == ("unix:/x", "")


def test_nothing() -> None:
    assert merge([[], []]) == []


def test_a_monitor_of_libvirt_s_is_left_alone() -> None:
    process = dataclasses.replace(QEMU, qmp="unix:/m")
    (alone,) = merge([[process]])
    (both,) = merge([[dataclasses.replace(LIBVIRT, balloon=5)], [process]])
    assert (alone.qmp, both.qmp, both.balloon) == ("unix:/m", "", 5)
