"""`guestwire completion`: the scripts; what they complete is tested with each verb."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(shell: str, run: Run) -> None:
    said = run("completion", shell)
    assert said.status == 0
    assert f"_GUESTWIRE_COMPLETE={shell}_complete" in said.out


def test_the_shell_is_guessed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/zsh")
    assert "#compdef guestwire" in run("completion").out
    monkeypatch.setenv("SHELL", "/bin/sh")
    assert run("completion").status == 2


def test_bash_takes_its_script(run: Run) -> None:
    bash = shutil.which("bash")
    assert bash
    done = subprocess.run(
        [bash, "-n"], input=run("completion", "bash").out, text=True, capture_output=True, check=True
    )
    assert done.stderr == ""
