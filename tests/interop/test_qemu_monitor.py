"""A real QEMU's monitor: paused and running, its balloon, and that it is never held."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.harness.qmp import Qmp

from guestwire.client.address import UnixAddress
from guestwire.daemon import qmp
from guestwire.daemon.lookout import Lookout
from guestwire.daemon.monitors import Monitors
from guestwire.discovery import Place, find
from guestwire.monitor.targets import GuestState, Target

pytestmark = pytest.mark.skipif(
    not shutil.which("qemu-system-x86_64"), reason="qemu-system-x86_64 is not installed"
)
MEMORY = 64 << 20


@contextlib.contextmanager
def machine(folder: Path, *more: str) -> Iterator[int]:
    """One that boots nothing, and stands still at its first instruction, with two monitors; its process."""
    monitors = [
        word for name in ("first", "second") for word in ("-qmp", f"unix:{folder}/{name},server=on,wait=off")
    ]
    command = ["qemu-system-x86_64", "-accel", "tcg", "-S", "-nodefaults", "-display", "none", "-m", "64M", "-name",
               f"monitored-{folder.name}", *monitors, *more]  # fmt: skip
    with subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stderr=subprocess.PIPE) as running:
        try:
            end = time.monotonic() + 60
            while not (folder / "second").exists():
                assert running.poll() is None, running.stderr and running.stderr.read()
                assert time.monotonic() < end
                time.sleep(0.02)
            yield running.pid
        finally:
            running.kill()


async def look(pid: int) -> Target:
    lookout = Lookout(lambda: find(Place(), ["qemu"]))
    (target,) = [each for each in await Monitors().look(lookout.look({})) if each.pid == pid]
    return target


async def test_state_and_balloon_follow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qmp, "PATIENCE", 20.0)
    with machine(tmp_path, "-device", "virtio-balloon-pci") as pid:
        other = Qmp(tmp_path / "second")
        seen = await look(pid)
        assert seen.qmp == f"unix:{tmp_path}/first"
        assert (seen.state, seen.balloon) == (GuestState.PAUSED, MEMORY)
        other.execute("cont")
        assert (await look(pid)).state is GuestState.RUNNING
        other.execute("stop")
        assert (await look(pid)).state is GuestState.PAUSED
        other.close()


async def test_the_monitor_is_free_again_at_once(tmp_path: Path) -> None:
    with machine(tmp_path) as pid:
        for _ in range(5):
            assert (await look(pid)).balloon is None
            first = Qmp(tmp_path / "first")
            assert first.execute("query-status")["status"] == "prelaunch"
            first.close()


async def test_one_that_somebody_holds_is_left_to_him(tmp_path: Path) -> None:
    with machine(tmp_path):
        first = Qmp(tmp_path / "first")
        assert await qmp.ask(UnixAddress(f"{tmp_path}/first"), 0.2) is None
        assert first.execute("query-status")["status"] == "prelaunch"
        first.close()


async def test_a_guest_that_is_to_come_by_migration(tmp_path: Path) -> None:
    with machine(tmp_path, "-incoming", "defer"):
        view = await qmp.ask(UnixAddress(f"{tmp_path}/first"), 20)
        assert view is not None
        assert view.state is GuestState.MIGRATING
