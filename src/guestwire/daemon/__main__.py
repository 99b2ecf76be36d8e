"""`python -m guestwire.daemon`: `guestwire serve` for a machine where only the daemon's part is installed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from guestwire.daemon.launch import Choices, configuration, serve
from guestwire.errors import ConfigError, GuestwireError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; gives the exit status."""
    parser = argparse.ArgumentParser("guestwire.daemon", description="See `guestwire serve --help`.")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--guest", action="append", default=[], metavar="NAME=ADDRESS")
    parser.add_argument("--listen", metavar="HOST:PORT")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--interval", type=float, metavar="SECONDS")
    parser.add_argument("--discover", action=argparse.BooleanOptionalAction)
    parser.add_argument("--check", action="store_true", help="check the configuration and end")
    told = parser.parse_args(arguments)
    choices = Choices(
        told.config, tuple(told.guest), told.listen, told.data_dir, told.interval, told.discover
    )
    try:
        if told.check:
            configuration(choices)
        else:
            serve(choices)
    except GuestwireError as error:
        print(f"guestwire: {error}", file=sys.stderr)
        return 2 if isinstance(error, ConfigError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
