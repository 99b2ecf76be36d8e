"""`guestwire schema`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]


def test_the_list(run: Run) -> None:
    lines = run("schema").out.splitlines()
    assert lines[0].split() == ["name", "group", "summary"]
    assert any(line.startswith("guest-file-open ") and "Open a file in the guest" in line for line in lines)
    assert any(line.startswith("guest-get-devices ") for line in lines), "commands of other systems too"
    assert "GuestFileRead" in run("schema", "--types").out
    assert "GuestFileRead" not in run("schema").out


def test_a_command(run: Run) -> None:
    text = run("schema", "guest-exec").out
    assert "path text" in text
    assert "arg list of text (optional)" in text
    assert "values: none stdout stderr" in text
    assert "Returns GuestExec" in text
    assert "no answer on success" in run("schema", "guest-shutdown").out
    assert "also while frozen" in run("schema", "guest-fsfreeze-thaw").out
    assert "Linux" in run("schema", "guest-suspend-hybrid").out


def test_types(run: Run) -> None:
    assert "Values:" in run("schema", "QGASeek").out
    assert "Forms:" in run("schema", "GuestFileWhence").out
    assert "Members:" in run("schema", "GuestFileRead").out
    assert "also the members of" in run("schema", "GuestDeviceId").out


def test_for_programs(run: Run) -> None:
    (one,) = json.loads(run("schema", "guest-file-read", "--json").out)
    assert one["returns"] == "GuestFileRead"
    assert one["members"][0]["name"] == "handle"
    lines = run("schema", "--jsonl").out.splitlines()
    assert len(lines) > 40
    assert all(json.loads(line)["kind"] == "command" for line in lines)
    assert run("schema", "--json", "--jsonl").status == 2


def test_a_name_that_is_none(run: Run) -> None:
    said = run("schema", "guest-file-opn")
    assert (said.status, said.err) == (
        2,
        "guestwire: the schema has no command or type 'guest-file-opn'; did you mean guest-file-open?\n",
    )
