"""`guestwire cp`, the whole process, against what the agent alone can do on a plain socket."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

from bench.client import PIECE, plain, requests
from bench.pairs import Figure, interleave, timed
from bench.subjects import C_AGENT, SOURCE, Subject, our_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE, QUICK_SIZE = 256 << 20, 32 << 20

NOTES = """
A file of 256 MiB (32 MiB with --quick) is copied by `guestwire cp`, from the start of the process to its end,
permissions kept. The peer sends requests of 1 MiB on a plain socket, one always waiting, does not look at the answers
and writes no file of the host. With our agent the start of the Python process (0.08 s) is a quarter of the time that
the copy takes; the copy itself runs at 0.7 to 0.9 of the peer's rate.
"""


def run(folder: Path, quick: bool) -> Iterator[Figure]:
    """Both ways, with QEMU's agent and with ours."""
    size, rounds = (QUICK_SIZE, 2) if quick else (SIZE, 3)
    for name, command in (("qemu-ga", [C_AGENT]), ("guestwire-agent", our_command(accelerated=True))):
        subject = Subject(command, folder / name)
        subject.line.close()
        try:
            yield from _both_ways(name, subject.path, size, rounds)
        finally:
            subject.close()


def _both_ways(name: str, socket: Path, size: int, rounds: int) -> Iterator[Figure]:
    source, target = socket.with_name("source"), socket.with_name("target")
    with source.open("wb") as file:
        for _ in range(size // PIECE):
            file.write(os.urandom(PIECE))
    there = f"unix:{socket}:"
    reading, writing = requests()
    for way, words, peer in (
        ("from the guest", (f"{there}{source}", str(target)), (source, "r", size, reading)),
        ("to the guest", (str(source), f"{there}{target}"), (target, "w", size, writing)),
    ):
        ours = partial(_cp, size, target, *words)
        figures = interleave(ours, partial(plain, str(socket), *peer), rounds)
        title = f"guestwire cp {way}, {name}, of what the agent alone can do"
        yield Figure(title, *figures, "MB/s", 0.7, 0.9, more_is_better=True)
        target.unlink()
    source.unlink()


def _cp(size: int, target: Path, *words: str) -> float:
    """MB/s of one copy to a new file."""
    target.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "guestwire.cli", "cp", *words]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return size / timed(lambda: subprocess.run(argv, check=True, env=environment)) / 1e6
