"""Completion as a real bash does it, where `=` and `:` end words."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("line", "replies"),
    [
        ("guestwire comp", ["completion"]),
        ("guestwire call web1 guest-file-seek wh", ["whence="]),
        ("guestwire call web1 guest-file-seek whence=", ["set", "cur", "end"]),
        ("guestwire call web1 guest-file-seek whence=s", ["set"]),
        ("guestwire call unix:/run/a.sock guest-file-o", ["guest-file-open"]),
        ("guestwire schema guest-file-o", ["guest-file-open"]),
        ("guestwire info --jso", ["--json", "--jsonl"]),
        ("guestwire call 'unfinished guest", []),
    ],
)
def test_bash_completes(line: str, replies: list[str], tmp_path: Path) -> None:
    bash = shutil.which("bash")
    assert bash
    program = tmp_path / "guestwire"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m guestwire.cli "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(guestwire completion bash)"; compopt() { :; };'
        'COMP_LINE="$1" COMP_POINT=${#1}; _guestwire_completion guestwire; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        [bash, "--norc", "-c", script, "bash", line],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == replies, done.stderr


@pytest.mark.parametrize(
    ("shell", "script"),
    [
        ("fish", "guestwire completion fish | source; complete -C 'guestwire call web1 guest-file-o'"),
        (
            "zsh",
            'autoload -Uz compinit; compinit -u -D; eval "$(guestwire completion zsh)";'
            "words=(guestwire call web1 guest-file-o) CURRENT=4; compadd() { print -l -- $completions };"
            "_describe() { print -l -- $completions_with_descriptions }; _guestwire_completion",
        ),
    ],
)
def test_other_shells_complete(shell: str, script: str, tmp_path: Path) -> None:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed")
    program = tmp_path / "guestwire"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m guestwire.cli "$@"\n')
    program.chmod(0o755)
    done = subprocess.run(
        [found, *(["-f"] if shell == "zsh" else []), "-c", script],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "guest-file-open" in done.stdout, done.stderr
