from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from guestwire.agent.system.windows import console

if TYPE_CHECKING:
    import pytest


def test_all_but_a_log_off_end_the_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: list[Any] = []

    def register(handler: Any, add: int) -> int:
        handlers.append(handler)
        return add

    monkeypatch.setattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE, raising=False)
    monkeypatch.setattr(console, "function", lambda *_: register)
    monkeypatch.setattr(console, "_kept", [])
    told: list[int] = []
    console.on_control(lambda: told.append(1))
    assert [handlers[0](event) for event in (0, 1, 2, 5, 6)] == [1] * 5
    assert len(told) == 4
    assert console._kept == handlers, "Windows holds a bare pointer to it"
