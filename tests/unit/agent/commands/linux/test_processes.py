from __future__ import annotations

import base64
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from guestwire.agent import jobs
from guestwire.agent.commands.linux import processes
from guestwire.agent.commands.linux.processes import guest_exec
from guestwire.agent.commands.portable.processes import guest_exec_status
from guestwire.agent.jobs import Jobs
from guestwire.agent.log import Log
from guestwire.agent.state import AgentState
from guestwire.errors import CommandError

if TYPE_CHECKING:
    from pathlib import Path


class Accounts(Log):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def account(self, message: str) -> None:
        self.lines.append(message)


@pytest.fixture
def agent() -> AgentState:
    state = AgentState()
    state.jobs = Jobs()
    state.log = Accounts()
    return state


def finish(agent: AgentState, pid: int) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while True:
        status = guest_exec_status(agent, pid)
        if status["exited"]:
            return status
        assert status == {"exited": False}
        assert time.monotonic() < deadline


def run(agent: AgentState, **arguments: Any) -> dict[str, Any]:
    status = finish(agent, guest_exec(agent, **arguments)["pid"])
    for name in ("out-data", "err-data"):
        if name in status:
            status[name] = base64.b64decode(status[name])
    return status


def shell(agent: AgentState, script: str, **arguments: Any) -> dict[str, Any]:
    return run(agent, path="/bin/sh", arg=["-c", script], **arguments)


BOTH = "echo out; echo err >&2"
OUT = {"out-data": b"out\n", "out-truncated": False}
ERR = {"err-data": b"err\n", "err-truncated": False}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (None, {}),
        (False, {}),
        ("none", {}),
        (True, {**OUT, **ERR}),
        ("separated", {**OUT, **ERR}),
        ("stdout", OUT),
        ("stderr", ERR),
        ("merged", {"out-data": b"out\nerr\n", "out-truncated": False}),
    ],
)
def test_capture_modes(agent: AgentState, mode: bool | str | None, expected: dict[str, Any]) -> None:
    for _ in range(2):  # the C agent loses its own stdin at the first, and output at the second
        assert shell(agent, BOTH, capture_output=mode) == {"exited": True, "exitcode": 0, **expected}


def test_end_is_told_once(agent: AgentState) -> None:
    pid = guest_exec(agent, "true")["pid"]
    assert finish(agent, pid) == {"exited": True, "exitcode": 0}
    with pytest.raises(CommandError, match=rf"^PID {pid} does not exist$"):
        guest_exec_status(agent, pid)


def test_signal(agent: AgentState) -> None:
    assert shell(agent, "kill -9 $$") == {"exited": True, "signal": 9}


def test_input(agent: AgentState) -> None:
    data = os.urandom(5_000_000)
    text = base64.b64encode(data).decode()
    status = run(agent, path="cat", input_data=text, capture_output=True)
    assert status["out-data"] == data


@pytest.mark.parametrize("data", ["", "YWI"])
def test_empty_input(agent: AgentState, data: str) -> None:
    assert run(agent, path="cat", input_data=data, capture_output=True) == {"exited": True, "exitcode": 0}


def test_bad_input_starts_nothing(agent: AgentState) -> None:
    with pytest.raises(CommandError, match=r"^Base64 data contains invalid characters$"):
        guest_exec(agent, "/nowhere", input_data="###")


def test_environment_is_replaced_and_searched(agent: AgentState, tmp_path: Path) -> None:
    tool = tmp_path / "only-here"
    tool.write_text("echo $A\n")
    tool.chmod(0o755)
    status = run(agent, path="only-here", env=[f"PATH={tmp_path}", "A=b c"], capture_output=True)
    assert status["out-data"] == b"b c\n"
    assert run(agent, path="env", env=[], capture_output=True) == {"exited": True, "exitcode": 0}


def test_arguments_are_bytes_as_they_came(agent: AgentState) -> None:
    status = run(agent, path="/bin/echo", arg=["a b", "", "é", "x\0y"], capture_output=True)
    assert status["out-data"] == b"a b  \xc3\xa9 x\xc0\x80y\n"


def test_spawn_failure_leaves_nothing_behind(agent: AgentState) -> None:
    before = sorted(os.listdir("/proc/self/fd"))
    with pytest.raises(CommandError) as caught:
        guest_exec(agent, "/nowhere", input_data="YWJj", capture_output=True)
    assert caught.value.desc == "Failed to execute child process “/nowhere” (No such file or directory)"
    with pytest.raises(CommandError) as caught:
        guest_exec(agent, "/bin/true", arg=["x" * 300_000], input_data="YWJj", capture_output=True)
    assert caught.value.desc == "Failed to execute child process “/bin/true” (Argument list too long)"
    deadline = time.monotonic() + 30
    while sorted(os.listdir("/proc/self/fd")) != before:
        assert time.monotonic() < deadline


def test_secrets_stay_out_of_the_log(agent: AgentState) -> None:
    run(agent, path="/bin/true", arg=["--password", "hunter2"])
    assert isinstance(agent.log, Accounts)
    assert agent.log.lines == ["guest-exec called: '/bin/true' with 2 arguments"]


def test_output_past_the_bound_is_dropped(agent: AgentState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "STREAM_LIMIT", 2_000_000)
    status = shell(agent, "head -c 5000000 /dev/zero; echo end >&2", capture_output=True)
    assert status["out-data"] == bytes(2_000_000)
    assert status["out-truncated"] is True
    assert status["err-data"] == b"end\n"


def test_process_left_behind_holds_the_end_only_when_captured(agent: AgentState, tmp_path: Path) -> None:
    script = "sleep 60 & echo $! >$0"
    plain, captured = tmp_path / "plain", tmp_path / "captured"
    pid = guest_exec(agent, "/bin/sh", ["-c", script, str(plain)])["pid"]
    assert finish(agent, pid) == {"exited": True, "exitcode": 0}
    os.kill(int(plain.read_text()), 9)
    pid = guest_exec(agent, "/bin/sh", ["-c", script, str(captured)], capture_output=True)["pid"]
    deadline = time.monotonic() + 30
    while not (captured.exists() and captured.read_text().endswith("\n")):
        assert time.monotonic() < deadline
    assert guest_exec_status(agent, pid) == {"exited": False}
    os.kill(int(captured.read_text()), 9)
    assert finish(agent, pid) == {"exited": True, "exitcode": 0}


def test_reaping_takes_no_other_child(agent: AgentState) -> None:
    other = os.posix_spawn("/bin/true", ["true"], os.environ)
    pid = guest_exec(agent, "/bin/true")["pid"]
    deadline = time.monotonic() + 30
    while pid not in agent.jobs._ended:
        agent.jobs.reap()
        assert time.monotonic() < deadline
    assert os.waitpid(other, 0) == (other, 0)
    assert finish(agent, pid)["exitcode"] == 0


def test_table_full(agent: AgentState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MAX_RUNNING", 0)
    with pytest.raises(CommandError, match="programs are running already"):
        guest_exec(agent, "/bin/true")


def test_pump_ends_with_its_last_pipe(agent: AgentState) -> None:
    shell(agent, BOTH, capture_output=True)
    deadline = time.monotonic() + 30
    while processes._pump._epoll is not None:
        assert time.monotonic() < deadline
