"""The agent on the Pythons that other releases of Debian bring."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from guestwire.errors import CommandError

from .conftest import GUESTS, image, ready
from .harness.distribution import PYTHONS, release_files
from .harness.guest import Guest
from .harness.image import CannotBuild

READERS = (
    "guest-get-time guest-info guest-get-vcpus guest-get-memory-blocks guest-get-memory-block-info guest-get-osinfo"
    " guest-get-timezone guest-get-host-name guest-get-users guest-network-get-interfaces guest-network-get-route"
    " guest-get-fsinfo guest-get-disks guest-get-diskstats guest-get-cpustats guest-get-load guest-fsfreeze-status"
    " guestwire-info guestwire-get-metrics"
).split()


@pytest.fixture(params=list(PYTHONS))
def guest(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Guest]:
    if not os.environ.get("GUESTWIRE_FULL"):
        pytest.skip("full part: GUESTWIRE_FULL=1 (make e2e) runs it")
    ready()
    try:
        files = release_files(request.param)
    except CannotBuild as error:
        pytest.skip(f"full part: {error}")
    disk = image(tmp_path / "ext4.img", 128 << 20, "mkfs.ext4", "-q", "-F")
    with Guest([disk], boot=files, options=["-m", "1G,slots=2,maxmem=2G"]) as guest:
        GUESTS.append(guest)
        guest.release = request.param
        yield guest
        GUESTS.remove(guest)


def test_the_agent_on_another_release(guest: Guest) -> None:
    guest.until("mkdir -p /mnt/disk; mount -t ext4 /dev/sda /mnt/disk")
    guest.start_agent()
    with guest.agent() as agent:
        python = agent.run(["python3", "-V"], check=True).stdout.decode()
        assert python.startswith(f"Python {PYTHONS[guest.release]}.")
        for command in READERS:
            assert agent.execute(command) is not None, command
        agent.write_file("/mnt/disk/file", bytes(range(256)) * 4096)
        assert agent.sha256("/mnt/disk/file") == guest.sh("sha256sum /mnt/disk/file").split()[0]
        assert agent.run(["sh", "-c", "cat; exit 3"], input=b"in").returncode == 3
        agent.guest_set_user_password(username="tester", password="c2VjcmV0", crypted=False)
        assert guest.sh("grep tester /etc/shadow").split(":")[1].startswith("$6$")
        with agent.frozen() as count:
            assert count >= 1
            with pytest.raises(CommandError):
                agent.guest_file_open("/mnt/disk/other", mode="w")
        assert {result.path for result in agent.guest_fstrim().paths} == {"/mnt/disk"}
        agent.guest_shutdown(mode="powerdown")
    assert guest.qmp.wait_event("SHUTDOWN")["data"]["reason"] == "guest-shutdown"
