from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from guestwire.agent.commands.portable.clock import guest_get_time, guest_get_timezone

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _zone_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context():
        yield
    monkeypatch.undo()
    time.tzset()


def test_time_in_whole_microseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1795399384_123456789)
    assert guest_get_time() == 1795399384_123456000


def test_zone_follows_its_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "XST-2:30")
    assert guest_get_timezone() == {"zone": "XST", "offset": 9000}
    monkeypatch.setenv("TZ", "YST+5")
    assert guest_get_timezone() == {"zone": "YST", "offset": -18000}


def test_without_tzset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC0")
    time.tzset()
    with monkeypatch.context() as patch:
        patch.delattr(time, "tzset")
        assert guest_get_timezone() == {"zone": "UTC", "offset": 0}
