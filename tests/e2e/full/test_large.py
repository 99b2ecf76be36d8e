"""Files of hundreds of megabytes through a real guest's port."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..conftest import GUESTS, image, ready
from ..harness.guest import Guest

SIZE = 256 << 20


@pytest.fixture
def guest(tmp_path: Path) -> Iterator[Guest]:
    if not os.environ.get("GUESTWIRE_FULL"):
        pytest.skip("full part: GUESTWIRE_FULL=1 (make e2e) runs it")
    ready()
    disk = image(tmp_path / "ext4.img", 1 << 30, "mkfs.ext4", "-q", "-F")
    with Guest([disk]) as guest:
        GUESTS.append(guest)
        guest.until("mkdir -p /mnt/disk; mount -t ext4 /dev/sda /mnt/disk")
        guest.start_agent()
        yield guest
        GUESTS.remove(guest)


def test_hundreds_of_megabytes_both_ways(guest: Guest, tmp_path: Path) -> None:
    source, back = tmp_path / "source", tmp_path / "back"
    digest = hashlib.sha256()
    with source.open("wb") as file:
        for _ in range(SIZE >> 20):
            piece = os.urandom(1 << 20)
            digest.update(piece)
            file.write(piece)
    with guest.agent() as agent:
        agent.copy_to(source, "/mnt/disk/file")
        assert guest.sh("sha256sum /mnt/disk/file", timeout=300).split()[0] == digest.hexdigest()
        agent.copy_from("/mnt/disk/file", back)
    with back.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == digest.hexdigest()
    assert int(guest.sh("grep VmHWM /proc/$(cat /tmp/agent.pid)/status | tr -dc 0-9")) < 40_000  # KiB
