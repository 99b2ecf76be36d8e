"""The real daemon as a process, and the agents that it watches: ours, the stock one, two hundred simulated."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.browser.conftest import ROOT, answers, environment, free_port, wait

SIMULATED = 200
# This machine is the guest: nothing may change it.
BLOCKED = (
    "guest-shutdown,guest-suspend-disk,guest-suspend-ram,guest-suspend-hybrid,guest-fsfreeze-freeze,"
    "guest-fsfreeze-freeze-list,guest-fstrim,guest-set-time,guest-set-vcpus,guest-set-memory-blocks,"
    "guest-set-user-password,guest-ssh-add-authorized-keys,guest-ssh-remove-authorized-keys"
)
STOCK = shutil.which("qemu-ga", path="/usr/sbin:/usr/bin:/sbin")


class Daemon:
    """The daemon as a process that can be ended and started again at its address; `more` ends its configuration."""

    def __init__(self, folder: Path, guests: dict[str, Path], interval: int = 5, more: str = "") -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        config = folder / "guestwire.toml"
        lines = [
            f'listen = "{self.url.removeprefix("http://")}"',
            f'data_dir = "{folder}"',
            f"interval = {interval}",
        ]
        lines += [
            "discover = false",
            "[guests]",
            *(f'"{name}" = "unix:{path}"' for name, path in guests.items()),
        ]
        config.write_text("\n".join(lines) + f"\n{more}")
        self._log = (folder / "daemon.log").open("ab")
        self._command = [sys.executable, "-m", "guestwire.daemon", "--config", str(config)]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, env=environment(), stderr=self._log)
        wait(lambda: answers(f"{self.url}/healthz"), "the daemon answers")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def close(self) -> None:
        self.stop()
        self._log.close()


def agents_in(folder: Path) -> Iterator[dict[str, Path]]:
    """Run the agents; gives their sockets by name of the guest."""
    guests = {"ours": folder / "ours.sock"}
    options = {"ours": [sys.executable, "-m", "guestwire.agent"]}
    if STOCK:
        guests["stock"] = folder / "stock.sock"
        options["stock"] = [STOCK]
    started = []
    for name, command in options.items():
        (folder / name).mkdir()
        place = ["-m", "unix-listen", "-p", guests[name], "-b", BLOCKED]
        place += ["-t", folder / name, "-f", folder / name / "pid"]
        started.append(
            subprocess.Popen([*command, *map(str, place)], env=environment(), stderr=subprocess.DEVNULL)
        )
    wait(lambda: all(path.exists() for path in guests.values()), "the agents listen")
    many = [sys.executable, "-m", "tests.browser.simulated", str(folder), str(SIMULATED)]
    started.append(subprocess.Popen(many, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True))
    try:
        assert started[-1].stdout is not None
        started[-1].stdout.readline()
        yield {**guests, **{f"sim-{number:03d}": folder / f"{number}.sock" for number in range(SIMULATED)}}
    finally:
        for process in started:
            process.terminate()
            process.wait(10)
            if process.stdout:
                process.stdout.close()
