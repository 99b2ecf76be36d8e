"""The .deb in a Debian with systemd: brought in through the stock agent, and started by udev."""

from __future__ import annotations

import base64
import os
import shutil
import time
from collections.abc import Iterator

import pytest

from guestwire.client import GuestAgent
from guestwire.errors import CommandNotFound, ConversationError
from tests.packaging.build import build

from ..harness.guest import QEMU
from ..harness.image import CannotBuild
from .guest import FullGuest, disk

PATIENCE = 300.0  # seconds; systemd under emulation on a busy machine
PACKAGE = "/root/guestwire-agent.deb"


@pytest.fixture
def full() -> Iterator[FullGuest]:
    if not os.environ.get("GUESTWIRE_FULL"):
        pytest.skip("full part: GUESTWIRE_FULL=1 (make e2e) runs it")
    if not shutil.which(QEMU):
        pytest.skip(f"{QEMU} is not installed")
    try:
        disk()
    except CannotBuild as error:
        pytest.skip(str(error))
    with FullGuest() as guest:
        yield guest
        print(guest.console())


def wait_for(agent: GuestAgent, ours: bool) -> None:
    """Until the agent of that kind answers. In between nobody may, or the other one."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            agent.wait_ready(timeout=PATIENCE)
            agent.guestwire_info()
            found: bool | None = True
        except CommandNotFound:
            found = False
        except ConversationError:
            found = None
        if found == ours:
            return
        assert time.monotonic() < end, f"answered: {found} (True: ours, False: the stock agent, None: nobody)"
        time.sleep(0.5)


def bring(agent: GuestAgent, data: bytes) -> None:
    """Write the package, one request at a time."""
    handle = agent.guest_file_open(PACKAGE, mode="w")
    for start in range(0, len(data), 30000):
        piece = base64.b64encode(data[start : start + 30000]).decode()
        agent.guest_file_write(handle, piece)
    agent.guest_file_close(handle)


def apt(agent: GuestAgent, words: str) -> None:
    """Let apt do what ends the agent that was asked to: it has to live outside of the agent's unit."""
    script = f"DEBIAN_FRONTEND=noninteractive apt-get -y {words} >/root/apt.log 2>&1"
    agent.run(["systemd-run", "--collect", "sh", "-c", script], check=True)


def answer(agent: GuestAgent, command: str) -> str:
    """A shell command's output in the guest."""
    done = agent.run(["sh", "-c", f"{command} 2>&1"], timeout=PATIENCE)
    return done.stdout.decode().strip()


def test_the_package_takes_over_and_udev_starts_it(full: FullGuest) -> None:
    full.boot()
    with full.agent() as agent:
        wait_for(agent, ours=False)
        bring(agent, build("deb").read_bytes())
        apt(agent, f"install {PACKAGE}")
        wait_for(agent, ours=True)
        assert answer(agent, "systemctl is-active guestwire-agent.service") == "active"
        assert answer(agent, "find /usr/lib/guestwire-agent -name '*.pyc' | grep -c .") != "0"
        agent.guest_shutdown(mode="powerdown")
    full.wait_end()

    full.boot()  # now udev starts it
    with full.agent() as agent:
        wait_for(agent, ours=True)
        assert answer(agent, "systemctl is-active guestwire-agent.service") == "active"
