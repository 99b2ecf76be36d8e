"""What COM is asked, with its libraries played; under Wine `tests/wine/vss` asks the real ones."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from guestwire.agent.system.windows.com import runtime
from guestwire.agent.system.windows.com.server import Factory
from guestwire.agent.system.windows.com.types import IUNKNOWN, ComError

from .test_server import Adder

CLSID = "7743385f-9bb4-48cb-928d-0345e8de5102"


class Windows:
    """The calls of ole32 and advapi32, noted by name; `answers` are their HRESULTs."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.answers: dict[str, int] = {}
        self.adder = Adder()

    def function(self, _library: str, export: str, *_: Any) -> Any:
        def call(*arguments: Any) -> int:
            self.calls.append(export)
            return self.answers.get(export, getattr(self, export, lambda *_: 0)(*arguments))

        return call

    def CoCreateInstance(self, *arguments: int) -> int:
        assert arguments[2] == 5
        ctypes.c_void_p.from_address(arguments[4]).value = self.adder.address()
        return 0

    def CoRegisterClassObject(self, *arguments: int) -> int:
        assert arguments[2:4] == (4, 1)
        ctypes.c_uint32.from_address(arguments[4]).value = 77
        return 0

    def ConvertStringSecurityDescriptorToSecurityDescriptorW(self, text: str, *_: Any) -> int:
        assert text == runtime.CALLERS
        return 1

    def MakeAbsoluteSD(self, _relative: Any, *pairs: Any) -> int:
        """Tells sizes first: the descriptor, its DACL, owner and group; no SACL."""
        if pairs[0] is not None:
            assert [place is None for place in pairs[::2]] == [False, False, True, False, False]
            return 1
        for place, size in zip(pairs[1::2], (40, 100, 0, 12, 12)):
            ctypes.c_uint32.from_address(place).value = size
        return 0


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Windows:
    made = Windows()
    monkeypatch.setattr(runtime, "function", made.function)
    monkeypatch.setattr(runtime, "_entered", [])
    monkeypatch.setattr(runtime, "last_error", lambda: OSError(1338, "The security descriptor is invalid."))
    return made


def test_com_is_entered_once(windows: Windows) -> None:
    runtime.enter()
    assert windows.calls[0] == "CoIncrementMTAUsage"
    assert windows.calls[-1] == "CoInitializeSecurity"
    count = len(windows.calls)
    runtime.enter()
    assert len(windows.calls) == count


def test_security_that_somebody_has_settled_before(windows: Windows) -> None:
    windows.answers["CoInitializeSecurity"] = 0x80010119 - (1 << 32)
    runtime.enter()
    assert runtime._entered


def test_security_that_is_refused(windows: Windows) -> None:
    windows.answers["CoInitializeSecurity"] = 0x80070005 - (1 << 32)
    with pytest.raises(ComError, match="CoInitializeSecurity: 0x80070005"):
        runtime.enter()
    windows.answers = {"MakeAbsoluteSD": 0}
    with pytest.raises(OSError, match="descriptor is invalid"):
        runtime.enter()
    windows.answers = {"ConvertStringSecurityDescriptorToSecurityDescriptorW": 0}
    with pytest.raises(OSError, match="descriptor is invalid"):
        runtime.enter()


def test_objects_and_classes(windows: Windows) -> None:
    assert runtime.create(CLSID, IUNKNOWN).address == windows.adder.address()
    assert runtime.offer(CLSID, Factory(windows.adder)) == 77
    runtime.withdraw(77)
    runtime.free_text(None)
    assert windows.calls[-2:] == ["CoRevokeClassObject", "SysFreeString"]
    windows.answers["CoCreateInstance"] = 0x80040154 - (1 << 32)
    with pytest.raises(ComError, match="CoCreateInstance: 0x80040154"):
        runtime.create(CLSID, IUNKNOWN)
