from __future__ import annotations

import subprocess
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from guestwire.agent.commands.windows import filesystems as commands
from guestwire.agent.system.windows import trim, volumes
from guestwire.agent.system.windows.trim import refusal

if TYPE_CHECKING:
    import pytest

AGENT: Any = SimpleNamespace(log=SimpleNamespace(account=lambda text: None))
FAULT = "The operation cannot be performed. (0x8900002A)"


def test_what_defrag_says() -> None:
    assert refusal(b"Invoking slab consolidation\r\n\r\nThe operation completed successfully.\r\n", 0) is None
    assert refusal(f"Invoking retrim\r\n{FAULT}\r\n\r\n".encode(), 0) == FAULT
    assert refusal(f"x\r\n{FAULT}".encode("utf-16-le"), 1) == FAULT
    assert refusal(b"no such volume\r\n", 2) == "no such volume"
    assert refusal(b"", 5) == "defrag.exe ended with status 5"


def test_each_volume_has_its_own_result(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **_: Any) -> Any:
        asked.append(command)
        return SimpleNamespace(stdout=FAULT.encode() if command[2] == "D:\\" else b"done", returncode=0)

    monkeypatch.setattr(subprocess, "run", run)
    places: dict[str, list[str]] = {"V1": ["C:\\", "C:\\again\\"], "V2": ["D:\\"], "V3": []}
    monkeypatch.setattr(volumes, "volumes", lambda: iter([*places, "CD"]))
    monkeypatch.setattr(volumes, "is_cdrom", lambda volume: volume == "CD")
    monkeypatch.setattr(volumes, "mount_points", places.__getitem__)
    answer = commands.guest_fstrim(AGENT)
    assert answer == {"paths": [{"path": "C:\\"}, {"path": "D:\\", "error": FAULT}]}
    assert asked == [["defrag.exe", "/L", "C:\\"], ["defrag.exe", "/L", "D:\\"]]


def test_a_windows_without_defrag(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any, **__: Any) -> Any:
        raise OSError(2, "File not found.")

    monkeypatch.setattr(subprocess, "run", run)
    assert trim.retrim("C:\\") == "cannot start defrag.exe: File not found"
