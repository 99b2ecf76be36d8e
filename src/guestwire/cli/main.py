"""`guestwire`: finds the verb, runs it, and turns whatever goes wrong into one line and an exit status."""

from __future__ import annotations

import os
import signal
import sys

if sys.version_info < (3, 11):
    sys.exit("guestwire: the host side needs Python 3.11 or later; the agent (guestwire-agent) runs on 3.9")

from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

try:
    import click
except ModuleNotFoundError as missing:
    sys.exit(f"guestwire: the library {missing.name!r} is missing; install guestwire with its dependencies")

from guestwire import __version__
from guestwire.cli import status
from guestwire.cli.examples import epilog
from guestwire.cli.index import SECTIONS, VERBS
from guestwire.cli.output import complain, told
from guestwire.errors import ConfigError, GuestwireError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem


_MONITORS = ("aiohttp", "apprise", "cramjam")  # the libraries of the extra `monitor`


class Ended(KeyboardInterrupt):
    """SIGTERM or SIGHUP: cleaned up after as Ctrl-C is, so that a freeze never outlives its verb."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class ReaderLeft(Exception):
    """Nobody reads our output any more. Click would make status 1 of the BrokenPipeError."""


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
        command.epilog = epilog(cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderLeft from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, but a word that is no verb gets the one that is most like it."""
        word = args[0]
        if word in VERBS or word.startswith("-"):
            return super().resolve_command(ctx, args)
        from guestwire.cli.commands import similar

        raise click.UsageError(f"there is no verb {word!r}{similar(word, list(VERBS))}", ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Verbs with their lines of help, from the index alone; options once one is begun."""
        from click.shell_completion import CompletionItem

        verbs = [
            CompletionItem(name, help=text) for name, text in VERBS.items() if name.startswith(incomplete)
        ]
        return (
            verbs if not incomplete.startswith("-") else click.Command.shell_complete(self, ctx, incomplete)
        )

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The tables of verbs, from the index alone."""
        left = dict(VERBS)
        for title, names in SECTIONS.items():
            rows = [(name, left.pop(name)) for name in names.split() if name in left]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
        with formatter.section("Look things up"):
            formatter.write_dl(list(left.items()))


@click.group(
    cls=Verbs,
    subcommand_metavar="VERB ...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="guestwire")
def guestwire() -> None:
    """Work with virtual machines through their QEMU guest agent, without any network in them.

    A guest is named by its name, by a glob ('web*'), or by an address that needs no configuration: unix:PATH,
    vsock:CID:PORT, tcp:HOST:PORT, libvirt:URI/DOMAIN.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line. Returns the exit status."""
    try:
        returned = guestwire.main(arguments, prog_name="guestwire", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as error:
        end = error.__cause__ if isinstance(error, click.Abort) else error  # click wraps what it catches
        return status.SIGNALLED + end.number if isinstance(end, Ended) else status.INTERRUPTED
    except (ReaderLeft, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes once more
        return status.BROKEN_PIPE
    except (ConfigError, SchemaError) as error:
        return _say(error, status.WRONG_USAGE)
    except GuestwireError as error:
        return _say(error, status.FAILED)
    except OSError as error:
        return _say(told(error), status.FAILED)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("guestwire"):
            raise
        what = "guestwire[monitor]" if error.name in _MONITORS else "guestwire with its dependencies"
        return _say(f"the library {error.name!r} is missing; install {what}", status.FAILED)
    return returned if isinstance(returned, int) else status.OK


def program() -> None:
    """The console script: `main` with signals and streams as a program wants them."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup's choice stays
            signal.signal(number, _end)
    if "_GUESTWIRE_COMPLETE" in os.environ:
        from guestwire.cli import shells  # noqa: F401 - it registers itself
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    _leave(main())


def _leave(code: int) -> NoReturn:
    """End with this status, at once: to take the interpreter apart first costs more time than most verbs do."""
    import atexit
    import threading

    if threading.active_count() > 1 or sys.getprofile() or sys.flags.dev_mode:
        sys.exit(code)
    with suppress(Exception):
        atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        sys.exit(code)  # which says what is wrong with the stream
    os._exit(code)


def _end(number: int, frame: Any) -> None:
    signal.signal(number, signal.SIG_IGN)  # once is enough: cleaning up goes on
    raise Ended(number)


def _say(error: Exception | str, code: int) -> int:
    complain(error)
    return code


if __name__ == "__main__":
    program()
