from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

HOOK = Path(__file__).parents[3] / "packaging/fsfreeze-hook"


@pytest.fixture
def hooks(tmp_path: Path) -> Path:
    directory = tmp_path / "hooks with blanks"
    directory.mkdir()
    return directory


def add(hooks: Path, name: str, failing: str = "nothing", mode: int = 0o755) -> None:
    file = hooks / name
    file.write_text(f'#!/bin/sh\necho "${{0##*/}} $1"\n[ "$1" != {failing} ]\n')
    file.chmod(mode)


def run(hooks: Path, *arguments: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [str(HOOK), *arguments],
        env={"PATH": os.environ["PATH"], "FSFREEZE_HOOK_DIR": str(hooks)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, [line.replace(str(hooks) + "/", "") for line in done.stdout.splitlines()]


def test_the_order_of_names_and_its_reverse(hooks: Path) -> None:
    for name in ("30-c", "10-a", "20 b"):
        add(hooks, name)
    assert run(hooks, "freeze") == (0, ["10-a freeze", "20 b freeze", "30-c freeze"])
    assert run(hooks, "thaw") == (0, ["30-c thaw", "20 b thaw", "10-a thaw"])


def test_a_failed_freeze_thaws_those_before_it(hooks: Path) -> None:
    add(hooks, "10-a")
    add(hooks, "20-b")
    add(hooks, "30-c", failing="freeze")
    add(hooks, "40-d")
    told = ["10-a freeze", "20-b freeze", "30-c freeze", "30-c freeze failed with exit status 1"]
    assert run(hooks, "freeze") == (1, [*told, "20-b thaw", "10-a thaw"])


def test_a_failed_thaw_does_not_keep_the_others_from_it(hooks: Path) -> None:
    add(hooks, "10-a")
    add(hooks, "20-b", failing="thaw")
    told = ["20-b thaw", "20-b thaw failed with exit status 1", "10-a thaw"]
    assert run(hooks, "thaw") == (1, told)


def test_what_is_passed_over(hooks: Path) -> None:
    for name in ("a~", "b.bak", "c.orig", "d.rpmsave", "e.rpmnew", "f.sample", "g.dpkg-old"):
        add(hooks, name)
    add(hooks, "not-executable", mode=0o644)
    (hooks / "directory").mkdir()
    add(hooks, "real")
    assert run(hooks, "freeze") == (0, ["real freeze"])


def test_no_hooks_at_all(hooks: Path) -> None:
    assert run(hooks, "freeze") == (0, [])
    hooks.rmdir()
    assert run(hooks, "thaw") == (0, [])


@pytest.mark.parametrize("arguments", [(), ("melt",)])
def test_wrong_use(hooks: Path, arguments: tuple[str, ...]) -> None:
    add(hooks, "real")
    status, told = run(hooks, *arguments)
    assert status == 2
    assert told == [f"usage: {HOOK} freeze|thaw"]
