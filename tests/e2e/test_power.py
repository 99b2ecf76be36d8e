"""Commands that end or suspend a guest, seen as QEMU's events and, after waking, by what is still in its memory."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from guestwire.errors import CommandError

from .conftest import image
from .harness.guest import Guest


@pytest.mark.parametrize(("mode", "reason"), [("powerdown", "guest-shutdown"), ("reboot", "guest-reset")])
def test_shutdown_modes(fresh: Guest, mode: str, reason: str) -> None:
    fresh.start_agent()
    with fresh.agent() as agent:
        agent.guest_shutdown(mode=mode)
    assert fresh.qmp.wait_event("SHUTDOWN")["data"]["reason"] == reason
    fresh.wait_end()


def test_halt_stops_the_system_and_leaves_the_power_on(fresh: Guest) -> None:
    fresh.start_agent()
    with fresh.agent() as agent:
        agent.guest_shutdown(mode="halt")
    end = time.monotonic() + 120
    while "System halted" not in fresh.console():
        assert time.monotonic() < end, fresh.console()
        time.sleep(0.1)
    assert fresh.qmp.execute("query-status")["status"] == "running"


def test_suspend_to_ram_and_wake_up(fresh: Guest) -> None:
    fresh.start_agent()
    with fresh.agent() as agent:
        agent.guest_suspend_ram()
        fresh.qmp.wait_event("SUSPEND")
        fresh.qmp.execute("system_wakeup")
        fresh.qmp.wait_event("WAKEUP")
        agent.wait_ready(timeout=120)
        agent.guest_ping()


def test_hybrid_suspend_needs_a_program_that_a_bare_system_lacks(light: Guest) -> None:
    with (
        light.agent() as agent,
        pytest.raises(CommandError, match="suspend mode is not supported by the guest"),
    ):
        agent.guest_suspend_hybrid()  # the kernel alone offers none: systemd or pm-utils do


def test_suspend_to_disk_and_resume(tmp_path: Path) -> None:
    swap = image(tmp_path / "swap.img", 1 << 30, "mkswap", "-q")
    with Guest([swap], append=["resume=/dev/sda"]) as guest:
        guest.until("swapon /dev/sda")
        pid = guest.start_agent()
        mark = guest.sh("head -c 16 /dev/urandom | xxd -p | tee /tmp/mark")
        with guest.agent() as agent:
            agent.guest_suspend_disk()
        guest.qmp.wait_event("SUSPEND_DISK")
        guest.wait_end()
    with Guest([swap], append=["resume=/dev/sda"]) as guest:
        assert guest.sh("cat /tmp/mark") == mark, "this is not the memory that was suspended"
        with guest.agent() as agent:
            agent.wait_ready(timeout=120)
            assert agent.guest_get_host_name().host_name == "light"
        assert guest.sh("cat /tmp/agent.pid; kill -0 $(cat /tmp/agent.pid)") == str(pid)


def test_a_guest_that_goes_back_to_a_snapshot(fresh: Guest) -> None:
    fresh.start_agent()
    with fresh.agent() as agent:
        first = agent.guest_file_open("/etc/passwd")
        fresh.save("before")
        later = agent.guest_file_open("/etc/group")
        assert len(agent.guest_file_read(handle=later).buf_b64) > 0
        fresh.load("before")
        agent.guest_file_read(handle=first)  # the client's next call works as if nothing had happened
        assert agent.guest_file_open("/etc/group") == later, "the agent is as it was when it was saved"
        agent.guest_set_time(time=time.time_ns())
        assert abs(agent.guest_get_time() - time.time_ns()) < 30e9
