"""The verbs of virsh that end or suspend a guest, with QEMU's agent and with ours: the domain goes the same ways."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import ready
from tests.e2e.harness.guest import BOOT_PATIENCE
from tests.e2e.harness.libvirt import DOMAIN, Libvirt, Said

# qemu-ga 7.2 knows no other program than shutdown
SHUTDOWN = r"""#!/bin/sh
case "$*" in *-r*) exec /sbin/reboot;; *-P*) exec /sbin/poweroff;; *) exec /sbin/halt;; esac
"""


def boot_id(libvirt: Libvirt, other_than: str = "") -> str:
    """The mark of the guest's present boot, once it is another one."""
    end = time.monotonic() + BOOT_PATIENCE
    while time.monotonic() < end:
        try:
            found = libvirt.sh("cat /proc/sys/kernel/random/boot_id", timeout=10)
        except (TimeoutError, OSError):
            libvirt.forget()
            continue
        if found != other_than:
            return found
        time.sleep(0.2)
    raise AssertionError(f"the guest does not boot again\n{libvirt.console()}")


def prepare(libvirt: Libvirt, ours: bool) -> None:
    libvirt.sh(f"cat > /sbin/shutdown <<'END'\n{SHUTDOWN}END\nchmod +x /sbin/shutdown")
    libvirt.start_agent(ours)


def went(libvirt: Libvirt, ours: bool) -> dict[str, Said]:
    """Suspend and wake, reboot, power off; what virsh said each time."""
    said = {}
    prepare(libvirt, ours)
    said["a target without support"] = libvirt.virsh("dompmsuspend", DOMAIN, "hybrid")
    libvirt.wait_state("running")
    said["suspend"] = libvirt.virsh("dompmsuspend", DOMAIN, "mem")
    libvirt.wait_state("pmsuspended")
    said["an agent asleep"] = libvirt.virsh("domhostname", DOMAIN, "--source", "agent")
    said["wake up"] = libvirt.virsh("dompmwakeup", DOMAIN)
    libvirt.wait_state("running")
    libvirt.wait_agent()
    before = boot_id(libvirt)
    said["reboot"] = libvirt.virsh("reboot", DOMAIN, "--mode", "agent")
    boot_id(libvirt, before)
    said["an agent that is not there"] = libvirt.virsh("shutdown", DOMAIN, "--mode", "agent")
    prepare(libvirt, ours)
    said["shutdown"] = libvirt.virsh("shutdown", DOMAIN, "--mode", "agent")
    libvirt.wait_state("shut off")
    libvirt.start()
    prepare(libvirt, ours)
    libvirt.until("mkswap /dev/sda && swapon /dev/sda")
    said["suspend to disk"] = libvirt.virsh("dompmsuspend", DOMAIN, "disk")
    libvirt.wait_state("shut off")
    return said


def test_the_same_ways_with_both_agents(tmp_path: Path) -> None:
    if not os.environ.get("GUESTWIRE_FULL"):
        pytest.skip("full part: GUESTWIRE_FULL=1 (make e2e) runs it")
    ready()
    if not shutil.which("libvirtd", path=os.environ["PATH"] + ":/usr/sbin"):
        pytest.skip("libvirtd is not installed")
    swap = tmp_path / "swap.img"
    with swap.open("wb") as file:
        file.truncate(1 << 30)
    with Libvirt([swap]) as libvirt:
        stock = went(libvirt, False)
        libvirt.start()
        ours = went(libvirt, True)
    assert ours == stock
    failed = {name for name, said in ours.items() if said.status}
    assert failed == {"a target without support", "an agent asleep", "an agent that is not there"}
