"""Simulated agents on unix sockets, many in one process: `python -m tests.browser.simulated FOLDER COUNT`.

Stock agents as far as a host can tell: they know files, a freeze, and a few commands. Every tenth one is evil: each
string that it says wants to be markup. One (`evil.NUMBER`) knows our agent's commands and is evil in all of them.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from guestwire.testing import FakeGuest
from tests.browser import evil
from tests.browser.evil import EVIL


class Freezer:
    """Freezes nothing but remembers."""

    frozen = False

    def freeze(self, arguments: dict[str, Any]) -> int:
        self.frozen = True
        return 2

    def thaw(self, arguments: dict[str, Any]) -> int:
        self.frozen = False
        return 2

    def status(self, arguments: dict[str, Any]) -> str:
        return "frozen" if self.frozen else "thawed"


def answers(number: int, freezer: Freezer) -> dict[str, Any]:
    bad = number % 10 == 9
    name = EVIL if bad else f"sim-{number:03d}.example.net"
    word = EVIL if bad else "Debian GNU/Linux 12 (bookworm)"
    mount = f"/{EVIL}" if bad else "/"
    busy = number % 50 + 1

    def cpu(arguments: dict[str, Any]) -> list[dict[str, Any]]:
        ticks = round(time.monotonic() * 1000)
        used = ticks * busy // 100
        times = {"user": used, "nice": 0, "system": used // 4, "idle": ticks - used, "iowait": 1}
        return [{"type": "linux", "cpu": 0, **times, "irq": 0, "softirq": 0, "steal": 0}]

    nic = dict.fromkeys(
        (f"{way}-{what}" for way in ("rx", "tx") for what in ("bytes", "packets", "errs", "dropped")), 5
    )
    address = {"ip-address": f"10.1.0.{number % 250 + 1}", "ip-address-type": "ipv4", "prefix": 24}
    space = {"used-bytes": 6 * 10**9, "total-bytes": 10**10, "total-bytes-privileged": 10**10}
    return {
        "guest-get-host-name": {"host-name": name},
        "guest-get-osinfo": {"id": "debian", "name": word, "pretty-name": word, "kernel-release": word},
        "guest-get-cpustats": cpu,
        "guest-get-load": {"load1m": 0.5, "load5m": 0.25, "load15m": 0.125},
        "guest-get-time": lambda arguments: time.time_ns(),
        "guest-get-users": [{"user": word[:30], "login-time": 1.0}],
        "guest-get-fsinfo": [{"name": "vda1", "mountpoint": mount, "type": "ext4", "disk": [], **space}],
        "guest-network-get-interfaces": [
            {
                "name": "eth0",
                "hardware-address": "52:54:00:00:00:01",
                "ip-addresses": [address],
                "statistics": nic,
            }
        ],
        "guest-get-vcpus": [{"logical-id": 0, "online": True, "can-offline": False}],
        "guest-fsfreeze-status": freezer.status,
        "guest-fsfreeze-freeze": freezer.freeze,
        "guest-fsfreeze-freeze-list": freezer.freeze,
        "guest-fsfreeze-thaw": freezer.thaw,
        "guest-fstrim": {"paths": [{"path": mount, "trimmed": 4096, "minimum": 0}]},
        "guest-set-time": {},
    }


async def serve(folder: Path, count: int) -> None:
    worst = await asyncio.to_thread(evil.answers, folder / "ours.sock")
    for number in range(count):
        freezer = Freezer()

        async def talk(
            reader: asyncio.StreamReader,
            writer: asyncio.StreamWriter,
            number: int = number,
            freezer: Freezer = freezer,
        ) -> None:
            guest = FakeGuest(answers(number, freezer) | (worst if number == evil.NUMBER else {}))
            while data := await reader.read(65536):
                for piece in guest.receive(data):
                    writer.write(piece)
                await writer.drain()
            writer.close()

        await asyncio.start_unix_server(talk, folder / f"{number}.sock")
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
