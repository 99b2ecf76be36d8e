"""The command line on a real guest, found by its name among the QEMU processes of this host."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .harness.guest import Guest
from .raw import PATIENCE, Raw

SOURCE = Path(__file__).parents[2] / "src"


def guestwire(*words: str, **options: bytes) -> subprocess.CompletedProcess[bytes]:
    argv = [sys.executable, "-m", "guestwire.cli", *words]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.run(
        argv,
        env=environment,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
        input=options.get("input", b""),
    )


@pytest.fixture
def name(light: Guest) -> str:
    """As discovery calls a guest that was given no name."""
    return f"qemu-{light.process.pid}"


def test_a_program_and_its_streams(name: str) -> None:
    done = guestwire("exec", name, "--", "sh", "-c", "cat; echo oops >&2; exit 5", input=b"\0\xff")
    assert (done.returncode, done.stdout, done.stderr) == (5, b"\0\xff", b"oops\n")


def test_what_it_is_and_whether_all_is_well(name: str) -> None:
    told = json.loads(guestwire("info", name, "--json").stdout)
    assert told["host_name"] == "light"
    assert told["agent"] is not None
    done = guestwire("doctor", name, "--json")
    (entry,) = json.loads(done.stdout)
    found = {each["link"]: each for each in entry["findings"]}
    assert done.returncode == 0, found
    assert found["listener"]["text"].startswith("qemu-system")


def test_who_holds_the_channel(name: str, light: Guest) -> None:
    with Raw(light) as raw:
        raw.ask(b'{"execute":"guest-ping"}\n')
        done = guestwire("doctor", name)
    assert done.returncode == 1
    assert re.search(rb"holder +broken +held by .*python", done.stdout), done.stdout


def test_a_freeze_for_a_command_of_the_host_ends(name: str, light: Guest) -> None:
    done = guestwire("freeze", name, "--mountpoint", "/mnt/ext4", "--run", "exit 3")
    assert done.returncode == 3, done.stderr
    assert guestwire("call", name, "guest-fsfreeze-status").stdout == b'"thawed"\n'
    light.sh("timeout 10 sh -c 'echo written > /mnt/ext4/after'")


def test_ctrl_c_leaves_the_port_to_the_next_client(name: str, light: Guest) -> None:
    argv = [sys.executable, "-m", "guestwire.cli", "exec", name, "--", "sleep", "77"]
    with subprocess.Popen(
        argv, env={**os.environ, "PYTHONPATH": str(SOURCE)}, stderr=subprocess.PIPE
    ) as process:
        end = time.monotonic() + PATIENCE
        while not light.sh("pidof sleep || true").strip():
            assert time.monotonic() < end
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert re.search(rb"sleep (goes on as pid \d+|may have been started)", said)
    with Raw(light) as raw:
        assert raw.ask(b'{"execute":"guest-ping"}\n').strip() == b'{"return": {}}'
    light.sh("kill $(pidof sleep)")
