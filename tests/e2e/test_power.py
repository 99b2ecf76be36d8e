"""Commands that end or suspend a guest, seen as QEMU's events."""

from __future__ import annotations

import pytest

from .harness.guest import Guest


@pytest.mark.parametrize(("mode", "reason"), [("powerdown", "guest-shutdown"), ("reboot", "guest-reset")])
def test_shutdown_modes(fresh: Guest, mode: str, reason: str) -> None:
    fresh.start_agent()
    with fresh.agent() as agent:
        agent.guest_shutdown(mode=mode)
    assert fresh.qmp.wait_event("SHUTDOWN")["data"]["reason"] == reason
    fresh.wait_end()


def test_suspend_to_ram_and_wake_up(fresh: Guest) -> None:
    fresh.start_agent()
    with fresh.agent() as agent:
        agent.guest_suspend_ram()
        fresh.qmp.wait_event("SUSPEND")
        fresh.qmp.execute("system_wakeup")
        fresh.qmp.wait_event("WAKEUP")
        agent.wait_ready(timeout=120)
        agent.guest_ping()
