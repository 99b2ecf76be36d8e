"""`guestwire doctor`: what the walk finds, shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guestwire.cli import guests
from guestwire.discovery import Fault, Found, Located

if TYPE_CHECKING:
    import pytest

Run = Callable[..., Any]


def test_a_sound_guest(agent: str, run: Run) -> None:
    said = run("doctor", agent)
    assert said.status == 0
    assert said.out.startswith(f"{agent}:\nlink ")
    assert "cure (policy): allow " in said.out
    (entry,) = json.loads(run("doctor", agent, "--json").out)
    assert {each["link"]: each["state"] for each in entry["findings"]}["answer"] == "ok"


def test_a_broken_one(run: Run, tmp_path: Path) -> None:
    said = run("doctor", f"{tmp_path}/s", "--jsonl")
    assert said.status == 1
    assert json.loads(said.out)["findings"][0]["state"] == "broken"
    assert "cure (socket): start the virtual machine" in run("doctor", f"{tmp_path}/s").out


def test_the_whole_host(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    located = [Located(name, "list", f"unix:{tmp_path}/{name}") for name in ("web1", "web2")]
    found = Found(located, [Fault("libvirt", "qemu:///system", "no \x1b permission")])
    monkeypatch.setattr(guests, "discovered", lambda sources=None: found)
    said = run("doctor")
    assert said.status == 1
    assert "libvirt    warning  qemu:///system: no \\x1b permission\n" in said.out
    assert "discovery  ok       2 guests" in said.out
    assert said.out.count("does not exist") == 2
    assert run("doctor", "web*").out.count("does not exist") == 2
    assert "mail*:" in run("doctor", "mail*").out


def test_an_empty_host(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "discovered", lambda sources=None: Found())
    said = run("doctor")
    assert said.status == 1
    assert "no guest was found on this host" in said.out
