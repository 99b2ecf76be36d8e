"""`guestwire wait`: until a guest's agent answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from guestwire.cli import many, options

if TYPE_CHECKING:
    from guestwire.cli.options import Common

_PATIENCE = 60.0
_ALL = 256


@click.command
@options.guests
@click.option(
    "--needs",
    multiple=True,
    metavar="COMMAND",
    help="Fail at once when the agent lacks this command or forbids it; may be repeated.",
)
@options.common
def command(guests: tuple[str, ...], needs: tuple[str, ...], common: Common) -> int:
    """Wait until a guest's agent answers, a minute or --timeout SECONDS.

    When time is up, the error says what is missing: the socket, a listener, an answer, or the turn that another
    client has.
    """
    patience = common.timeout or _PATIENCE
    common = common._replace(
        parallel=max(common.parallel, _ALL)
    )  # waiting costs nothing; one that waits delays none
    return many.each(guests, common, lambda agent: _wait(agent, needs, patience), _show)


def _wait(agent: Any, needs: tuple[str, ...], patience: float) -> dict[str, Any]:
    began = agent.session.clock()
    commands = agent.wait_ready(needs=needs, timeout=patience)
    return {"waited": round(agent.session.clock() - began, 3), "commands": sorted(commands)}


def _show(value: dict[str, Any]) -> str:
    return f"ready after {value['waited']:.1f} s, {len(value['commands'])} commands enabled"
