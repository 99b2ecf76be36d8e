from __future__ import annotations

import runpy
import sys

import pytest


def test_it_runs_as_a_module(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["__main__.py", "--version"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("guestwire.agent", run_name="__main__")
    assert caught.value.code == 0
    assert "QEMU Guest Agent" in capfd.readouterr().out
