from __future__ import annotations

import contextlib
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from guestwire.agent.system.windows import eventlog

if TYPE_CHECKING:
    import pytest

KEY = r"SYSTEM\CurrentControlSet\Services\EventLog\Application\guestwire-agent"


def test_the_source_is_registered_and_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Any] = []

    @contextlib.contextmanager
    def create(_root: int, name: str) -> Any:
        done.append(name)
        yield 5

    registry = SimpleNamespace(
        HKEY_LOCAL_MACHINE=2,
        REG_EXPAND_SZ=2,
        REG_DWORD=4,
        CreateKey=create,
        SetValueEx=lambda _key, name, _zero, kind, value: done.append((name, kind, value)),
        DeleteKey=lambda _root, name: done.append(("deleted", name)),
    )
    monkeypatch.setitem(sys.modules, "winreg", registry)  # type: ignore[arg-type]
    eventlog.register("guestwire-agent")
    eventlog.unregister("guestwire-agent")
    messages = ("EventMessageFile", 2, r"%SystemRoot%\System32\EventCreate.exe")
    assert done == [KEY, messages, ("TypesSupported", 4, 7), ("deleted", KEY)]


def test_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def function(_library: str, export: str, *_: Any) -> Any:
        def call(*arguments: Any) -> int:
            made.append((export, *arguments[:4]))
            return 7

        return call

    monkeypatch.setattr(eventlog, "function", function)
    eventlog.report("guestwire-agent", "hello", eventlog.ERROR)
    assert made[1] == ("ReportEventW", 7, 1, 0, 1)
    assert [one[0] for one in made] == ["RegisterEventSourceW", "ReportEventW", "DeregisterEventSource"]
