"""Up to the call and its arguments: nothing is shut down or suspended here."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from guestwire.agent.commands.windows import power as commands
from guestwire.agent.system.windows import power
from guestwire.errors import CommandError

AGENT: Any = SimpleNamespace(log=SimpleNamespace(account=lambda text: None))


class Calls:
    """Stands in for `win32.function`: notes the calls of every function, which answer `answer`."""

    def __init__(self, answer: int) -> None:
        self.answer = answer
        self.made: list[tuple[Any, ...]] = []

    def __call__(self, library: str, export: str, *_: Any) -> Any:
        def call(*arguments: Any) -> int:
            self.made.append((export, *arguments))
            return self.answer

        return call


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    made = Calls(1)
    monkeypatch.setattr(power, "function", made)
    monkeypatch.setattr(power, "enable", lambda name: made.made.append(("enable", name)))
    monkeypatch.setattr(power, "last_error", lambda: OSError(5, "Access is denied."))
    return made


@pytest.mark.parametrize(("mode", "flags"), [(None, 12), ("powerdown", 12), ("halt", 5), ("reboot", 6)])
def test_shutdown(calls: Calls, mode: str | None, flags: int) -> None:
    commands.guest_shutdown(AGENT, mode)
    assert calls.made == [("enable", "SeShutdownPrivilege"), ("ExitWindowsEx", flags, 0x80000000)]


def test_an_unknown_mode(calls: Calls) -> None:
    with pytest.raises(CommandError, match="mode is invalid"):
        commands.guest_shutdown(AGENT, "sleep")
    assert calls.made == []


def test_a_refused_shutdown(calls: Calls) -> None:
    calls.answer = 0
    with pytest.raises(CommandError, match=r"guest-shutdown failed: Access is denied$"):
        commands.guest_shutdown(AGENT)


@pytest.mark.parametrize(
    ("command", "question", "disk"),
    [
        (commands.guest_suspend_disk, "IsPwrHibernateAllowed", True),
        (commands.guest_suspend_ram, "IsPwrSuspendAllowed", False),
    ],
)
def test_suspend(calls: Calls, command: Any, question: str, disk: bool) -> None:
    command()
    assert calls.made == [(question,), ("enable", "SeShutdownPrivilege"), ("SetSuspendState", disk, 1, 1)]


def test_a_machine_that_cannot_suspend(calls: Calls) -> None:
    calls.answer = 0
    with pytest.raises(CommandError, match="suspend-to-ram not supported by OS"):
        commands.guest_suspend_ram()


def test_a_refused_suspend(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power, "can_suspend", lambda: True)
    calls.answer = 0
    with pytest.raises(CommandError, match=r"failed to suspend guest: Access is denied$"):
        commands.guest_suspend_ram()
