"""The middle of `make demo`: the command line, and the broker that lets several clients share a guest."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from demo_guest import Subject

PATIENCE = 30.0
CLI = [sys.executable, "-m", "guestwire.cli"]


def command_line(guest: Subject) -> None:
    """Verbs on the guest's address, with nothing configured."""
    print("\nThe same from a shell: `guestwire` with a guest's name or, as here, the address of its channel.")
    for words in (
        ["info", guest.address],
        ["fs", guest.address],
        ["exec", guest.address, "--", "sh", "-c", "echo $0 runs on $(hostname); exit 3", "a shell"],
        ["call", guest.address, "guest-file-open", "path=/etc/passwd", "mode=r"],
        ["doctor", guest.address],
    ):
        show(words, guest)
    if guest.real:
        show(["freeze", guest.address, "--run", "echo a snapshot would be taken now"], guest)
        show(["trim", guest.address], guest)


def shared(guest: Subject, folder: Path) -> None:
    """The broker: two clients at once, each on a connection of its own, by the guest's name."""
    print(
        "\nA channel has room for one client. The broker gives each its own, with a policy and an audit log."
    )
    run_dir, audit = folder / "run", folder / "audit.log"
    with _broker(guest, run_dir, audit) as environment:
        show(["ls"], guest, environment)
        words = ["exec", guest.name, "--", "sh", "-c", "sleep 1; echo both at once"]
        print(f"\n$ guestwire {shlex.join(words)} & guestwire {shlex.join(words)}", flush=True)
        both = [subprocess.Popen([*CLI, *words], env=environment) for _ in range(2)]
        for client in both:
            client.wait()
    show(["audit", "verify", str(audit)], guest)


@contextmanager
def _broker(guest: Subject, run_dir: Path, audit: Path) -> Iterator[dict[str, str]]:
    options = ["--guest", f"{guest.name}={guest.address}", "--run-dir", str(run_dir), "--audit", str(audit)]
    print(f"\n$ guestwire broker {' '.join(options)}", flush=True)
    broker = subprocess.Popen([*CLI, "broker", *options])
    try:
        end = time.monotonic() + PATIENCE
        while not (run_dir / "guests" / f"{guest.name}.sock").exists():
            if broker.poll() is not None or time.monotonic() > end:
                sys.exit("the broker does not start")
            time.sleep(0.05)
        yield {**os.environ, "GUESTWIRE_RUN_DIR": str(run_dir)}
    finally:
        broker.terminate()
        broker.wait()


def show(words: list[str], guest: Subject, environment: dict[str, str] | None = None) -> None:
    """Print a command line, run it, and tell its exit status if it is not 0."""
    shown = shlex.join(words).replace(guest.address, f"unix:{guest.socket.name}")
    print(f"\n$ guestwire {shown}", flush=True)
    done = subprocess.run([*CLI, *words], check=False, env=environment)
    if done.returncode:
        print(f"  = exit status {done.returncode}")
