"""`guestwire freeze`, on guests in memory alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guestwire.cli.verbs import freeze
from guestwire.errors import CommandError
from guestwire.testing import FakeGuest

StandIn = Callable[..., Any]
Run = Callable[..., Any]
DEADLINE = 30.0


class Freezable(FakeGuest):
    """A guest with two filesystems. `thaws_itself` after the freeze."""

    def __init__(self, thaws_itself: bool = False, **answers: Any) -> None:
        self.frozen = 0
        self.thaws_itself = thaws_itself
        super().__init__(
            {
                "guest-fsfreeze-freeze": self.freeze,
                "guest-fsfreeze-freeze-list": self.freeze,
                "guest-fsfreeze-thaw": self.thaw,
                "guest-fsfreeze-status": lambda arguments: "frozen" if self.frozen else "thawed",
                **answers,
            }
        )

    def freeze(self, arguments: dict[str, Any]) -> int:
        count = len(arguments.get("mountpoints", ["/", "/srv"]))
        self.frozen = 0 if self.thaws_itself else count
        return count

    def thaw(self, arguments: dict[str, Any]) -> int:
        count, self.frozen = self.frozen, 0
        return count

    @property
    def asked(self) -> list[str]:
        return [name.removeprefix("guest-fsfreeze-") for name, _ in self.calls if "fsfreeze" in name]


@pytest.fixture
def guest(stand_in: StandIn) -> Freezable:
    made: Freezable = stand_in("web1", Freezable())
    return made


def test_a_guest_that_is_not_there_leaves_the_others_alone(
    guest: Freezable, stand_in: StandIn, run: Run
) -> None:
    stand_in("gone", Freezable(), trouble=ConnectionRefusedError())
    said = run("freeze", "web1", "gone", "--run", "true")
    assert said.status == 1
    assert "gone guest-ping" in said.err
    assert guest.asked == []
    assert run("freeze", "gone").status == 1


class TestAlone:
    def test_not_behind_a_broker(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "guests").mkdir()
        (tmp_path / "status.json").write_text("{}")
        said = run("freeze", f"unix:{tmp_path}/guests/web1.sock")
        assert said.status == 2
        assert "give --run" in said.err

    def test_all_or_some(self, guest: Freezable, run: Run) -> None:
        assert run("freeze", "web1") == (0, "2 filesystems frozen, until guestwire thaw\n", "")
        assert json.loads(run("freeze", "web1", "--mountpoint", "/srv", "--json").out) == {"frozen": 1}
        assert guest.calls[-1] == ("guest-fsfreeze-freeze-list", {"mountpoints": ["/srv"]})
        assert guest.frozen == 1

    def test_none(self, stand_in: StandIn, run: Run) -> None:
        stand_in("web1", FakeGuest({"guest-fsfreeze-freeze": 0}))
        assert run("freeze", "web1").out == "nothing was frozen\n"

    def test_a_refusal_is_not_thawed(self, stand_in: StandIn, run: Run) -> None:
        guest = stand_in("web1", Freezable(**{"guest-fsfreeze-freeze": CommandError("hook failed")}))
        assert "hook failed" in run("freeze", "web1").err
        assert guest.asked == ["freeze"]

    def test_an_answer_that_is_none_is_thawed(self, stand_in: StandIn, run: Run) -> None:
        guest = stand_in("web1", Freezable(**{"guest-fsfreeze-freeze": {"not": "a number"}}))
        assert run("freeze", "web1").status == 1
        assert guest.asked == ["freeze", "thaw"]

    def test_a_limit_needs_a_command(self, guest: Freezable, run: Run) -> None:
        assert run("freeze", "web1", "--limit", "1").status == 2
        assert guest.asked == []


class TestWithACommand:
    def test_it_runs_between_freeze_and_thaw(self, guest: Freezable, run: Run, tmp_path: Path) -> None:
        done = run("freeze", "web1", "--run", f"echo $GUESTWIRE_GUESTS > {tmp_path}/ran")
        assert done.status == 0
        assert (tmp_path / "ran").read_text() == "web1\n"
        assert guest.asked == ["freeze", "status", "thaw"]

    def test_its_status_is_ours_and_the_guest_is_thawed(self, guest: Freezable, run: Run) -> None:
        assert run("freeze", "web1", "--run", "exit 7").status == 7
        assert run("freeze", "web1", "--run", "kill -TERM $$").status == 128 + 15
        assert guest.frozen == 0
        assert guest.asked.count("thaw") == 2

    def test_programs_get_one_object_and_no_output_of_the_command(
        self, guest: Freezable, capfd: pytest.CaptureFixture[str]
    ) -> None:
        from guestwire.cli.main import main

        assert main(["freeze", "web1", "--json", "--run", "echo noise"]) == 0
        captured = capfd.readouterr()
        told = json.loads(captured.out)
        assert (told["guest"], told["frozen"], told["held"], told["status"]) == ("web1", 2, True, 0)
        assert "noise" in captured.err

    def test_several_guests_are_frozen_together(self, stand_in: StandIn, run: Run) -> None:
        guests = [stand_in(name, Freezable()) for name in ("web1", "web2")]
        done = run("freeze", "web*", "--run", "true", "--jsonl")
        assert [json.loads(line)["guest"] for line in done.out.splitlines()] == ["web1", "web2"]
        assert [guest.asked for guest in guests] == [["freeze", "status", "thaw"]] * 2
        assert len(json.loads(run("freeze", "web*", "--run", "true", "--json").out)) == 2

    def test_one_that_refuses_thaws_the_others_and_runs_nothing(
        self, stand_in: StandIn, run: Run, tmp_path: Path
    ) -> None:
        first = stand_in("web1", Freezable())
        stand_in("web2", FakeGuest(disabled=["guest-fsfreeze-freeze"]))
        assert run("freeze", "web1,web2", "--run", f"touch {tmp_path}/ran").status == 1
        assert first.asked == ["freeze", "thaw"]
        assert not (tmp_path / "ran").exists()

    def test_nothing_frozen_runs_nothing(self, stand_in: StandIn, run: Run, tmp_path: Path) -> None:
        stand_in("web1", Freezable(**{"guest-fsfreeze-freeze-list": 0}))
        done = run("freeze", "web1", "--mountpoint", "/gone", "--run", f"touch {tmp_path}/ran")
        assert done.status == 1
        assert "nothing was frozen" in done.err
        assert not (tmp_path / "ran").exists()

    def test_a_guest_that_thawed_by_itself_is_told(self, stand_in: StandIn, run: Run) -> None:
        stand_in("web1", Freezable(thaws_itself=True))
        done = run("freeze", "web1", "--run", "true")
        assert done.status == 1
        assert "thawed by itself before the command had ended" in done.err

    def test_a_guest_that_cannot_tell_is_believed(self, stand_in: StandIn, run: Run) -> None:
        stand_in("web1", Freezable(**{"guest-fsfreeze-status": CommandError("no")}))
        assert run("freeze", "web1", "--run", "true").status == 0

    def test_a_command_past_its_limit_is_ended(
        self, guest: Freezable, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(freeze, "_GRACE", 0.2)
        done = run("freeze", "web1", "--limit", "0.1", "--run", "trap '' TERM; while :; do sleep 0.05; done")
        assert done.status == 124
        assert "the command was ended after 0.1 s" in done.err
        assert guest.frozen == 0


STAND_IN = """
import atexit, sys, threading
from tests.unit.cli.verbs.test_freeze import Freezable
from guestwire.cli import guests, main
from guestwire.cli.guests import Guest
from guestwire.client import transports
from guestwire.testing import MemoryChannel
guest = Freezable()
transports.blocking = lambda address, resolver=None: MemoryChannel(guest)
atexit.register(lambda: print(guest.asked, guest.frozen, flush=True))
main.program()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_thaws(number: signal.Signals, tmp_path: Path) -> None:
    root = Path(__file__).parents[4]
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'src'}"}
    script = f"echo $$ > {tmp_path}/pid.new; mv {tmp_path}/pid.new {tmp_path}/pid; exec sleep 600"
    argv = [sys.executable, "-c", STAND_IN, "freeze", "unix:/nowhere", "--run", script]
    with subprocess.Popen(argv, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as child:
        end = time.monotonic() + DEADLINE
        while not (tmp_path / "pid").exists():
            assert time.monotonic() < end
            time.sleep(0.01)
        child.send_signal(number)
        told, _ = child.communicate(timeout=DEADLINE)
    assert told.strip() == "['freeze', 'thaw'] 0"
    assert child.returncode == 128 + number
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
