from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

import pytest

from guestwire.agent.system.linux.logins import logins, parse_utmp
from tests.unit.agent.trees import plant

if TYPE_CHECKING:
    from pathlib import Path

X86 = "=hxxi32s4s32s256shhiIi16s20s"
ARM = "=hxxi32s4s32s256shhqqq16s20s4x"


def record(layout: str, kind: int, user: bytes, seconds: int, micros: int = 0) -> bytes:
    return struct.pack(layout, kind, 99, b"pts/0", b"ts/0", user, b"host", 0, 0, 5, seconds, micros, b"", b"")


@pytest.mark.parametrize("layout", [X86, ARM])
def test_layouts(layout: str) -> None:
    boot = record(layout, 2, b"reboot", 1)
    ann = record(layout, 7, b"ann", 1795399384, 500000)
    dead = record(layout, 8, b"bob", 3)
    assert parse_utmp(boot + ann + dead) == [("ann", 1795399384.5)]
    many = record(layout, 7, b"n\xe4me" + b"x" * 28, 7) * 1200
    assert parse_utmp(many) == [("n\udce4me" + "x" * 28, 7.0)] * 1200


def test_sizes() -> None:
    assert (struct.calcsize(X86), struct.calcsize(ARM)) == (384, 400)


def test_no_record_and_rubbish() -> None:
    assert parse_utmp(b"") == []
    assert parse_utmp(b"\7\0" + b"\xff" * 100) == []


def test_after_2038() -> None:
    assert parse_utmp(record(X86, 7, b"ann", 0xF0000000)) == [("ann", float(0xF0000000))]


def test_utmp_goes_before_sessions(tmp_path: Path) -> None:
    sessions: dict[str, str | bytes] = {"run/systemd/sessions/1": "USER=bob\nREALTIME=1000000\n"}
    plant(tmp_path, sessions)
    assert logins(str(tmp_path)) == [("bob", 1.0)]
    plant(tmp_path, {"var/run/utmp": b""})
    assert logins(str(tmp_path)) == []


def test_sessions_of_logind(tmp_path: Path) -> None:
    head = "# This is private data. Do not parse.\n"
    plant(
        tmp_path,
        {
            "run/systemd/sessions/3": f"{head}UID=1000\nUSER=tester\nSTATE=active\nCLASS=user\nREALTIME=2500000\n",
            "run/systemd/sessions/2": f"{head}UID=0\nUSER=root\nCLASS=user-early\nREALTIME=1000000\n",
            "run/systemd/sessions/c1": f"{head}USER=gdm\nCLASS=greeter\nREALTIME=1\n",
            "run/systemd/sessions/4": f"{head}USER=root\nCLASS=manager\nREALTIME=1\n",
            "run/systemd/sessions/5": f"{head}USER=gone\nCLASS=user\nSTATE=closing\nREALTIME=1\n",
            "run/systemd/sessions/6": f"{head}USER=odd\nCLASS=user\n",
        },
    )
    os.mkfifo(tmp_path / "run/systemd/sessions/3.ref")
    os.symlink("nowhere", tmp_path / "run/systemd/sessions/7")
    assert logins(str(tmp_path)) == [("root", 1.0), ("tester", 2.5)]


def test_neither(tmp_path: Path) -> None:
    assert logins(str(tmp_path)) == []
