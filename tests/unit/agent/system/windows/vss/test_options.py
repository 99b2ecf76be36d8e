"""The number in the registry, which is played."""

from __future__ import annotations

import contextlib
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from guestwire.agent.system.windows.vss import options


@pytest.mark.parametrize(("value", "kind"), [(None, 1), (5, 5), (0, 1), (9, 1), ("copy", 1)])
def test_the_kind_of_backup(monkeypatch: pytest.MonkeyPatch, value: Any, kind: int) -> None:
    def open_key(root: str, path: str) -> Any:
        assert (root, path) == ("HKLM", r"SYSTEM\CurrentControlSet\Services\guestwire-agent")
        if value is None:
            raise FileNotFoundError(2, "no such key")
        return contextlib.nullcontext("key")

    winreg = SimpleNamespace(
        HKEY_LOCAL_MACHINE="HKLM", OpenKey=open_key, QueryValueEx=lambda key, name: (value, 4)
    )
    monkeypatch.setitem(sys.modules, "winreg", winreg)
    assert options.backup_type() == kind
