"""The agent as a Windows service: installed, started, serving, stopped, removed."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
import tty
import zipfile
from pathlib import Path

from .rig import PATIENCE, ROOT, SerialPeer, Wine, com_port, drive_z

EVENT_SOURCE = r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\guestwire-agent"


def test_its_whole_life(wine: Wine, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    wine.link_port("com1", os.ttyname(theirs))
    channel = ["-m", "isa-serial", "-p", "COM1", "-t", drive_z(tmp_path)]
    told = wine.run("-m", "guestwire.agent", "-s", "install", *channel)
    assert told.startswith(
        "guestwire-agent: no guest-fsfreeze-freeze, for the VSS provider cannot be registered: "
    )
    assert told.count("\n") == 1, "nothing else went wrong"
    try:
        assert "EventCreate.exe" in wine.tool("reg", "query", EVENT_SOURCE)
        assert "successfully" in wine.tool("net", "start", "guestwire-agent")
        peer = SerialPeer(ours)
        patient_sync(peer)
        assert peer.ask(b'{"execute":"guest-ping"}\n') == b'{"return": {}}'
        wine.tool("net", "stop", "guestwire-agent")
        assert "STOPPED" in wine.tool("sc", "query", "guestwire-agent")
    finally:
        assert wine.run("-m", "guestwire.agent", "--service", "uninstall") == ""
        os.close(ours)
        os.close(theirs)


def test_installed_with_one_command(wine: Wine, tmp_path: Path) -> None:
    """The folder that `tools/package.py windows` builds, with a Python in it, as it is copied into a guest."""
    words = [sys.executable, str(ROOT / "tools/package.py"), "--into", str(tmp_path), "windows"]
    words += ["--windows-python", str(wine.python.parent)]
    subprocess.run(words, check=True, capture_output=True, timeout=PATIENCE)
    (made,) = tmp_path.glob("*.zip")
    zipfile.ZipFile(made).extractall(wine.prefix / "drive_c" / "copied")
    with com_port(wine) as (fd, channel):
        told = wine.tool("cmd", "/c", r"C:\copied\guestwire-agent\install.cmd", "-m", "isa-serial", *channel)
        assert r"guestwire-agent runs from C:\Program Files\guestwire-agent" in told
        try:
            peer = SerialPeer(fd)
            patient_sync(peer)
            assert peer.ask(b'{"execute":"guest-ping"}\n') == b'{"return": {}}'
            again = wine.tool(
                "cmd", "/c", r"C:\copied\guestwire-agent\install.cmd", "-m", "isa-serial", *channel
            )
            assert "runs from" in again
            patient_sync(peer)
        finally:
            told = wine.tool("cmd", "/c", r"C:\Program Files\guestwire-agent\uninstall.cmd")
        assert "The service guestwire-agent is removed." in told
        assert "STOPPED" not in wine.tool("sc", "query", "guestwire-agent")


def patient_sync(peer: SerialPeer) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            peer.sync(0.5)
        except TimeoutError:
            assert time.monotonic() < deadline, "the service does not answer"
        else:
            return


def test_what_is_not_there_cannot_be_removed(wine: Wine) -> None:
    told = wine.run("-m", "guestwire.agent", "-s", "uninstall")
    assert told.startswith("guestwire-agent: cannot uninstall the service guestwire-agent: ")


def test_a_windows_without_vss(wine: Wine) -> None:
    """Wine's has no coordinator; nothing stays behind in the registry."""
    told = wine.run("-m", "guestwire.agent", "-s", "vss-install")
    assert told == (
        "guestwire-agent: cannot install the VSS provider: CoCreateInstance: REGDB_E_CLASSNOTREG (0x80040154): "
        "a class of VSS is not registered: this Windows has no working VSS\n"
    )
    told = wine.run(
        "-c", "from guestwire.agent.system.windows.vss import registration as r; print(r.is_installed())"
    )
    assert told == "False\n"


def test_only_the_service_manager_starts_it_in_the_background(wine: Wine) -> None:
    told = wine.run("-m", "guestwire.agent", "-d")
    assert told.startswith("guestwire-agent: --daemonize: only the service manager")
    assert told.count("\n") == 1
