"""The broker: what it adds to a ping, many clients at once, and what it costs when idle."""

from __future__ import annotations

import json
import select
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.pairs import Figure, interleave
from bench.subjects import C_AGENT, SOURCE, Subject

PING = b'{"execute":"guest-ping"}\n'
CLIENTS = 20
GUESTS = 200
NOTES = """
QEMU's agent is the guest, one behind the broker and one asked directly; clients are plain sockets. "Added" is the
median round trip through the broker less the direct one; the last two rows are MiB of RSS, and CPU of one core in
percent, of a broker with 200 idle guests, against their bounds. No audit log was written.

The row of the bare relay is the ceiling for anything on asyncio: it hands on bytes and looks at none of them. A request
through either wakes four programs where a direct one wakes two; the broker stays awake for 50 us where that pays, the
relay does not.
"""

_RELAY = """
import asyncio, sys
class End(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        self.peer.transport.write(data)
async def main(guest, door):
    loop = asyncio.get_running_loop()
    _, there = await loop.create_unix_connection(End, guest)
    def enter():
        here = End()
        here.peer, there.peer = there, here
        return here
    await loop.create_unix_server(enter, door)
    print("ready", flush=True)
    await asyncio.sleep(3600)
asyncio.run(main(*sys.argv[1:]))
"""

_GUESTS = """
import asyncio, re, sys
async def main(folder):
    async def serve(reader, writer):
        while line := await reader.readline():
            found = re.search(rb'"id": (\\d+)', line)
            writer.write(b'{"return": %s}\\n' % (found[1] if found else b'{}'))
    for number in range(%d):
        await asyncio.start_unix_server(serve, f"{folder}/{number}")
    print("ready", flush=True)
    await asyncio.sleep(3600)
asyncio.run(main(sys.argv[1]))
""".replace("%d)", f"{GUESTS})", 1)


def run(folder: Path, quick: bool) -> Iterator[Figure]:
    """Every figure of the broker."""
    calls, rounds, seconds = (300, 3, 0.3) if quick else (2000, 15, 1.0)
    behind, direct = (Subject([C_AGENT], folder / name) for name in ("behind", "direct"))
    direct.line.close()
    behind.line.close()
    broker = _broker(folder / "run", [f"guest=unix:{behind.path}"])
    try:
        through = folder / "run" / "guests" / "guest.sock"
        figures = interleave(lambda: _ping(through, calls), lambda: _ping(direct.path, calls), rounds)
        yield _added("added time for a ping, p50, against the direct one", figures, 1 / 1.5, 1 / 0.7)
        together = interleave(
            lambda: _together(through, seconds), lambda: _alone(direct.path, seconds), min(rounds, 5)
        )
        name = f"{CLIENTS} clients together, against one that asks directly"
        yield Figure(name, *together, "calls/s", 0.6, 0.9, more_is_better=True)
    finally:
        _end(broker)
    try:
        with _relay(behind.path, folder / "relay.sock") as bare:
            figures = interleave(lambda: _ping(bare, calls), lambda: _ping(direct.path, calls), rounds)
        yield _added("the same of a bare asyncio relay", figures)
    finally:
        behind.close()
        direct.close()
    yield from _idle(folder, 2.0 if quick else 20.0)


def _added(name: str, figures: tuple[float, float], *bounds: float) -> Figure:
    return Figure(name, figures[0] - figures[1], figures[1], "us", *bounds)


@contextmanager
def _relay(guest: Path, door: Path) -> Iterator[Path]:
    command = [sys.executable, "-c", _RELAY, str(guest), str(door)]
    relay = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert relay.stdout is not None
    try:
        relay.stdout.readline()
        yield door
    finally:
        _end(relay)
        relay.stdout.close()


def _idle(folder: Path, seconds: float) -> Iterator[Figure]:
    places = folder / "guests"
    places.mkdir()
    guests = subprocess.Popen([sys.executable, "-c", _GUESTS, str(places)], stdout=subprocess.PIPE)
    assert guests.stdout is not None
    guests.stdout.readline()
    run_dir = folder / "idle"
    broker = _broker(run_dir, [f"g{number}=unix:{places}/{number}" for number in range(GUESTS)])
    try:
        _until_up(run_dir)
        time.sleep(1)
        begun, start = _cpu(broker), time.monotonic()
        time.sleep(seconds)
        share = 100 * (_cpu(broker) - begun) / (time.monotonic() - start)
        yield Figure(f"idle with {GUESTS} guests: RSS, against 80 MiB", _rss(broker), 80, "MiB", 1, 2)
        yield Figure(f"idle with {GUESTS} guests: CPU, against 0.5 %", share, 0.5, "%", 1)
    finally:
        _end(broker)
        guests.kill()
        guests.wait()
        guests.stdout.close()


def _broker(run_dir: Path, guests: list[str]) -> subprocess.Popen[bytes]:
    words = [word for guest in guests for word in ("--guest", guest)]
    command = [sys.executable, "-m", "guestwire.broker", "--run-dir", str(run_dir), *words]
    broker = subprocess.Popen(command, env={"PYTHONPATH": str(SOURCE)})
    _until_up(run_dir)
    return broker


def _until_up(run_dir: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        time.sleep(0.05)
        try:
            guests = json.loads((run_dir / "status.json").read_text())["guests"]
        except (FileNotFoundError, ValueError):
            continue
        if guests and all(each["state"] == "up" for each in guests.values()):
            return
    raise TimeoutError("the broker's guests do not come up")


def _ping(path: Path, calls: int) -> float:
    """Median microseconds of a round trip."""
    with _client(path) as line:
        taken = []
        for _ in range(calls):
            start = time.perf_counter()
            line.send(PING)
            line.recv(4096)
            taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1e6


def _alone(path: Path, seconds: float) -> float:
    with _client(path) as line:
        count, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            line.send(PING)
            line.recv(4096)
            count += 1
    return count / seconds


def _together(path: Path, seconds: float) -> float:
    lines = [_client(path) for _ in range(CLIENTS)]
    by_file = {line.fileno(): line for line in lines}
    with select.epoll() as look:
        for line in lines:
            look.register(line, select.EPOLLIN)
            line.send(PING)
        count, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            for file, _ in look.poll():
                by_file[file].recv(4096)
                by_file[file].send(PING)
                count += 1
    for line in lines:
        line.close()
    return count / seconds


def _client(path: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.connect(str(path))
    line.send(PING)
    line.recv(4096)
    return line


def _cpu(process: subprocess.Popen[bytes]) -> float:
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def _rss(process: subprocess.Popen[bytes]) -> float:
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(30)
