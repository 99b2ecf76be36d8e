"""`python -m guestwire.daemon`: watch guests until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from guestwire.client.address import parse
from guestwire.daemon.config import SYSTEM_FILE, Config, interval_of, listen_of, load
from guestwire.daemon.service import Service
from guestwire.errors import ConfigError, GuestwireError


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "guestwire.daemon", description="Watch guests from inside, with no network."
    )
    parser.add_argument("--config", type=Path, help=f"configuration file (default: {SYSTEM_FILE} if there)")
    parser.add_argument(
        "--guest", action="append", default=[], metavar="NAME=ADDRESS", help="a guest to watch"
    )
    parser.add_argument(
        "--listen", metavar="HOST:PORT", help="where to answer HTTP (default: 127.0.0.1:8790)"
    )
    parser.add_argument("--data-dir", type=Path, help="folder of the history")
    parser.add_argument("--interval", type=float, metavar="SECONDS", help="between two polls (default: 10)")
    parser.add_argument("--check", action="store_true", help="check the configuration and end")
    return parser


def configuration(options: argparse.Namespace) -> Config:
    """The file's configuration under the options of the command line. Raises ConfigError."""
    path = options.config or (SYSTEM_FILE if SYSTEM_FILE.exists() else None)
    config = load(path) if path else Config()
    guests = dict(config.guests)
    for text in options.guest:
        name, equals, address = text.partition("=")
        if not name or not equals:
            raise ConfigError(f"--guest {text!r}: write NAME=ADDRESS")
        parse(address)
        guests[name] = address
    config = replace(config, guests=guests)
    if options.listen is not None:
        config = replace(config, listen=listen_of(options.listen))
    if options.data_dir is not None:
        config = replace(config, data_dir=options.data_dir)
    if options.interval is not None:
        config = replace(config, interval=interval_of(options.interval))
    return config


async def _serve(options: argparse.Namespace) -> None:
    service = Service(configuration(options), lambda: configuration(options))
    await service.run()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; gives the exit status."""
    options = _options().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        if options.check:
            configuration(options)
        else:
            asyncio.run(_serve(options))
    except GuestwireError as error:
        print(f"guestwire: {error}", file=sys.stderr)
        return 2 if isinstance(error, ConfigError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
