"""The whole daemon's work in real time: poll, store, rules. Simulated stock agents answer from another process.

    python bench/store_watch.py [--guests 200] [--seconds 60]

The agents have the stock commands of QEMU's agent and /proc files: seven requests a poll. CPU and RSS are
those of the watching process alone.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "src")]

from guestwire.client.aio import AsyncGuestAgent  # noqa: E402
from guestwire.monitor.collectors import SECTIONS  # noqa: E402
from guestwire.monitor.poller import LONGEST, Poller  # noqa: E402
from guestwire.monitor.rules.load import DEFAULT_RULES, load_rules  # noqa: E402
from guestwire.monitor.store.store import Store  # noqa: E402
from guestwire.monitor.targets import Target  # noqa: E402
from guestwire.monitor.watch import Monitor  # noqa: E402

PROC = (
    "loadavg",
    "meminfo",
    "stat",
    "vmstat",
    "diskstats",
    "net/dev",
    "pressure/cpu",
    "pressure/io",
    "pressure/memory",
)


def answers() -> dict[str, object]:
    """A guest of two CPUs, two disks, two NICs and three filesystems."""
    cpu = {
        "type": "linux",
        "user": 10,
        "nice": 1,
        "system": 5,
        "idle": 99,
        "iowait": 1,
        "irq": 0,
        "softirq": 1,
        "steal": 0,
    }
    verbs = ("read", "write", "discard")
    disk = {f"{verb}-{what}": 1000 for verb in verbs for what in ("ios", "merges", "sectors", "ticks")}
    disk |= {"ios-pgr": 0, "total-ticks": 5, "weight-ticks": 9}
    nic = dict.fromkeys(
        [
            "rx-bytes",
            "rx-packets",
            "rx-errs",
            "rx-dropped",
            "tx-bytes",
            "tx-packets",
            "tx-errs",
            "tx-dropped",
        ],
        5,
    )
    fs = {
        "type": "ext4",
        "used-bytes": 10**9,
        "total-bytes": 10**10,
        "total-bytes-privileged": 11 * 10**9,
        "disk": [],
    }
    return {
        "guest-get-cpustats": [{**cpu, "cpu": n} for n in range(2)],
        "guest-get-load": {"load1m": 0.5, "load5m": 0.25, "load15m": 0.125},
        "guest-get-diskstats": [{"name": n, "major": 8, "minor": 0, "stats": disk} for n in ("vda", "vdb")],
        "guest-network-get-interfaces": [{"name": n, "statistics": nic} for n in ("lo", "eth0")],
        "guest-get-fsinfo": [{**fs, "name": f"vda{n}", "mountpoint": f"/m{n}"} for n in range(3)],
        "guest-get-users": [],
        "guest-get-osinfo": {"id": "debian"},
        "guest-get-host-name": {"host-name": "x"},
        "guest-file-close": {},
    }


async def agents(folder: str, count: int) -> None:
    """Serve `count` agents until killed."""
    fixed = answers()
    names = [
        *fixed,
        "guest-get-time",
        "guest-file-open",
        "guest-file-read",
        "guest-info",
        "guest-fsfreeze-status",
    ]
    fixed["guest-info"] = {
        "version": "9",
        "supported_commands": [{"name": n, "enabled": True} for n in names],
    }
    files = {f"/proc/{n}": Path(f"/proc/{n}").read_bytes() for n in PROC if Path(f"/proc/{n}").exists()}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handles: dict[int, bytes] = {}
        while line := await reader.readline():
            request = json.loads(line.replace(b"\xff", b""))
            name, arguments = request["execute"], request.get("arguments", {})
            value = fixed.get(name)
            if name.startswith("guest-sync"):
                value = arguments["id"]
                writer.write(b"\xff")
            elif name == "guest-get-time":
                value = time.time_ns()
            elif name == "guest-file-open":
                value = len(handles) + 1
                handles[value] = files[arguments["path"]]
            elif name == "guest-file-read":
                data, handles[arguments["handle"]] = handles[arguments["handle"]], b""
                value = {"count": len(data), "buf-b64": base64.b64encode(data).decode(), "eof": not data}
            writer.write(json.dumps({"return": value}).encode() + b"\n")

    for number in range(count):
        await asyncio.start_unix_server(serve, f"{folder}/{number}.sock")
    Path(folder, "ready").touch()
    await asyncio.Event().wait()


async def watch(folder: str, count: int, seconds: float) -> dict[str, object]:
    monitor = Monitor(Store(Path(folder, "store.db")), load_rules(DEFAULT_RULES))
    poller = Poller(
        lambda target: AsyncGuestAgent(target.address, timeout=LONGEST, name=target.name),
        lambda agent: agent.close(),
        SECTIONS,
        monitor.take,
    )
    for number in range(count):
        poller.add(Target(f"uuid-{number}", f"guest-{number}", f"unix:{folder}/{number}.sock"))
    task = asyncio.ensure_future(monitor.run())
    await asyncio.sleep(25)  # the first polls ask for everything
    cpu, began = time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    percent = (time.process_time() - cpu) / (time.monotonic() - began) * 100
    latest = monitor.store.latest("uuid-0")
    counts = [watcher.counts for watcher in poller.watchers]
    await poller.stop()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    monitor.close()
    return {
        "guests": count,
        "series_a_guest": len(latest),
        "cpu_percent": round(percent, 2),
        "rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "polls": sum(c.polls for c in counts),
        "failures": sum(c.failures for c in counts),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU of watching simulated guests")
    parser.add_argument("--guests", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="guestwire-watch-")
    child = os.fork()
    if child == 0:
        asyncio.run(agents(folder, options.guests))
    try:
        while not Path(folder, "ready").exists():
            time.sleep(0.05)
        print(json.dumps(asyncio.run(watch(folder, options.guests, options.seconds))))
    finally:
        os.kill(child, 15)
        os.waitpid(child, 0)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
