"""`guestwire broker`: many clients on one guest's channel."""

from __future__ import annotations

from pathlib import Path

import click

_path = click.Path(path_type=Path, dir_okay=False)


@click.command
@click.option(
    "--guest",
    "guests",
    multiple=True,
    metavar="NAME=ADDRESS",
    help="A guest to serve, instead of those that are found; again for more.",
)
@click.option(
    "--run-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the sockets (default: /run/guestwire, or the user's own).",
)
@click.option("--policy", type=_path, help="Who may call what (default: the user that runs this, and root).")
@click.option("--audit", type=_path, help="File to note every call in.")
def command(
    *, guests: tuple[str, ...], run_dir: Path | None, policy: Path | None, audit: Path | None
) -> None:
    """Hold the channels of guests, and give every client a channel of its own: RUN_DIR/guests/NAME.sock.

    Any QGA client works through it. SIGHUP reads the policy again; SIGTERM thaws what was frozen, and ends.
    """
    import logging
    import sys

    from guestwire.broker.launch import Choices, serve

    logging.basicConfig(level=logging.INFO, format="guestwire: %(message)s", stream=sys.stderr)
    serve(Choices(guests, run_dir, policy, audit))
