from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from guestwire.agent.hosting import daemon
from guestwire.agent.hosting.daemon import PidFile
from guestwire.errors import StartError

# A process that holds the pid file until its stdin ends.
HOLDER = """
import sys
from guestwire.agent.hosting.daemon import PidFile
file = PidFile(sys.argv[1]); file.claim(); print("held", flush=True); sys.stdin.read()
if "release" in sys.argv: file.release()
"""

# A daemon that says what has become of it, and ends.
DAEMON = """
import os, sys
from guestwire.agent.hosting.daemon import PidFile, daemonize
from guestwire.errors import StartError
try:
    daemonize(PidFile(sys.argv[1]), claim="unclaimed" not in sys.argv)
except StartError as error:
    print(error, file=sys.stderr); sys.exit(3)
mask = os.umask(0)
with open(sys.argv[2] + ".new", "w") as out:
    print(os.getpid(), os.getppid() != int(sys.argv[3]), os.getsid(0) == os.getpid(), os.getcwd(), oct(mask),
          *[os.readlink(f"/proc/self/fd/{n}") for n in (0, 1, 2)], file=out)
os.rename(sys.argv[2] + ".new", sys.argv[2])
"""


def holder(path: Path, *more: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_claim_and_release(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    file = PidFile(str(path))
    file.claim()
    assert path.read_text() == f"{os.getpid()}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    file.release()
    assert not path.exists()
    file.release()


def test_a_file_left_behind_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "pid").write_text("99999999999999\n")
    file = PidFile(str(tmp_path / "pid"))
    file.claim()
    assert (tmp_path / "pid").read_text() == f"{os.getpid()}\n"
    file.release()


def test_a_second_agent_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    with holder(path) as first:
        with pytest.raises(StartError) as caught:
            PidFile(str(path)).claim()
        assert str(caught.value) == (
            f"another agent (process {first.pid}) has the pid file {path}: stop it or use --pidfile"
        )
        first.communicate()
    file = PidFile(str(path))  # the lock ended with the process, however that ended
    file.claim()
    file.release()


def test_the_owner_may_be_unknown(tmp_path: Path) -> None:
    assert PidFile(str(tmp_path / "none"))._owner() == ""
    (tmp_path / "junk").write_bytes(b"\xff\n")
    assert PidFile(str(tmp_path / "junk"))._owner() == ""


def test_an_impossible_place(tmp_path: Path) -> None:
    with pytest.raises(
        StartError, match=r"cannot write pid file .*: No such file or directory; use --pidfile"
    ):
        PidFile(str(tmp_path / "none" / "pid")).claim()


def test_a_file_replaced_while_it_was_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    path = tmp_path / "pid"
    lock, turns = fcntl.lockf, []

    def meanwhile(fd: int, how: int) -> None:
        lock(fd, how)
        turns.append(fd)
        if len(turns) == 1:
            path.unlink()
        elif len(turns) == 2:
            path.rename(tmp_path / "old")
            path.write_text("another's\n")

    monkeypatch.setattr(fcntl, "lockf", meanwhile)
    file = PidFile(str(path))
    file.claim()
    assert len(turns) == 3
    assert path.read_text() == f"{os.getpid()}\n"
    file.release()


def test_a_file_removed_by_somebody_else(tmp_path: Path) -> None:
    file = PidFile(str(tmp_path / "pid"))
    file.claim()
    (tmp_path / "pid").unlink()
    file.release()


def run_daemon(tmp_path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    words = [
        sys.executable,
        "-c",
        DAEMON,
        str(tmp_path / "pid"),
        str(tmp_path / "out"),
        str(os.getpid()),
        *more,
    ]
    return subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)


def told(path: Path) -> list[str]:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, "the daemon said nothing"
        time.sleep(0.01)
    return path.read_text().split()


def test_the_background(tmp_path: Path) -> None:
    done = run_daemon(tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    # The parent left only after the pid file was there.
    pid = (tmp_path / "pid").read_text().strip()
    assert told(tmp_path / "out") == [pid, "True", "True", "/", "0o77", "/dev/null", "/dev/null", "/dev/null"]


def test_begun_frozen_the_pid_file_waits(tmp_path: Path) -> None:
    assert run_daemon(tmp_path, "unclaimed").returncode == 0
    told(tmp_path / "out")
    assert not (tmp_path / "pid").exists()


def test_the_caller_hears_of_a_second_daemon(tmp_path: Path) -> None:
    with holder(tmp_path / "pid", "release") as first:
        done = run_daemon(tmp_path)
        assert done.returncode == 3
        assert done.stderr.startswith(f"another agent (process {first.pid}) has the pid file")
        first.communicate()
    assert not (tmp_path / "pid").exists()


def test_a_child_that_dies_early(tmp_path: Path) -> None:
    receiver, sender = os.pipe()
    os.close(sender)
    with pytest.raises(StartError, match="the background process ended while it started"):
        daemon._await_child(receiver)


def test_the_parent_leaves_when_the_child_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(status: int) -> None:
        raise SystemExit(status)

    monkeypatch.setattr(os, "_exit", leave)
    receiver, sender = os.pipe()
    os.write(sender, b"ok")
    os.close(sender)
    with pytest.raises(SystemExit):
        daemon._await_child(receiver)


def test_the_lock_survives_the_parent(tmp_path: Path) -> None:
    """The child takes the lock itself: fcntl locks are not inherited."""
    script = DAEMON + "\nimport time\ntime.sleep(30)"
    words = [sys.executable, "-c", script, str(tmp_path / "pid"), str(tmp_path / "out"), "1"]
    subprocess.run(words, timeout=30, check=True)
    pid = int(told(tmp_path / "out")[0])
    try:
        with pytest.raises(StartError, match=f"another agent .process {pid}. has"):
            PidFile(str(tmp_path / "pid")).claim()
    finally:
        os.kill(pid, signal.SIGKILL)
