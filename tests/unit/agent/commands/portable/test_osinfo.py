from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from guestwire.agent.commands.portable import osinfo

if TYPE_CHECKING:
    import pytest


def test_host_name() -> None:
    assert osinfo.guest_get_host_name() == {"host-name": socket.gethostname()}


def test_host_name_without_uname(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.uname")
    assert osinfo.guest_get_host_name() == {"host-name": socket.gethostname()}
