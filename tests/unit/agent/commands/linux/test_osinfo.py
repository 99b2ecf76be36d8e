from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from guestwire.agent.commands.linux.osinfo import guest_get_osinfo
from tests.unit.agent.trees import fixture, plant, state

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QGA_OS_RELEASE", raising=False)


def kernel() -> dict[str, str]:
    name = os.uname()
    return {"kernel-release": name.release, "kernel-version": name.version, "machine": name.machine}


def test_all_members(tmp_path: Path) -> None:
    plant(tmp_path, {"etc/os-release": fixture("os-release/fedora-40")})
    assert guest_get_osinfo(state(tmp_path)) == {
        **kernel(),
        "id": "fedora",
        "name": "Fedora Linux",
        "pretty-name": "Fedora Linux 40 (Cloud Edition)",
        "version": "40 (Cloud Edition)",
        "version-id": "40",
        "variant": "Cloud Edition",
        "variant-id": "cloud",
    }


def test_unknown_ones_are_left_out(tmp_path: Path) -> None:
    plant(tmp_path, {"etc/os-release": fixture("os-release/arch")})
    expected = {"id": "arch", "name": "Arch Linux", "pretty-name": "Arch Linux"}
    assert guest_get_osinfo(state(tmp_path)) == {**kernel(), **expected}
    assert guest_get_osinfo(state(tmp_path / "empty")) == kernel()
