"""From what a command line says to a running daemon."""

from __future__ import annotations

import asyncio
import logging
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from guestwire.client.address import parse
from guestwire.daemon import keys
from guestwire.daemon.config import SYSTEM_FILE, Config, load
from guestwire.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Choices:
    """What the command line says; None leaves it to the configuration. `guests` are NAME=ADDRESS.

    Guests on the command line are watched instead of those that would be found, unless `discover` says both.
    """

    config: Path | None = None
    guests: tuple[str, ...] = ()
    listen: str | None = None
    data_dir: Path | None = None
    interval: float | None = None
    discover: bool | None = None


def configuration(choices: Choices) -> Config:
    """The file's configuration under the options of the command line. Raises ConfigError."""
    path = choices.config or (SYSTEM_FILE if SYSTEM_FILE.exists() else None)
    config = load(path) if path else Config()
    guests = dict(config.guests)
    for text in choices.guests:
        name, equals, address = text.partition("=")
        if not name or not equals:
            raise ConfigError(f"--guest {text!r}: write NAME=ADDRESS")
        parse(address)
        guests[name] = address
    discover = choices.discover if choices.discover is not None else config.discover and not choices.guests
    config = replace(config, guests=guests, discover=discover)
    if choices.listen is not None:
        config = replace(config, listen=keys.listen(choices.listen))
    if choices.data_dir is not None:
        config = replace(config, data_dir=choices.data_dir)
    if choices.interval is not None:
        config = replace(config, interval=keys.interval(choices.interval))
    return config


def serve(choices: Choices) -> None:
    """Run the daemon until a signal ends it. Raises ConfigError and StartError."""
    from guestwire.daemon.service import Service

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)

    async def run() -> None:
        await Service(configuration(choices), lambda: configuration(choices)).run()

    asyncio.run(run())
