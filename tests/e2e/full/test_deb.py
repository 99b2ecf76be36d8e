"""The .deb in a Debian with systemd: brought in through the stock agent, started by udev, kept by its unit."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from guestwire.client import GuestAgent
from guestwire.errors import CommandNotFound, ConversationError
from tests.packaging.build import build

from ..harness.guest import QEMU
from ..harness.image import CannotBuild
from .guest import FullGuest, bring, disk

PATIENCE = 300.0  # seconds; systemd under emulation on a busy machine
UNIT = "guestwire-agent.service"
PID = f"systemctl show -P MainPID {UNIT}"
LEFTOVERS = (
    r"find / -xdev \( -name '*guestwire*' -o -name 'qga.state*' -o -name 'qemu-ga*' \)"
    " -not -path '/root/*' -not -path '/proc/*' -not -path '/sys/*' -not -path '/var/lib/apt/*'"
)


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


def apt(full: FullGuest, words: str) -> str:
    """Let apt work; what it said."""
    return full.sh(f"DEBIAN_FRONTEND=noninteractive apt-get -y {words} 2>&1", timeout=PATIENCE)


def newer(package: Path, into: Path, version: str) -> Path:
    """The same package with a later version."""
    tree, made = into / "tree", into / "newer.deb"
    subprocess.run(["dpkg-deb", "-R", package, tree], check=True)
    control = tree / "DEBIAN/control"
    lines = [
        f"Version: {version}" if x.startswith("Version:") else x for x in control.read_text().splitlines()
    ]
    control.write_text("\n".join(lines) + "\n")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, made], check=True, capture_output=True)
    return made


def test_the_life_of_the_package(full: FullGuest, tmp_path: Path) -> None:
    full.boot()
    with full.agent() as agent:
        wait_for(agent, ours=False)
        full.lend_a_hand(agent)
        bring(agent, "/root/first.deb", build("deb").read_bytes())
        apt(full, "install /root/first.deb")  # it takes the stock agent's place, and its channel
        wait_for(agent, ours=True)
        assert full.sh(f"systemctl is-active {UNIT}") == "active"
        assert full.sh("find /usr/lib/guestwire-agent -name '*.pyc' | wc -l") != "0"
        agent.guest_shutdown(mode="powerdown")
    full.wait_end()

    full.boot()  # now udev starts it
    with full.agent() as agent:
        wait_for(agent, ours=True)
        full.lend_a_hand(agent)

        first = full.sh(PID)  # killed, it is started again by its unit
        full.sh(f"kill -KILL {first}")
        full.until(f'[ "$({PID})" != {first} ] && [ "$({PID})" != 0 ]', timeout=PATIENCE)
        wait_for(agent, ours=True)

        full.sh("echo '# of this site' >> /etc/guestwire/agent.conf")
        bring(agent, "/root/second.deb", newer(build("deb"), tmp_path, "99.0").read_bytes())
        before = full.sh(PID)
        apt(full, "install /root/second.deb")
        assert full.sh("dpkg-query -W -f '${Version}' guestwire-agent") == "99.0"
        full.until(f'[ "$({PID})" != {before} ]', timeout=PATIENCE)
        wait_for(agent, ours=True)
        assert "# of this site" in full.sh("cat /etc/guestwire/agent.conf")

        apt(full, "remove guestwire-agent")
        assert full.sh("grep -al '[g]uestwire-agent' /proc/[0-9]*/cmdline 2>/dev/null", check=False) == ""
        assert full.sh("ls /etc/guestwire/agent.conf")
        apt(full, "purge guestwire-agent")
        assert full.sh(LEFTOVERS) == ""
