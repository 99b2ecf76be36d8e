"""The command lines of docs/tutorial/cli.md, run against both agents."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.version_info < (3, 11):
    pytest.skip("needs Python 3.11", allow_module_level=True)

from tests.contract.agents import SOURCE, running

PAGE = (SOURCE.parent / "docs/tutorial/cli.md").read_text()
LINES = re.findall(r"^\$ (.*)$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module", params=[True, False], ids=["ours", "qemu-ga"])
def socket(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with running(request.param, tmp_path_factory.mktemp("agent")) as agent:
        yield agent.path


@pytest.mark.parametrize("line", LINES)
def test_every_line_works(line: str, socket: Path, tmp_path: Path) -> None:
    program = tmp_path / "guestwire"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m guestwire.cli "$@"\n')
    program.chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        line.replace("/run/guest.sock", str(socket)),
        shell=True,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_there_are_lines() -> None:
    assert len(LINES) > 10
