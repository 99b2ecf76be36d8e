"""`guestwire`: finds the verb, runs it, and turns whatever goes wrong into one line and an exit status."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from guestwire import __version__
from guestwire.cli.index import VERBS
from guestwire.errors import ConfigError, GuestwireError

if TYPE_CHECKING:
    from collections.abc import Sequence

FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130
"""Exit statuses beside 0; `exec` passes on the program's own."""


class Verbs(click.Group):
    """The group of all verbs, which imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, for help and completion."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb, imported now; None for a word that is none."""
        if cmd_name not in VERBS:
            return None
        module = import_module(f"guestwire.cli.verbs.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of verbs, from the index alone."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="guestwire")
def guestwire() -> None:
    """Work with virtual machines through their QEMU guest agent, without any network in them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line. Returns the exit status."""
    try:
        status = guestwire.main(arguments, prog_name="guestwire", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except ConfigError as error:
        return _say(error, WRONG_USAGE)
    except GuestwireError as error:
        return _say(error, FAILED)
    except OSError as error:
        return _say(error, FAILED)
    return status if isinstance(status, int) else 0


def _say(error: Exception, status: int) -> int:
    print(f"guestwire: {error}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
