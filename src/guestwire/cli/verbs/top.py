"""`guestwire top`: every guest in the terminal."""

from __future__ import annotations

import os
import sys

import click

from guestwire.errors import ConfigError, StartError

URL = "http://127.0.0.1:8790"


@click.command
@click.option("--url", metavar="URL", help=f"The daemon to ask (default: {URL}).")
@click.option(
    "--guest",
    "guests",
    multiple=True,
    metavar="NAME=ADDRESS",
    help="Watch this guest by a daemon of top's own; again for more.",
)
def command(url: str | None, guests: tuple[str, ...]) -> None:
    """Show every guest as the dashboard does: state, CPU, memory, fullest filesystem, network, alerts; live.

    It shows what the daemon of `guestwire serve` watches. Where none runs, or with --guest, it starts one of its own
    for as long as it is open. An API token, where the daemon demands one, is taken from GUESTWIRE_TOKEN.
    """
    if url and guests:
        raise ConfigError("--url names a daemon that watches its own guests: leave out --guest")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError(
            "top draws on a terminal; for programs, use the daemon's HTTP API or `guestwire ls --json`"
        )
    try:
        from guestwire.cli.top.launch import run
    except ImportError as error:
        raise StartError(
            f"top needs {error.name}: install guestwire's extra for it, as in pip install 'guestwire[monitor]'"
        ) from None
    run(url, guests, os.environ.get("GUESTWIRE_TOKEN", ""), default=URL)
