"""The child's part that `subprocess` has on every OS."""

from __future__ import annotations

import io
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from guestwire.agent.jobs import Jobs
from guestwire.agent.system.windows.child import Child, collect_output, supply_input


def test_tells_its_end() -> None:
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    child = Child(process)
    assert child.pid == process.pid
    while child.collect() is None:
        child.wait(10)
    assert child.collect() == ("exitcode", 3)


def test_waits_no_longer_than_told() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    child = Child(process)
    child.wait(0)
    assert child.collect() is None
    process.communicate()


@pytest.mark.parametrize(
    ("status", "ending"),
    [(0xC0000005, ("signal", 0xC0000005)), (-1073741819, ("signal", 0xC0000005)), (259, ("exitcode", 259))],
)
def test_an_exception_is_told_as_a_signal(status: int, ending: tuple[str, int]) -> None:
    process: Any = SimpleNamespace(pid=1, poll=lambda: status)
    assert Child(process).collect() == ending


def test_output_is_kept_and_its_end_told() -> None:
    output = Jobs().new_output()
    collect_output(io.BytesIO(b"x" * 100_000), output)
    assert (len(output.data), output.closed) == (100_000, True)


class Broken(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError("gone")

    def write(self, data: Any, /) -> int:
        raise OSError("gone")


def test_broken_pipes_end_quietly() -> None:
    output = Jobs().new_output()
    collect_output(Broken(), output)
    assert output.closed
    pipe = Broken()
    supply_input(pipe, b"data")
    assert pipe.closed


def test_input_is_written_and_closed() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "print(len(input()))"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    supply_input(process.stdin, b"a" * 10)
    assert process.stdout.read() == b"10\n"
    process.stdout.close()
    process.wait()
