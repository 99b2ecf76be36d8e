"""A host as it is: a listed guest with a real agent, a broker that holds it, the command line that lists both."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contract.agents import PATIENCE, SOURCE, Agent, running

from guestwire.client import GuestAgent
from guestwire.discovery import Place, find, resolver


@pytest.fixture(scope="module", params=[False, True], ids=["qemu-ga", "ours"])
def agent(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    with running(request.param, tmp_path_factory.mktemp("agent")) as agent:
        yield agent


@pytest.fixture
def place(agent: Agent, tmp_path: Path) -> Place:
    """The agent as the listed guest web1, and a run folder without a broker."""
    (tmp_path / "g.toml").write_text(f'[guests]\nweb1 = "unix:{agent.path}"\n')
    return Place(run_dirs=(tmp_path / "run",), lists=(tmp_path / "g.toml",), root=tmp_path)


@contextlib.contextmanager
def broker(agent: Agent, run: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        sys.executable,
        "-m",
        "guestwire.broker",
        "--guest",
        f"front=unix:{agent.path}",
        "--run-dir",
        str(run),
    ]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(SOURCE)}) as process:
        try:
            wait((run / "guests/front.sock").exists)
            yield process
        finally:
            process.kill()


def wait(condition: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def listed(place: Place) -> list[dict[str, Any]]:
    """What `guestwire ls --json` prints of the place's run folder and list."""
    environment = {
        **os.environ, "PYTHONPATH": str(SOURCE), "GUESTWIRE_RUN_DIR": str(place.run_dirs[0]),
        "GUESTWIRE_CONFIG": str(place.lists[0]),
    }  # fmt: skip
    sources = ["--source", "broker", "--source", "list"]
    done = subprocess.run(
        [sys.executable, "-m", "guestwire.cli", "ls", "--json", "--timeout", "10", *sources],
        env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def test_a_listed_guest(agent: Agent, place: Place) -> None:
    with GuestAgent("web1", resolver=resolver(place)) as guest:
        assert guest.guest_ping() is None
    (row,) = listed(place)
    assert (row["name"], row["agent"], row["sources"]) == ("web1", "up", ["list"])
    assert row["kind"] == ("guestwire-agent" if agent.ours else "qemu-ga")
    assert row["system"]


def test_a_broker_in_front_of_it(agent: Agent, place: Place) -> None:
    with broker(agent, place.run_dirs[0]) as process:
        wait(lambda: find(place).guests[0].agent == "up")
        (guest,) = find(place).guests
        assert (guest.name, guest.sources, guest.upstream) == (
            "front",
            ("broker", "list"),
            f"unix:{agent.path}",
        )
        for name in ("front", "web1"):
            with GuestAgent(name, resolver=resolver(place)) as through:
                assert through.guest_ping() is None
        assert [(row["name"], row["agent"]) for row in listed(place)] == [("front", "up")]
        process.kill()
        process.wait(PATIENCE)
        found = find(place)
        assert [guest.name for guest in found.guests] == ["web1"]
        assert "no longer runs" in str(found.faults[0])
