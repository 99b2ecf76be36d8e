"""Proxmox VE's way: a connection for each command, the resync and the command in one write, no 0xFF before them.

It takes the answer only as 0xFF, the resync's line, the command's line and nothing more; files are opened, read and
closed on three connections; what is written is base64 in lines of 76.
"""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.contract.agents import PATIENCE, Agent

ANSWER = re.compile(rb"\xff([^\n]*)\n([^\n]*)\n", re.DOTALL)
ASKED = (
    "guest-ping guest-info guest-get-osinfo guest-network-get-interfaces guest-get-fsinfo guest-get-vcpus"
    " guest-get-time guest-get-timezone guest-get-users guest-get-host-name guest-get-memory-block-info"
).split()
NUMBERS = count(int(time.time()) * 1000)


def call(agent: Agent, command: str, /, **arguments: Any) -> Any:
    """One command as Proxmox sends it; `buf_b64=` stands for buf-b64. The whole answer."""
    number = next(NUMBERS)
    request: dict[str, Any] = {"execute": command}
    if arguments:
        request["arguments"] = {key.replace("_", "-"): value for key, value in arguments.items()}
    resync = {"execute": "guest-sync-delimited", "arguments": {"id": number}}
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(PATIENCE)
        line.connect(str(agent.path))
        line.sendall((json.dumps(resync) + json.dumps(request)).encode())
        held = b""
        while held.count(b"\n") < 2:
            data = line.recv(1 << 20)
            assert data, f"the agent closed the line after {held!r}"
            held += data
    answer = ANSWER.fullmatch(held)
    assert answer, held[:200]
    assert json.loads(answer[1]) == {"return": number}
    return json.loads(answer[2])


def value(agent: Agent, command: str, /, **arguments: Any) -> Any:
    answer = call(agent, command, **arguments)
    assert "return" in answer, answer
    return answer["return"]


@pytest.mark.parametrize("command", ASKED)
def test_commands_of_its_api(agent: Agent, command: str) -> None:
    assert isinstance(value(agent, command), (dict, list, int))


def test_an_error_comes_behind_the_resync_as_well(agent: Agent) -> None:
    error = call(agent, "guest-file-open", path="/none")["error"]
    assert error == {
        "class": "GenericError",
        "desc": "failed to open file '/none' (mode: 'r'): No such file or directory",
    }
    assert call(agent, "guest-nonsense")["error"]["class"] == "CommandNotFound"
    assert call(agent, "guest-shutdown")["error"]["desc"].startswith(
        "Command guest-shutdown has been disabled"
    )


@pytest.mark.parametrize("size", [0, 5, 1 << 20, (3 << 20) + 7])
def test_a_file_is_read_by_the_mebibyte(agent: Agent, folder: Path, size: int) -> None:
    data = os.urandom(size)
    (folder / "file").write_bytes(data)
    handle = value(agent, "guest-file-open", path=str(folder / "file"))
    read = b""
    while len(read) < 16 << 20:
        piece = value(agent, "guest-file-read", handle=handle, count=1 << 20)
        read += base64.b64decode(piece["buf-b64"])
        if piece["eof"]:
            break
    value(agent, "guest-file-close", handle=handle)
    assert read == data


def test_a_file_is_written_in_lines_of_base64(agent: Agent, folder: Path) -> None:
    data = os.urandom(60 << 10)
    handle = value(agent, "guest-file-open", path=str(folder / "file"), mode="wb")
    written = value(agent, "guest-file-write", handle=handle, buf_b64=base64.encodebytes(data).decode())
    value(agent, "guest-file-close", handle=handle)
    assert written == {"count": len(data), "eof": False}
    assert (folder / "file").read_bytes() == data


def test_a_program_is_run_and_asked_for_on_further_connections(agent: Agent) -> None:
    started = value(
        agent, "guest-exec", path="/bin/cat", arg=[], capture_output=True,
        input_data=base64.b64encode(b"x" * (64 << 10)).decode(),
    )  # fmt: skip
    end = time.monotonic() + PATIENCE
    while not (status := value(agent, "guest-exec-status", pid=started["pid"]))["exited"]:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert status["exitcode"] == 0
    assert base64.b64decode(status["out-data"]) == b"x" * (64 << 10)
