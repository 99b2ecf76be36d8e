"""`guestwire exec`, with real agents and with guests that lie."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guestwire.cli.verbs import exec as module
from guestwire.errors import CommandError
from guestwire.testing import FakeGuest

Run = Callable[..., Any]


def ended(**more: Any) -> FakeGuest:
    """A guest whose programs have ended at once."""
    encoded = {
        name: base64.b64encode(value).decode() for name, value in more.items() if isinstance(value, bytes)
    }
    answer = {"exited": True, "exitcode": 0, **more, **encoded}
    return FakeGuest({"guest-exec": {"pid": 7}, "guest-exec-status": answer})


def test_streams_and_status_pass_through(agent: str, guestwire: Run) -> None:
    script = r"cat; printf '\377' >&2; exit 7"
    done = guestwire("exec", agent, "--", "sh", "-c", script, input=b"\x00in\xff")
    assert (done.returncode, done.stdout) == (7, b"\x00in\xff")
    assert done.stderr == b"\xff"


def test_a_signal_and_a_time_out(agent: str, guestwire: Run) -> None:
    assert guestwire("exec", agent, "--", "sh", "-c", "kill -9 $$").returncode == 137
    late = guestwire("exec", agent, "--timeout", "0.2", "sleep", "2")
    assert late.returncode == 124
    assert b"guest-exec: sleep still runs as pid" in late.stderr


def test_what_is_no_program(agent: str, guestwire: Run) -> None:
    done = guestwire("exec", agent, "/nonexistent")
    assert done.returncode == 127
    assert done.stderr.startswith(b"guestwire: unix:")
    assert done.stderr.count(b"\n") == 1


def test_what_the_guest_may_not_execute(stand_in: Run, run: Run) -> None:
    refusal = CommandError("Failed to execute child process “/x” (Permission denied)")
    stand_in("web1", FakeGuest({"guest-exec": refusal}))
    assert run("exec", "web1", "--", "/x").status == 126
    stand_in("web2", FakeGuest({"guest-exec": CommandError("something else")}))
    assert run("exec", "web2", "--", "/x").status == 125


def test_environment_and_input_file(agent: str, guestwire: Run, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"from a file")
    done = guestwire("exec", agent, "--env", "A=1", "--env", "B=x y", "--", "/usr/bin/env")
    assert sorted(done.stdout.splitlines()) == [b"A=1", b"B=x y"]
    done = guestwire("exec", agent, "--input", str(tmp_path / "in"), "cat", input=b"not this")
    assert done.stdout == b"from a file"


def test_detached(agent: str, guestwire: Run) -> None:
    done = guestwire("exec", agent, "--detach", "--json", "true")
    assert done.returncode == 0
    assert json.loads(done.stdout)["pid"] > 0


def test_json(stand_in: Run, run: Run) -> None:
    guest = ended(**{"out-data": b"text\n", "err-data": b"\xff", "err-truncated": True, "exitcode": 3})
    stand_in("web1", guest)
    said = run("exec", "web1", "--json", "--", "prog", "-x")
    assert said.status == 3
    assert json.loads(said.out) == {
        "pid": 7,
        "exitcode": 3,
        "signal": None,
        "stdout": "text\n",
        "stdout_truncated": False,
        "stderr_base64": "/w==",
        "stderr_truncated": True,
    }
    assert guest.calls[0] == ("guest-exec", {"path": "prog", "arg": ["-x"], "capture-output": True})


def test_several_guests_are_told_apart(stand_in: Run, run: Run) -> None:
    stand_in("web1", ended(**{"out-data": b"one\ntwo", "exitcode": 4}))
    stand_in("web2", ended(**{"err-data": b"warned\n", "out-truncated": True}))
    stand_in("web3", FakeGuest(), trouble=ConnectionRefusedError())
    said = run("exec", "web[12]", "--", "x")
    assert said.status == 125  # a part of an output is no success
    assert sorted(said.out.splitlines()) == ["web1: one", "web1: two"]
    assert sorted(said.err.splitlines()) == [
        "guestwire: web1: the program ended with status 4",
        "guestwire: web2: the agent kept only the beginning of the program's stdout:"
        " have it write a file, and fetch that with guestwire cp",
        "web2: warned",
    ]
    said = run("exec", "web*", "--json", "--", "x")
    assert said.status == 125
    web1, web2, web3 = sorted(json.loads(said.out), key=lambda each: str(each["guest"]))
    assert web1["result"]["stdout"] == "one\ntwo"
    assert web2["result"]["exitcode"] == 0
    assert web3["error"]["type"] == "ChannelClosed"
    said = run("exec", "web1", "--jsonl", "--detach", "--", "x")
    assert json.loads(said.out) == {"guest": "web1", "result": {"pid": 7}}
    said = run("exec", "web2,web3", "--detach", "--", "x")
    assert said.out == "web2: 7\n"
    assert "web3" in said.err


@pytest.mark.parametrize(
    ("answer", "status"),
    [({"exitcode": 256}, 255), ({"exitcode": 3221225477}, 255), ({"exitcode": None, "signal": 200}, 255)],
)
def test_no_failure_becomes_success(answer: dict[str, Any], status: int, stand_in: Run, run: Run) -> None:
    guest = FakeGuest(
        {
            "guest-exec": {"pid": 7},
            "guest-exec-status": {"exited": True, **{k: v for k, v in answer.items() if v}},
        }
    )
    stand_in("web1", guest)
    assert run("exec", "web1", "x").status == status


def test_wrong_usage(stand_in: Run, run: Run) -> None:
    stand_in("web1", ended())
    said = run("exec", "web1", "ls", "-l")
    assert said.status == 2
    assert "The program's own options stand behind --." in said.err
    assert run("exec", "web1", "--env", "A", "x").status == 2
    assert run("exec", "mail", "x").status == 125
    assert run("exec", "web1", "--input", "/nonexistent", "x").status == 125
    said = run("exec", "web1", "--", "x", "\udcff")
    assert (said.status, said.err.count("\n")) == (125, 1)


def test_too_much_input(stand_in: Run, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_INPUT", 3)
    (tmp_path / "in").write_bytes(b"four")
    stand_in("web1", ended())
    said = run("exec", "web1", "--input", str(tmp_path / "in"), "x")
    assert said.status == 125
    assert "the input is longer than" in said.err
