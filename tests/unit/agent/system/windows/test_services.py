"""The service's side of the service manager; installing and removing run under Wine."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from guestwire.agent.system.windows import services
from guestwire.agent.system.windows.services import SERVICE_STATUS, _Host


class Manager:
    """Notes what the service reports: (state, accepted controls, exit code)."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int, int]] = []

    def __call__(self, library: str, export: str, *_: Any) -> Any:
        return getattr(self, export)

    def RegisterServiceCtrlHandlerExW(self, name: str, handler: Any, context: Any) -> int:
        assert name == "agent"
        return 77

    def SetServiceStatus(self, handle: int, place: int) -> int:
        report = SERVICE_STATUS.from_address(place)
        assert handle in (77, None)
        self.told.append((report.dwCurrentState, report.dwControlsAccepted, report.dwServiceSpecificExitCode))
        return 1


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Manager:
    made = Manager()
    monkeypatch.setattr(services, "function", made)
    monkeypatch.setattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE, raising=False)
    return made


def test_the_life_of_a_service(manager: Manager) -> None:
    _Host("agent", lambda: 0, lambda: None).main(0, None)
    assert manager.told == [(4, 5, 0), (1, 0, 0)]


def test_a_failure_is_told(manager: Manager) -> None:
    _Host("agent", lambda: 3, lambda: None).main(0, None)
    assert manager.told[-1] == (1, 0, 3)


@pytest.mark.parametrize(("control", "answer", "stopped"), [(1, 0, 1), (5, 0, 1), (4, 0, 0), (2, 120, 0)])
def test_controls(manager: Manager, control: int, answer: int, stopped: int) -> None:
    stops: list[int] = []
    host = _Host("agent", lambda: 0, lambda: stops.append(1))
    assert host.control(control, 0, None, None) == answer
    assert len(stops) == stopped
    assert [told[0] for told in manager.told] == [3] * stopped
