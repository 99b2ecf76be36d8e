from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from guestwire.agent.system.linux import helper
from guestwire.agent.system.linux.helper import run_helper, run_helper_output
from guestwire.errors import CommandError


def shell(script: str, **options: object) -> bytes:
    return run_helper_output(["/bin/sh", "-c", script], "do it", **options)  # type: ignore[arg-type]


def error_of(script: str, **options: object) -> str:
    with pytest.raises(CommandError) as caught:
        shell(script, **options)
    return caught.value.desc


@pytest.fixture(params=[True, False], ids=["pidfd", "tick"])
def _both_waits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.param:
        monkeypatch.setattr(helper, "pidfd", lambda pid: -1)


@pytest.mark.usefixtures("_both_waits")
class TestRun:
    def test_output_of_both_streams(self) -> None:
        assert shell("echo out; echo err >&2") == b"out\nerr\n"

    def test_no_answer_on_success(self) -> None:
        run_helper(["true"], "do nothing")

    def test_input_is_fed(self) -> None:
        data = os.urandom(300_000)
        assert shell("cat | wc -c", stdin=data).strip() == b"300000"

    def test_input_not_read_is_lost(self) -> None:
        assert shell("exec 0<&-; echo done", stdin=b"x" * 300_000) == b"done\n"

    def test_without_input_stdin_is_null(self) -> None:
        assert shell("readlink /proc/self/fd/0") == b"/dev/null\n"

    def test_output_is_bounded(self) -> None:
        assert shell("head -c 1000000 /dev/zero") == bytes(64 * 1024)

    def test_closed_output_is_not_the_end(self) -> None:
        assert (
            error_of("exec >&- 2>&-; sleep 0.05; exit 5")
            == "child process has failed to do it: exit status 5"
        )

    def test_timeout_kills_the_group(self, tmp_path: Path) -> None:
        text = error_of(f"sleep 60 & echo $! >{tmp_path}/pid; wait", timeout=0.3)
        assert text == "child process has failed to do it: killed after 0.3 seconds"
        pid = int((tmp_path / "pid").read_text())
        deadline = time.monotonic() + 10
        while _runs(pid):
            assert time.monotonic() < deadline

    def test_left_behind_process_is_not_waited_for(self) -> None:
        started = time.monotonic()
        pid = int(shell("sleep 60 & echo $!"))
        os.kill(pid, 9)
        assert time.monotonic() - started < 30


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


class TestErrors:
    def test_output_is_the_reason(self) -> None:
        assert error_of("echo no >&2; exit 3") == "child process has failed to do it: no\n"

    def test_status_when_silent(self) -> None:
        assert error_of("exit 3") == "child process has failed to do it: exit status 3"

    def test_signal(self) -> None:
        assert error_of("kill -9 $$") == "child process has terminated abnormally"
        assert error_of("echo ouch; kill -9 $$") == "child process has terminated abnormally: ouch\n"

    def test_missing(self) -> None:
        for name in ("/nowhere/tool", "no-such-tool-here"):
            with pytest.raises(CommandError) as caught:
                run_helper([name], "execute fsfreeze hook")
            expected = f"failed to exec '{name}': No such file or directory"
            assert caught.value.desc == f"child process has failed to execute fsfreeze hook: {expected}"

    def test_output_that_is_no_text(self) -> None:
        assert error_of(r"printf '\377'; exit 1") == "child process has failed to do it: \ufffd"

    def test_no_descriptor_leaks(self) -> None:
        before = sorted(os.listdir("/proc/self/fd"))
        shell("true", stdin=b"x")
        error_of("exit 1")
        with pytest.raises(CommandError):
            run_helper(["/nowhere"], "do it", stdin=b"x")
        assert sorted(os.listdir("/proc/self/fd")) == before


def test_own_session() -> None:
    assert shell("ps -o sid= -p $$; echo $$").split()[0] != str(os.getsid(0)).encode()


def test_killed_helper_that_does_not_end_is_collected_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helper, "_KILL_WAIT", -1.0)
    real = os.waitpid
    monkeypatch.setattr(helper.os, "waitpid", lambda pid, flags: (0, 0))
    error_of("sleep 60", timeout=0.05)
    (pid,) = helper._left_behind
    monkeypatch.setattr(helper.os, "waitpid", real)
    deadline = time.monotonic() + 10
    while helper._left_behind:
        assert time.monotonic() < deadline
        run_helper(["true"], "collect")
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, 0)
