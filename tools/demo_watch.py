"""The last part of `make demo`: the host daemon watches the guest."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from demo_guest import Subject

ADDRESS = "127.0.0.1:8790"
SHOWN = (
    "node_load1 ",
    "node_memory_MemAvailable_bytes ",
    'node_cpu_seconds_total{cpu="0",mode="idle"}',
    "guestwire_guest_up ",
)
PATIENCE = 30.0


def watch(guest: Subject, folder: Path) -> None:
    """Start the daemon, show what it knows; on a terminal, keep it until Ctrl-C."""
    address = ADDRESS if _is_free(ADDRESS) else f"127.0.0.1:{_free_port()}"
    words = ["--guest", f"{guest.name}={guest.address}", "--listen", address, "--interval", "1"]
    print(
        f"\nNow from outside, all the time: the host daemon watches it.\n\n$ guestwire serve {' '.join(words)}",
        flush=True,
    )
    command = [sys.executable, "-m", "guestwire.cli", "serve", *words, "--data-dir", str(folder / "data")]
    daemon = subprocess.Popen(command, env={**os.environ, "GUESTWIRE_RUN_DIR": str(folder / "run")})
    try:
        _show(daemon, guest, address)
        _history(guest, folder)
        if sys.stdout.isatty():
            print(f"\nThe dashboard: http://{address}/ (Ctrl-C ends the demo)", flush=True)
            daemon.wait()
        else:
            print(f"\nThe dashboard was at http://{address}/; on a terminal the demo keeps it open.")
    except KeyboardInterrupt:
        print()
    finally:
        daemon.terminate()
        daemon.wait()


def _show(daemon: subprocess.Popen[bytes], guest: Subject, address: str) -> None:
    url = f"http://{address}/guests/{guest.name}/metrics"
    print(f"\n$ curl {url}    # node_exporter's names, with no network in the guest", flush=True)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            lines = []
        found = [line for line in lines if line.startswith(SHOWN)]
        if len(found) == len(SHOWN):
            break
        if daemon.poll() is not None or time.monotonic() > end:
            sys.exit("the daemon does not watch the guest")
        time.sleep(0.2)
    print("\n".join(f"  {line}" for line in found) + f"\n  … {len(lines) - len(found)} more lines")


def _history(guest: Subject, folder: Path) -> None:
    time.sleep(4)  # a few polls' worth of history to draw
    for words in (
        ["history", guest.name, "node_load1", "--sparkline", "--since", "1m", "--step", "1s"],
        ["alerts"],
    ):
        print(f"\n$ guestwire {' '.join(words)}", flush=True)
        more = ["list"] if words == ["alerts"] else []
        command = [sys.executable, "-m", "guestwire.cli", *words, *more, "--data-dir", str(folder / "data")]
        subprocess.run(command, check=False)


def _is_free(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) != 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
