"""`python -m guestwire.broker --guest NAME=ADDRESS … --run-dir DIR`: a broker in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from guestwire.broker.server import Broker
from guestwire.client.address import parse
from guestwire.errors import ConfigError, StartError


async def serve(broker: Broker) -> None:
    """Run `broker` until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with broker:
        await stop.wait()


def main() -> int:
    """Read the command line and serve. Returns the exit status: 0, 1 for a failure, 2 for wrong usage."""
    options = argparse.ArgumentParser(
        prog="guestwire.broker", description="Many clients on one guest's channel."
    )
    options.add_argument("--guest", action="append", required=True, metavar="NAME=ADDRESS")
    options.add_argument("--run-dir", type=Path, default=Path("/run/guestwire"))
    chosen = options.parse_args()
    guests: dict[str, str] = {}
    try:
        for text in chosen.guest:
            name, equals, address = text.partition("=")
            if not equals or name in guests:
                raise ConfigError(f"--guest {text!r}: write NAME=ADDRESS, each name once")
            parse(address)
            guests[name] = address
        asyncio.run(serve(Broker(guests, chosen.run_dir)))
    except ConfigError as error:
        print(f"guestwire broker: {error}", file=sys.stderr)
        return 2
    except StartError as error:
        print(f"guestwire broker: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
