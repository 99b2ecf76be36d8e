"""`guestwire call`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from guestwire.errors import CommandError
from guestwire.testing import FakeGuest

Run = Callable[..., Any]


def test_real_agents(agent: str, guestwire: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("hello")
    assert guestwire("call", agent, "guest-ping").stdout == b"{}\n"
    handle = guestwire("call", agent, "guest-file-open", f"path={file}").stdout.decode().strip()
    read = json.loads(guestwire("call", agent, "guest-file-read", "--handle", handle, "--count", "3").stdout)
    assert read == {"count": 3, "buf-b64": "aGVs", "eof": False}
    seek = guestwire("call", agent, "guest-file-seek", f"handle={handle}", "offset=1", "whence=set", "--json")
    assert json.loads(seek.stdout) == {"position": 1, "eof": False}
    assert guestwire("call", agent, "guest-file-close", f"handle={handle}").returncode == 0
    done = guestwire("call", agent, "guest-file-close", f"handle={handle}")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"guest-file-close: handle" in done.stderr


def test_the_lean_path_imports_little(agent: str, guestwire: Run) -> None:
    done = guestwire(
        "call", agent, "guest-get-time", env={"PYTHONPROFILEIMPORTTIME": "1", "PYTHONPATH": "src"}
    )
    assert done.returncode == 0
    imported = {line.rpartition(b"|")[2].strip().decode() for line in done.stderr.splitlines()}
    heavy = "rich asyncio subprocess dataclasses secrets"
    ours = "guestwire.client.types guestwire.discovery guestwire.schema.parser"
    assert "guestwire.client.driver" in imported
    assert not {*heavy.split(), *ours.split()} & imported


def test_arguments_and_answers(stand_in: Run, run: Run) -> None:
    guest = stand_in("web1", FakeGuest({"guest-exec": {"pid": 1, "note": "\x1b\u202e"}, "site-x": [1]}))
    said = run("call", "web1", "guest-exec", "path=/bin/ls", "arg=-l", "arg=/tmp", "--capture-output", "true")
    assert said.out == '{\n  "pid": 1,\n  "note": "\\u001b\\u202e"\n}\n'
    assert guest.calls == [("guest-exec", {"path": "/bin/ls", "arg": ["-l", "/tmp"], "capture-output": True})]
    assert run("call", "web1", "site-x", "n=1", "s=text", 'o:={"a": null}').out == "[\n  1\n]\n"
    assert guest.calls[-1] == ("site-x", {"n": 1, "s": "text", "o": {"a": None}})
    assert run("call", "web1", "guest-ping", "--jsonl").out == '{"guest":"web1","result":{}}\n'


def test_several_guests(stand_in: Run, run: Run) -> None:
    stand_in("web1", FakeGuest({"guest-get-time": 5}))
    stand_in("web2", FakeGuest({"guest-get-time": CommandError("no clock")}))
    said = run("call", "web*", "guest-get-time")
    assert said.status == 1
    assert said.out == "web1:\n5\n"
    assert "guestwire: web2 guest-get-time: no clock" in said.err


def test_errors_say_what_to_do(stand_in: Run, run: Run) -> None:
    stand_in("web1", FakeGuest(disabled=["guest-file-open"]))
    assert "has not been found; did you mean guest-file-open?" in run("call", "web1", "guest-file-opne").err
    said = run("call", "web1", "guest-file-open", "path=/x")
    assert (said.status, "has been disabled" in said.err) == (1, True)
    assert run("call", "web1", "guest-file-open").status == 2
    assert run("call", "web1").status == 2
    assert "write GUEST COMMAND" in run("call", "guest-ping").err
    said = run("call", "web1", "guest-file-open", "path=\udcff")
    assert (said.status, said.err.count("\n")) == (2, 1)


def test_a_value_that_the_guest_refuses_gets_those_that_there_are(stand_in: Run, run: Run) -> None:
    stand_in(
        "web1", FakeGuest({"guest-file-seek": CommandError("Parameter 'whence' does not accept 'sett'")})
    )
    said = run("call", "web1", "guest-file-seek", "handle=1", "offset=0", "whence=sett")
    assert said.status == 1
    assert "; whence takes set, cur, end; did you mean set?" in said.err
    said = run("call", "web1", "guest-file-seek", "handle=1", "offset=0", "whence=0")
    assert "whence takes" not in said.err


def test_what_can_be_true_needs_no_value_at_the_end(stand_in: Run, run: Run) -> None:
    guest = stand_in("web1", FakeGuest({"guest-exec": {"pid": 1}}))
    run("call", "web1", "guest-exec", "--path", "x", "--capture-output")
    run("call", "web1", "guest-exec", "--capture-output", "--path", "x")
    run("call", "web1", "guest-exec", "--capture-output", "merged", "--path", "x")
    values = [arguments["capture-output"] for name, arguments in guest.calls if name == "guest-exec"]
    assert values == [True, True, "merged"]


def test_help(run: Run) -> None:
    said = run("call", "guest-file-open", "--help")
    assert said.status == 0
    assert said.out.startswith(
        "Usage: guestwire call GUEST guest-file-open path=… [mode=…]\n\nguest-file-open (command"
    )
    assert "path of the file" in said.out
    assert run("call", "web1", "guest-file-open", "-h").out == said.out
    assert "Usage: guestwire call" in run("call", "--help").out


def test_a_sites_own_commands(stand_in: Run, run: Run, tmp_path: Path) -> None:
    schema = tmp_path / "site.json"
    schema.write_text(
        "##\n# @site-add:\n#\n# Add numbers.\n#\n# @numbers: which\n#\n# Returns: the sum\n#\n# Since: 1\n##\n"
        "{ 'command': 'site-add', 'data': { 'numbers': ['int'] }, 'returns': ['SiteSum'] }\n"
        "##\n# @SiteSum:\n#\n# A sum.\n#\n# @sum: it\n#\n# Since: 1\n##\n"
        "{ 'struct': 'SiteSum', 'data': { 'sum': 'int' } }\n"
        "##\n# @site-off:\n#\n# Go.\n#\n# Since: 1\n##\n{ 'command': 'site-off', 'success-response': false }\n"
    )
    guest = stand_in("web1", FakeGuest({"site-add": [], "site-off": CommandError("not now")}))
    assert run("call", "web1", "--schema", str(schema), "site-add", "numbers=1", "numbers=2").out == "[]\n"
    assert guest.calls == [("site-add", {"numbers": [1, 2]})]
    assert "Add numbers." in run("call", "site-add", "--help", "--schema", str(tmp_path)).out
    assert "not now" in run("call", "web1", "site-off", "--schema", str(schema)).err
    schema.write_text("{ 'command': 3 }")
    said = run("call", "web1", "site-add", "--schema", str(schema))
    assert said.status == 2
    assert f"guestwire: {schema}:1: " in said.err


def complete(line: str, guestwire: Run) -> list[str]:
    """What completes the end of the line, in a shell in which no character but blanks ends a word."""
    environment = {
        "_GUESTWIRE_COMPLETE": "bash_complete",
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "COMP_WORDBREAKS": " ",
        "PYTHONPATH": "src",
    }
    lines = guestwire(env=environment).stdout.decode().split()
    return [line.partition(",")[2] for line in lines]


def test_completion(guestwire: Run) -> None:
    assert "call" in complete("guestwire ca", guestwire)
    assert complete("guestwire call web1 guest-file-o", guestwire) == ["guest-file-open"]
    assert complete("guestwire call web1 guest-file-seek wh", guestwire) == ["whence="]
    assert complete("guestwire call web1 guest-file-seek whence=s", guestwire) == ["whence=set"]
    assert complete("guestwire call web1 guest-exec capture-output=", guestwire)[:2] == [
        "capture-output=true",
        "capture-output=false",
    ]
    assert complete("guestwire call web1 guest-nothing x", guestwire) == []
