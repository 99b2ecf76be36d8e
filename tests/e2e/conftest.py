"""Guests for the end-to-end suite. A failing test prints what the guest's console and the agent said."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .harness.guest import QEMU, Guest
from .harness.image import CannotBuild, boot_files

GUESTS: list[Guest] = []


def image(path: Path, size: int, *make: str) -> Path:
    """A file with a filesystem on it."""
    with path.open("wb") as file:
        file.truncate(size)
    subprocess.run([*make, str(path)], check=True, capture_output=True)
    return path


@pytest.fixture(scope="session")
def light(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    """One light guest for the whole session, with an ext4 and an xfs disk and the agent on its default port."""
    ready()
    folder = tmp_path_factory.mktemp("disks")
    disks = [
        image(folder / "ext4.img", 256 << 20, "mkfs.ext4", "-q", "-F"),
        image(folder / "xfs.img", 512 << 20, "mkfs.xfs", "-q", "-f"),
    ]
    with Guest(disks) as guest:
        GUESTS.append(guest)
        for number, kind in enumerate(("ext4", "xfs")):
            # the kernel looks for disks in the background and names them in the order it finds them
            disk = f"/dev/$(ls /sys/bus/scsi/devices/*:0:{number}:0/block)"
            guest.until(f"mkdir -p /mnt/{kind}; mount -t {kind} {disk} /mnt/{kind}")
        guest.start_agent()
        yield guest
        GUESTS.remove(guest)


@pytest.fixture
def fresh() -> Iterator[Guest]:
    """A light guest of its own, for tests that end it."""
    ready()
    with Guest() as guest:
        GUESTS.append(guest)
        yield guest
        GUESTS.remove(guest)


def ready() -> None:
    """Skip, with the reason, where no guest can be made."""
    if not shutil.which(QEMU):
        pytest.skip(f"{QEMU} is not installed")
    try:
        boot_files()
    except CannotBuild as error:
        pytest.skip(str(error))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A guest under emulation, on a busy machine, needs more time than other tests."""
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.timeout(900))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for guest in GUESTS:
            report.sections.append(("guest", guest.console()))
