"""The agent in Python for Windows under Wine, beside the same agent on this Linux."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.pairs import Figure, interleave, timed

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.contract.agents import Peer, running
from tests.wine.rig import SerialPeer, Wine, drive_z, missing, serving, virtio_port

NOTES = """
Ours: Python 3.11 for Windows under Wine, on the stand-in for the virtio port, which adds a named pipe and a program
that relays. Peer: the same agent on Linux, on a unix socket. The first row is what Wine and Python take with no agent
at all. Nothing here tells how quick the agent is on Microsoft's Windows.
"""
PING = b'{"execute":"guest-ping"}\n'
MIB = 1 << 20


def run(folder: Path, quick: bool) -> Iterator[Figure]:
    """Start, ping and file transfers."""
    reason = missing()
    if reason is not None:
        raise SystemExit(f"bench: windows: {reason}")
    rounds = 3 if quick else 9
    wine = Wine(folder)
    wine.boot()
    try:
        yield from starts(wine, folder, rounds)
        with serving(wine, folder / "wine", "virtio-serial") as ours:
            (folder / "linux").mkdir()
            with running(True, folder / "linux") as agent, agent.connect() as theirs:
                yield from figures(ours, theirs, folder, rounds)
    finally:
        wine.stop()


def starts(wine: Wine, folder: Path, rounds: int) -> Iterator[Figure]:
    """From the start of the process."""

    def nothing() -> float:
        return timed(lambda: wine.run("-c", "pass")) * 1e3

    def nothing_here() -> float:
        return timed(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)) * 1e3

    yield Figure("Python's start and end", *interleave(nothing, nothing_here, rounds), "ms")

    def first_ping() -> float:
        with virtio_port(wine) as (fd, _):
            peer = SerialPeer(fd)
            peer.send(PING)
            agents = []
            words = ("-m", "guestwire.agent", "-t", drive_z(folder / "start"))
            spent = timed(lambda: (agents.append(wine.start(*words)), peer.line()))
            agents[0].kill()
            agents[0].communicate()
            return spent * 1e3

    def first_ping_here() -> float:
        place = folder / "started"
        place.mkdir(exist_ok=True)
        with contextlib.ExitStack() as stack:
            return timed(lambda: stack.enter_context(running(True, place))) * 1e3

    yield Figure("start to the first answered ping", *interleave(first_ping, first_ping_here, rounds), "ms")


def figures(ours: SerialPeer, theirs: Peer, folder: Path, rounds: int) -> Iterator[Figure]:
    """With agents that run."""
    (folder / "source").write_bytes(os.urandom(4 * MIB))
    sides = (ours, drive_z(folder)), (theirs, str(folder))

    def both(measure: Callable[[SerialPeer | Peer, str], float]) -> tuple[float, float]:
        return interleave(lambda: measure(*sides[0]), lambda: measure(*sides[1]), rounds)

    def ping(peer: SerialPeer | Peer, _: str) -> float:
        return sorted(timed(lambda: peer.ask(PING)) for _ in range(200))[100] * 1e6

    yield Figure("guest-ping round trip, p50", *both(ping), "µs")
    for count in (48 * 1024, MIB):
        times = 4 if count == MIB else 20

        def read(peer: SerialPeer | Peer, place: str, count: int = count, times: int = times) -> float:
            handle = peer.value("guest-file-open", path=f"{place}/source", mode="r")
            spent = timed(
                lambda: [
                    peer.ask(
                        b'{"execute":"guest-file-read","arguments":{"handle":%d,"count":%d}}'
                        % (handle, count)
                    )
                    for _ in range(times)
                ]
            )
            peer.value("guest-file-close", handle=handle)
            return times * count / MIB / spent

        def write(peer: SerialPeer | Peer, place: str, count: int = count, times: int = times) -> float:
            handle = peer.value("guest-file-open", path=f"{place}/target", mode="w")
            text = base64.b64encode(os.urandom(count)).decode()
            arguments = {"handle": handle, "buf-b64": text}
            request = json.dumps({"execute": "guest-file-write", "arguments": arguments}).encode()
            spent = timed(lambda: [peer.ask(request) for _ in range(times)])
            peer.value("guest-file-close", handle=handle)
            return times * count / MIB / spent

        size = f"{count // 1024} KiB"
        yield Figure(f"guest-file-read, {size}", *both(read), "MiB/s", more_is_better=True)
        yield Figure(f"guest-file-write, {size}", *both(write), "MiB/s", more_is_better=True)
