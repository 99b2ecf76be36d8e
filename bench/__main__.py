"""`python -m bench [--suite NAME]… [--quick] [--write]`: print figures; --write renews bench/RESULTS.md."""

from __future__ import annotations

import argparse
import platform
import re
import tempfile
from importlib import import_module
from pathlib import Path

HEAD = "| figure | ours | peer | unit | ratio | at least / goal |\n|---|---|---|---|---|---|"
MEMORY = Path("/dev/shm")  # files in memory, so that no disk is measured
RESULTS = Path(__file__).with_name("RESULTS.md")
# A suite NAME is bench/NAME.py with `run(folder, quick)`, which yields figures; `NOTES` there is told below its table.
SUITES = {
    "agent": "The agent, against /usr/sbin/qemu-ga",
    "windows": "The agent on Windows, under Wine, beside the agent on Linux",
    "guest": "In a real guest over virtio-serial, against qemu-ga",
    "client": "The client library, against qemu.qmp and a plain socket",
    "broker": "The broker, against the guest's own channel",
    "cli": "The command line, whole processes, against scripts that do the same",
    "serve": "The host daemon, against its bounds",
    "cp": "guestwire cp, against what the agent alone can do",
    "web": "The dashboard in headless Chromium, against its bounds",
    "metrics": "Monitoring from inside, against prometheus-node-exporter",
    "soak": "Ten minutes of mixed load in a guest: first and last of the agent's figures",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", action="append", choices=list(SUITES), help="only these (default: all)")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--write", action="store_true", help="renew bench/RESULTS.md")
    options = parser.parse_args()
    for name in options.suite or SUITES:
        part = measured(name, options.quick)
        if options.write:
            RESULTS.write_text(renewed(RESULTS.read_text() if RESULTS.exists() else "", SUITES[name], part))


def measured(name: str, quick: bool) -> str:
    """Run a suite, print its table as it comes, and return it."""
    suite = import_module(f"bench.{name}")
    print(f"\n## {SUITES[name]}\n\n{HEAD}")
    rows = []
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        for figure in suite.run(Path(folder), quick):
            print(figure.row(), flush=True)
            rows.append(figure.row())
    notes = getattr(suite, "NOTES", "")
    return "\n".join([HEAD, *rows]) + (f"\n\n{notes.strip()}" if notes else "")


def renewed(text: str, title: str, part: str) -> str:
    """RESULTS.md with one suite's part exchanged, or added at its place."""
    parts = dict(re.findall(r"^## (.+)\n\n((?:(?!## ).*\n?)*)", text, re.MULTILINE))
    parts[title] = part
    head = (
        "# Results\n\nMedians of interleaved runs of `make bench`; a ratio above 1 means that guestwire is better. "
        f"Absolute\nfigures belong to the machine ({platform.machine()}, Python {platform.python_version()}).\n"
    )
    known = [title for title in SUITES.values() if title in parts]
    return "\n".join([head, *(f"## {title}\n\n{parts[title].strip()}\n" for title in known)])


if __name__ == "__main__":
    main()
