"""The command line, whole processes from start to end, with QEMU's agent as the guest."""

from __future__ import annotations

import compileall
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import guestwire
from bench.pairs import Figure, interleave, timed
from bench.subjects import C_AGENT, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOTES = """
Nearly all of it is Python starting and importing: on a busy machine these figures grow with everything else that
starts there. The scripts do one fixed call each; `guestwire call` also has options, the schema and its errors.
"""
SOURCE = str(Path(guestwire.__file__).parent)
GUESTWIRE = [sys.executable, "-m", "guestwire.cli"]
QMP = """
import asyncio, json, sys
from qemu.qmp import QMPClient
async def call(path, command):
    client = QMPClient()
    client.await_greeting = client.negotiate = False
    await client.connect(path)
    print(json.dumps(await client.execute(command)))
    await client.disconnect()
asyncio.run(call(*sys.argv[1:]))
"""
PLAIN = """
import json, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect(sys.argv[1])
line.sendall(json.dumps({"execute": sys.argv[2]}).encode() + b"\\n")
print(json.dumps(json.loads(line.makefile().readline())["return"]))
"""


def run(folder: Path, quick: bool) -> Iterator[Figure]:
    """Every figure of the command line, in ms."""
    compileall.compile_dir(SOURCE, quiet=2)  # as an installer does
    subject = Subject([C_AGENT], folder)
    subject.line.close()
    path = str(subject.path)
    rounds = 3 if quick else 21
    ours = [*GUESTWIRE, "call", path, "guest-get-osinfo"]
    try:
        for name, peer in (
            ("a script with qemu.qmp", QMP),
            ("a script with nothing but a socket and json", PLAIN),
        ):
            argv = [sys.executable, "-c", peer, path, "guest-get-osinfo"]
            title = f"`guestwire call`, start to answer (at most 200 ms, goal 90 ms), against {name}"
            yield Figure(title, *interleave(process(ours), process(argv), rounds), "ms")
        click = [sys.executable, "-c", "import click"]
        title = "`guestwire --help` (at most 150 ms), against Python that imports click and ends"
        yield Figure(title, *interleave(process([*GUESTWIRE, "--help"]), process(click), rounds), "ms")
        true = [*GUESTWIRE, "exec", path, "true"]
        title = "`guestwire exec GUEST true`, against Python that starts and ends"
        yield Figure(title, *interleave(process(true), process([sys.executable, "-c", "pass"]), rounds), "ms")
    finally:
        subject.close()


def process(argv: list[str]) -> Callable[[], float]:
    """The wall time of a process, in ms."""
    return lambda: timed(lambda: subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)) * 1e3
