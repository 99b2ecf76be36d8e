"""`guestwire serve`: the host daemon."""

from __future__ import annotations

from pathlib import Path

import click

from guestwire.cli import records


@click.command
@records.config
@click.option(
    "--guest",
    "guests",
    multiple=True,
    metavar="NAME=ADDRESS",
    help="A guest to watch, instead of those that are found; again for more.",
)
@click.option(
    "--discover/--no-discover",
    default=None,
    help="Look for guests on this host (default: unless --guest is given).",
)
@click.option("--listen", metavar="HOST:PORT", help="Where to answer HTTP (default: 127.0.0.1:8790).")
@records.data_dir
@click.option("--interval", type=float, metavar="SECONDS", help="Between two polls of a guest (default: 10).")
def command(
    *,
    config: Path | None,
    guests: tuple[str, ...],
    listen: str | None,
    data_dir: Path | None,
    interval: float | None,
    discover: bool | None,
) -> None:
    """Watch every guest from inside: figures, history, alerts, and what other monitors ask for over HTTP.

    The configuration is /etc/guestwire/guestwire.toml if it is there; options win over it. SIGHUP reads it again.
    """
    from guestwire.daemon.launch import Choices, serve

    serve(Choices(config, guests, listen, data_dir, interval, discover))
