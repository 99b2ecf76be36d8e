"""`guestwire config`: the daemon's configuration."""

from __future__ import annotations

from pathlib import Path

import click

from guestwire.cli import options, records


@click.group
def command() -> None:
    """The configuration of `guestwire serve`."""


@command.command
@records.config
@options.output
def check(config: Path | None, json_: bool, jsonl: bool) -> None:
    """Read the configuration and the rules it names, and say what is wrong: a mistake is status 2.

    Nothing is started and nobody is asked.
    """
    from guestwire.cli.output import draw, print_json
    from guestwire.daemon.build import check as checked
    from guestwire.daemon.config import SYSTEM_FILE
    from guestwire.daemon.launch import Choices, configuration

    found = configuration(Choices(config))
    rules = checked(found)
    file = config or (SYSTEM_FILE if SYSTEM_FILE.exists() else None)
    host, port = found.listen
    if json_ or jsonl:
        plain = {"file": str(file) if file else None, "guests": len(found.guests), "rules": rules}
        print_json({**plain, "listen": f"{host}:{port}"}, indent=0 if jsonl else 2)
        return
    listed = f"{len(found.guests)} guests listed, {rules} rules, listening on {host}:{port}"
    draw(f"{file or 'no configuration file, the defaults hold'}: all is well: {listed}")
