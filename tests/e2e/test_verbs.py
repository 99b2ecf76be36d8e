"""What `guestwire`'s verbs do to a real guest, looked at from inside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .harness.guest import Guest
from .raw import PATIENCE
from .test_cli import SOURCE, guestwire

DATA = os.urandom(700_000)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabcdefghijkl ann@desk"


@pytest.fixture
def at(light: Guest) -> Iterator[str]:
    """The guest's address; it is thawed afterwards whatever happened."""
    address = f"unix:{light.socket_of('org.qemu.guest_agent.0')}"
    yield address
    guestwire("thaw", address)


def told(*words: str) -> Any:
    done = guestwire(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_cp_folders_there_and_back(at: str, light: Guest, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "data").write_bytes(DATA)
    (source / "sub" / "a b").write_bytes(b"x")
    (source / "sub" / "data").chmod(0o604)
    sent = told("cp", "-r", "--checksum", str(source), f"{at}:/tmp/there")
    assert (sent["files"], sent["folders"], sent["left_out"]) == (2, 2, [])
    assert light.sh("stat -c %a /tmp/there/sub/data") == "604"
    light.sh("ln -s sub/data /tmp/there/link; mkfifo /tmp/there/pipe; ln -s / /tmp/there/root")
    done = guestwire("cp", "-r", "--json", f"{at}:/tmp/there", str(tmp_path / "back"))
    fetched = json.loads(done.stdout)
    assert done.returncode == 1
    assert sorted(each["path"] for each in fetched["left_out"]) == ["pipe", "root"]
    assert (tmp_path / "back" / "link").read_bytes() == DATA
    assert (tmp_path / "back" / "sub" / "data").stat().st_mode & 0o777 == 0o604
    light.sh("rm -r /tmp/there")


def test_cp_a_secret(at: str, light: Guest, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"secret")
    (tmp_path / "key").chmod(0o600)
    assert told("cp", str(tmp_path / "key"), f"{at}:/tmp/key")["mode"] == "0600"
    assert light.sh("stat -c %a /tmp/key") == "600"
    assert guestwire("cat", f"{at}:/tmp/key").stdout == b"secret"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_freeze_with_a_command_that_is_interrupted_thaws(at: str, number: int, tmp_path: Path) -> None:
    argv = [
        sys.executable,
        "-m",
        "guestwire.cli",
        "freeze",
        at,
        "--run",
        f"touch {tmp_path}/runs; exec sleep 600",
    ]
    with subprocess.Popen(argv, env={**os.environ, "PYTHONPATH": str(SOURCE)}) as process:
        end = time.monotonic() + PATIENCE
        while not (tmp_path / "runs").exists():
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(PATIENCE) == 128 + number
    assert told("call", at, "guest-fsfreeze-status") == "thawed"


def test_freeze_and_thaw(at: str) -> None:
    assert told("freeze", at) == {"frozen": 2}
    assert told("thaw", at) == {"thawed": 2}


def test_trim(at: str) -> None:
    assert {each["path"] for each in told("trim", at)["paths"]} >= {"/mnt/ext4", "/mnt/xfs"}


def test_time_is_set_and_right_again(at: str, light: Guest) -> None:
    try:
        assert told("time", at, "--set", "2031-05-06T07:08:09Z")["drift"] > 86400
        assert light.sh("date -u +%Y-%m-%d") == "2031-05-06"
    finally:
        right = told("time", at, "--set")
    assert abs(right["drift"]) < 60


def test_a_processor_goes_and_comes(at: str, light: Guest) -> None:
    try:
        told("cpu", at, "--offline", "1")
        assert light.sh("cat /sys/devices/system/cpu/online") == "0"
    finally:
        told("cpu", at, "--online", "1")
    assert light.sh("cat /sys/devices/system/cpu/online") == "0-1"


def test_memory_is_the_guests(at: str, light: Guest) -> None:
    total = int(light.sh("awk '/^MemTotal/ {print $2}' /proc/meminfo")) * 1024
    assert told("mem", at)["memory"]["total"] == total


def test_ssh_keys(at: str, light: Guest) -> None:
    assert told("ssh-key", "add", at, "root", KEY)["keys"] == 1
    assert told("ssh-key", "list", at, "root")["keys"] == [KEY]
    assert told("ssh-key", "remove", at, "root", KEY)["done"] == "removed"
    assert told("ssh-key", "list", at, "root")["keys"] == []
