from __future__ import annotations

from pathlib import Path

import pytest

from guestwire.agent.system.linux.power import DISK, HYBRID, RAM, Mode, shut_down, suspend
from guestwire.errors import CommandError


def program(place: Path, body: str = "", status: int = 0) -> None:
    """A fake program that writes down how it was called."""
    place.parent.mkdir(parents=True, exist_ok=True)
    record = place.parent / "calls"
    place.write_text(f'#!/bin/sh\necho "${{0##*/}} $*" >> {record}\n{body}\nexit {status}\n')
    place.chmod(0o755)


def calls(place: Path) -> list[str]:
    record = place / "calls"
    return record.read_text().splitlines() if record.exists() else []


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where programs are looked for: under the root of the test, never on this machine."""
    monkeypatch.setenv("PATH", "relative:/nowhere:/guestwire-test/bin")
    directory = tmp_path / "guestwire-test/bin"
    directory.mkdir(parents=True)
    return directory


@pytest.mark.parametrize(
    ("mode", "preferred", "option"),
    [("powerdown", "poweroff", "-P"), ("halt", "halt", "-H"), ("reboot", "reboot", "-r")],
)
def test_shutting_down(tmp_path: Path, mode: str, preferred: str, option: str) -> None:
    program(tmp_path / "sbin/shutdown")
    shut_down(str(tmp_path), mode)
    program(tmp_path / "sbin" / preferred)
    shut_down(str(tmp_path), mode)
    assert calls(tmp_path / "sbin") == [
        f"shutdown -h {option} +0 hypervisor initiated shutdown",
        f"{preferred} ",
    ]


def test_a_shutdown_that_fails(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^child process has failed to shutdown: failed to exec"):
        shut_down(str(tmp_path), "halt")
    program(tmp_path / "sbin/halt", status=3)
    with pytest.raises(CommandError, match=r"^child process has failed to shutdown: exit status 3$"):
        shut_down(str(tmp_path), "halt")


@pytest.mark.parametrize(
    ("mode", "unit", "verb"),
    [
        (DISK, "systemd-hibernate", "hibernate"),
        (RAM, "systemd-suspend", "suspend"),
        (HYBRID, "systemd-hybrid-sleep", "hybrid-sleep"),
    ],
)
def test_systemd_first(tmp_path: Path, path: Path, mode: Mode, unit: str, verb: str) -> None:
    program(path / "systemctl", '[ "$1" = status ] && exit 3')
    suspend(str(tmp_path), mode)
    assert calls(path) == [f"systemctl status {unit}", f"systemctl {verb}"]


@pytest.mark.parametrize(
    ("mode", "name"), [(DISK, "hibernate"), (RAM, "suspend"), (HYBRID, "suspend-hybrid")]
)
def test_then_pm_utils(tmp_path: Path, path: Path, mode: Mode, name: str) -> None:
    program(path / "systemctl", status=4)
    program(path / "pm-is-supported")
    program(path / f"pm-{name}")
    suspend(str(tmp_path), mode)
    assert calls(path)[1:] == [f"pm-is-supported --{name}", f"pm-{name} "]


def test_a_program_that_goes_away_between_question_and_call(tmp_path: Path, path: Path) -> None:
    program(path / "systemctl", f"rm -f {path}/systemctl; exit 3")
    with pytest.raises(CommandError, match=r"^there is no program systemctl$"):
        suspend(str(tmp_path), RAM)


@pytest.mark.parametrize(("mode", "word"), [(DISK, "disk"), (RAM, "mem")])
def test_then_the_kernel(tmp_path: Path, path: Path, mode: Mode, word: str) -> None:
    state = tmp_path / "sys/power/state"
    state.parent.mkdir(parents=True)
    state.write_text("freeze mem disk\n")
    suspend(str(tmp_path), mode)
    assert state.read_text().startswith(word)


@pytest.mark.parametrize("mode", [DISK, RAM, HYBRID])
def test_no_way_at_all(tmp_path: Path, path: Path, mode: Mode) -> None:
    with pytest.raises(CommandError, match=r"^the requested suspend mode is not supported by the guest$"):
        suspend(str(tmp_path), mode)


def test_the_kernel_has_no_hybrid(tmp_path: Path, path: Path) -> None:
    (tmp_path / "sys/power").mkdir(parents=True)
    (tmp_path / "sys/power/state").write_text("mem disk\n")
    with pytest.raises(CommandError, match="not supported"):
        suspend(str(tmp_path), HYBRID)


def test_the_last_failure_is_told(tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(path / "systemctl", '[ "$1" = status ] && exit 3\necho no swap', status=1)
    with pytest.raises(CommandError, match=r"^child process has failed to suspend: no swap"):
        suspend(str(tmp_path), DISK)
    (tmp_path / "sys/power").mkdir(parents=True)
    (tmp_path / "sys/power/state").write_text("disk\n")

    def refuse(self: Mode, root: str) -> None:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(Mode, "_ask_kernel", refuse)
    with pytest.raises(CommandError, match=r"^failed to write /sys/power/state: Device or resource busy$"):
        suspend(str(tmp_path), DISK)
