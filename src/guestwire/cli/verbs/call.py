"""`guestwire call`: one command of the guest agent, with arguments by its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from guestwire.cli import arguments, commands, guests, many, options
from guestwire.cli.output import Text, as_json
from guestwire.errors import CommandDisabled, CommandError, CommandNotFound, ConfigError

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.client.driver import Driver
    from guestwire.schema.model import Command


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Guests, then commands, then arguments with their values."""
    words: tuple[str, ...] = ctx.params.get("words") or ()
    if not words:
        return [*options.complete_guest(incomplete), *_names(incomplete)]
    if len(words) == 1:
        return _names(incomplete)
    command = commands.known(ctx.params.get("schemas") or ()).get(words[1])
    return arguments.complete(command, incomplete) if command else []


def _names(incomplete: str) -> list[str]:
    return [name for name in commands.known() if name.startswith(incomplete)]


@click.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument(
    "words",
    nargs=-1,
    type=click.UNPROCESSED,
    metavar="GUEST COMMAND [KEY=VALUE | --KEY VALUE | KEY:=JSON]...",
    shell_complete=_complete,
)
@options.schemas
@options.common
@click.option("-h", "--help", "wants_help", is_flag=True, help="Show this help, or that of the COMMAND.")
@click.pass_context
def command(
    ctx: click.Context, words: tuple[str, ...], schemas: tuple[str, ...], wants_help: bool, common: Common
) -> int:
    """Call one command of the guest agent and print what it returns, as JSON.

    Arguments take the types that the schema gives them: `arg=-l arg=/tmp` makes a list, nested values are JSON, and
    `key:=JSON` sends any value. `guestwire call guest-file-open --help` describes a command; a command that no schema
    knows can be called all the same.
    """
    known = commands.known(schemas)
    if wants_help:
        from guestwire.cli import reference

        named = next((word for word in words[:2] if word in known), None)
        click.echo(reference.command_help(named, schemas) if named else ctx.get_help())
        return 0
    if len(words) < 2 or words[0] in known:
        raise click.UsageError("write GUEST COMMAND; `guestwire schema` lists the commands", ctx)
    guest, name, *rest = words
    wanted = known.get(name)
    given = arguments.parse(wanted, rest) if wanted else arguments.guess(rest)
    work = _Call(name, given, wanted, list(known))
    return many.each([guest], common, work, lambda value: Text(as_json(value)), connect=guests.connected_lean)


class _Call:
    """The work on one guest."""

    def __init__(self, name: str, given: dict[str, Any], wanted: Command | None, known: list[str]) -> None:
        self._name = name
        self._given = given
        self._wanted = wanted
        self._known = known

    def __call__(self, agent: Driver) -> Any:
        if self._wanted is not None and not self._wanted.success_response:
            from guestwire.client.codec import Command as Wire
            from guestwire.client.flows import ask_silent

            silent: Wire[None] = Wire(self._name, None, silent=True)
            return agent.drive(ask_silent(agent.session, silent, silent.encode(self._given)))
        try:
            return agent.execute(self._name, self._given)
        except CommandDisabled:
            raise
        except CommandNotFound as error:
            if self._wanted is None:
                error.text += commands.similar(self._name, self._known)
            raise
        except CommandError as error:
            if self._wanted is not None:
                error.text += arguments.hint(self._wanted, self._given)
            raise
        except ValueError as error:
            raise ConfigError(str(error)) from None
