"""Mixed load on a guest for as long as wanted, and what the agent's process looks like meanwhile."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass

from guestwire.client import GuestAgent
from guestwire.errors import CommandError

from .harness.guest import Guest
from .raw import Raw

READERS = (
    "guest-ping guest-get-time guest-info guest-get-vcpus guest-get-osinfo guest-get-users"
    " guest-network-get-interfaces guest-network-get-route guest-get-fsinfo guest-get-disks guest-get-diskstats"
    " guest-get-cpustats guest-get-load guest-fsfreeze-status guestwire-info guestwire-get-metrics"
).split()
BATCH = 25  # rounds between two looks at the process


@dataclass(frozen=True)
class Look:
    """The agent's process at one moment: KiB of resident memory, descriptors, threads, and processes of the guest."""

    calls: int
    rss: int
    descriptors: int
    threads: int
    processes: int
    zombies: int


def soak(guest: Guest, seconds: float) -> Iterator[Look]:
    """Work on the guest's default port for so long; a look at the start and after each batch."""
    calls = 0
    yield look(guest, calls)
    end = time.monotonic() + seconds
    for number in itertools.count():
        with guest.agent() as agent:
            for _ in range(BATCH):
                calls += _round(agent)
        _rude(guest, number)
        yield look(guest, calls)
        if time.monotonic() >= end:
            return


def look(guest: Guest, calls: int) -> Look:
    """How the process whose pid is in /tmp/agent.pid stands now."""
    text = guest.sh(
        "p=/proc/$(cat /tmp/agent.pid); awk '/VmRSS|Threads/ {print $2}' $p/status; ls $p/fd 2>/dev/null | wc -l;"
        " echo /proc/[0-9]* | wc -w; cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z '",
        check=False,
    )
    rss, threads, descriptors, processes, zombies = map(int, text.split())
    return Look(calls, rss, descriptors, threads, processes, zombies)


def _round(agent: GuestAgent) -> int:
    for command in READERS:
        agent.execute(command)
    with contextlib.suppress(CommandError):
        agent.execute("no-such-command")
    with contextlib.suppress(CommandError):
        agent.guest_file_open("/no/such/file")
    assert agent.run(["sh", "-c", "cat; head -c 100000 /dev/zero; exit 3"], input=b"x" * 1000).returncode == 3
    with contextlib.suppress(CommandError):
        agent.run(["/no/such/program"])
    agent.write_file("/tmp/soak", b"y" * 200_000)
    assert len(agent.read_file("/tmp/soak")) == 200_000
    agent.guest_fsfreeze_freeze()
    agent.guest_fsfreeze_thaw()
    return len(READERS) + 30


def _rude(guest: Guest, number: int) -> None:
    """What a host may do as well: leave in the middle, send rubbish, leave a file and a program behind."""
    with Raw(guest) as raw:
        raw.socket.sendall((b'{"execute":"guest-pi', b"}}}}]]]]\n\xff", b"\0" * 5000)[number % 3])
    with guest.agent() as agent:
        handle = agent.guest_file_open("/usr/bin/python3")
        agent.guest_exec(path="/bin/true")
    with Raw(guest) as raw:
        read = b'{"execute":"guest-file-read","arguments":{"handle":%d,"count":1000000}}' % handle
        raw.socket.sendall(read)
        raw.socket.recv(100)
    with guest.agent() as agent:
        agent.guest_file_close(handle)
