from __future__ import annotations

import os
import struct
import time
from typing import TYPE_CHECKING

import pytest

from guestwire.agent.system.linux import rtc
from tests.unit.agent.trees import plant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# 2026-11-23 02:03:04 as struct rtc_time has it.
FIELDS = (4, 3, 2, 23, 10, 126, 0, 0, 0)
UTC = 1795399384


class Clock:
    """Stands for the RTC's ioctls."""

    def __init__(self, *fields: tuple[int, ...]) -> None:
        self.readings = [struct.pack("=9i", *each) for each in fields]
        self.written: list[tuple[int, ...]] = []
        self.requests: list[int] = []

    def __call__(self, fd: int, request: int, data: bytes) -> bytes:
        self.requests.append(request)
        if request in {rtc._READ, rtc._READ_SWAPPED}:
            return self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]
        self.written.append(struct.unpack("=9i", data))
        return data


@pytest.fixture
def root(tmp_path: Path) -> str:
    return str(plant(tmp_path, {"dev/rtc0": ""}))


@pytest.fixture
def _zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "XST-2")
        time.tzset()
        yield
    time.tzset()


def test_read_waits_for_the_tick(root: str) -> None:
    before = (3, *FIELDS[1:])
    clock = Clock(before, before, before, FIELDS)
    assert rtc.read(root, clock) == UTC
    assert len(clock.requests) == 4


def test_clock_that_stands_still(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtc, "_TICK_WAIT", 0.01)
    assert rtc.read(root, Clock(FIELDS)) == UTC


def test_write(root: str) -> None:
    clock = Clock()
    rtc.write(root, UTC + 0.4, clock)
    assert clock.written == [FIELDS]


@pytest.mark.usefixtures("_zone")
def test_clock_in_local_time(root: str, tmp_path: Path) -> None:
    plant(tmp_path, {"etc/adjtime": "0.0 0 0.0\n0\nLOCAL\n"})
    two_hours = (4, 3, 4, *FIELDS[3:])
    clock = Clock((3, 3, 4, *FIELDS[3:]), two_hours)
    assert rtc.read(root, clock) == UTC
    rtc.write(root, UTC, clock)
    assert clock.written == [two_hours]


@pytest.mark.usefixtures("_zone")
@pytest.mark.parametrize("adjtime", ["0.0 0 0.0\n0\nUTC\n", "0.0\n", ""])
def test_clock_in_utc(adjtime: str, root: str, tmp_path: Path) -> None:
    plant(tmp_path, {"etc/adjtime": adjtime})
    clock = Clock()
    rtc.write(root, UTC, clock)
    assert clock.written == [FIELDS]


@pytest.mark.parametrize(("machine", "request_code"), [("x86_64", 0x4024700A), ("ppc64le", 0x8024700A)])
def test_request_by_machine(
    machine: str, request_code: int, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = os.uname()
    monkeypatch.setattr(os, "uname", lambda: os.uname_result((*name[:4], machine)))
    clock = Clock()
    rtc.write(root, UTC, clock)
    assert clock.requests == [request_code]


def test_no_clock(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rtc.read(str(tmp_path))


def test_a_file_is_no_clock(root: str) -> None:
    with pytest.raises(OSError):
        rtc.read(root)
