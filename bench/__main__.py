"""`python -m bench [--quick] [--write]`: print every figure, and with --write renew bench/RESULTS.md."""

from __future__ import annotations

import argparse
import platform
import tempfile
from pathlib import Path

from bench import agent, client, guest, metrics

HEAD = "| figure | ours | peer | unit | ratio | at least / goal |\n|---|---|---|---|---|---|"
MEMORY = Path("/dev/shm")  # files in memory, so that no disk is measured
SUITES = {
    "The agent, against /usr/sbin/qemu-ga": agent.run,
    "In a real guest over virtio-serial, against qemu-ga": guest.run,
    "The client library, against qemu.qmp and a plain socket": client.run,
    "Monitoring from inside, against prometheus-node-exporter": metrics.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--write", action="store_true", help="renew bench/RESULTS.md")
    options = parser.parse_args()
    text = [
        "# Results\n",
        "Medians of one interleaved run of `make bench`; a ratio above 1 means that guestwire is better. Absolute",
        f"figures belong to the machine ({platform.machine()}, Python {platform.python_version()}).\n",
    ]
    for title, suite in SUITES.items():
        print(f"\n## {title}\n\n{HEAD}")
        text += [f"## {title}\n", HEAD]
        with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
            for figure in suite(Path(folder), options.quick):
                print(figure.row(), flush=True)
                text.append(figure.row())
        text.append("")
    if options.write:
        Path(__file__).with_name("RESULTS.md").write_text("\n".join(text))


if __name__ == "__main__":
    main()
