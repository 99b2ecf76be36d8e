"""Freezing for real: a writer that stops, a lease, an agent that is killed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guestwire.errors import CommandDisabled

from .harness.guest import Guest

PLACES = ("/mnt/ext4", "/mnt/xfs")


@pytest.fixture
def guest(light: Guest) -> Iterator[Guest]:
    yield light
    with light.agent() as agent:
        agent.guest_fsfreeze_thaw()


def writer(guest: Guest, place: str) -> str:
    """Start a program that writes to a filesystem; a shell condition that tells that it has got through."""
    flag = f"/tmp/written-{place.rpartition('/')[2]}"
    guest.sh(f"rm -f {flag}; (echo x > {place}/probe; sync {place}/probe; touch {flag}) >/dev/null 2>&1 &")
    return f"[ -e {flag} ]"


def blocked(guest: Guest, condition: str) -> bool:
    return guest.sh(f"sleep 1; {condition} && echo through || echo blocked").endswith("blocked")


def test_a_freeze_blocks_writers_and_a_thaw_lets_them_go(guest: Guest) -> None:
    with guest.agent() as agent:
        assert agent.guest_fsfreeze_freeze() == 2
        assert agent.guest_fsfreeze_status() == "frozen"
        waiting = [writer(guest, place) for place in PLACES]
        assert all(blocked(guest, condition) for condition in waiting)
        with pytest.raises(CommandDisabled):
            agent.guest_get_fsinfo()
        agent.guest_ping()
        assert agent.guest_fsfreeze_thaw() == 2
        assert agent.guest_fsfreeze_status() == "thawed"
        for condition in waiting:
            guest.until(condition)
        assert agent.guest_get_fsinfo()


def test_only_what_is_listed_is_frozen(guest: Guest) -> None:
    with guest.agent() as agent:
        assert agent.guest_fsfreeze_freeze_list(mountpoints=["/mnt/xfs", "/no/such"]) == 1
        frozen, free = writer(guest, "/mnt/xfs"), writer(guest, "/mnt/ext4")
        guest.until(free)
        assert blocked(guest, frozen)
        assert agent.guest_fsfreeze_thaw() >= 1
        guest.until(frozen)
        assert agent.guest_fsfreeze_freeze_list(mountpoints=[]) == 0
        assert agent.guest_fsfreeze_status() == "thawed"


def test_a_loop_mounted_filesystem_on_a_frozen_one(guest: Guest) -> None:
    guest.sh(
        "cd /mnt/ext4; [ -e inner.img ] || { dd if=/dev/zero of=inner.img bs=1M count=40 2>/dev/null;"
        " mkdir -p /tmp/empty; mke2fs -F inner.img >/dev/null 2>&1; };"
        " mkdir -p /mnt/inner; mount -o loop inner.img /mnt/inner",
        timeout=240,
    )
    try:
        with guest.agent() as agent:
            assert agent.guest_fsfreeze_freeze() == 3
            assert agent.guest_fsfreeze_thaw() == 3
    finally:
        guest.sh("umount /mnt/inner")


def test_an_agent_killed_while_frozen_is_started_again_and_thaws(guest: Guest) -> None:
    with guest.agent() as agent:
        assert agent.guest_fsfreeze_freeze() == 2
    condition = writer(guest, "/mnt/xfs")
    guest.stop_agent("KILL")
    guest.start_agent()
    with guest.agent() as agent:
        assert agent.guest_fsfreeze_status() == "frozen"
        assert blocked(guest, condition)
        assert agent.guest_fsfreeze_thaw() == 2
    guest.until(condition)


def test_hooks_run_in_order(guest: Guest) -> None:
    guest.sh(
        "printf '#!/bin/sh\\necho hook $1 >> /tmp/hooks\\n' > /tmp/hook; chmod +x /tmp/hook; rm -f /tmp/hooks"
    )
    guest.stop_agent()
    guest.start_agent("-F/tmp/hook")
    try:
        with guest.agent() as agent:
            agent.guest_fsfreeze_freeze()
            agent.guest_fsfreeze_thaw()
        assert guest.sh("cat /tmp/hooks").split("\n") == ["hook freeze", "hook thaw"]
    finally:
        guest.stop_agent()
        guest.start_agent()


def test_a_lease_thaws_by_itself(guest: Guest) -> None:
    guest.stop_agent()
    guest.start_agent("--freeze-timeout 3")
    try:
        with guest.agent() as agent:
            assert agent.guest_fsfreeze_freeze() == 2
            guest.until(writer(guest, "/mnt/ext4"))
            assert agent.guest_fsfreeze_status() == "thawed"
    finally:
        guest.stop_agent()
        guest.start_agent()
