"""`guestwire cat`: files of guests, on standard output."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from guestwire.cli import completing, guests, many, options, places, raw
from guestwire.cli.output import complain, print_json
from guestwire.cli.status import FAILED, OK
from guestwire.errors import CommandError, GuestwireError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from guestwire.cli.guests import Guest
    from guestwire.cli.options import Common
    from guestwire.cli.places import Place
    from guestwire.client import GuestAgent


@click.command
@click.argument(
    "files", nargs=-1, required=True, metavar="GUEST:PATH...", shell_complete=completing.guest_file
)
@click.option("--raw", "as_it_is", is_flag=True, help="Send control characters to the terminal as they are.")
@options.common
def command(files: tuple[str, ...], as_it_is: bool, common: Common) -> int:
    """Print files of guests, one after the other.

    Into a pipe or file goes every byte as it is. On a terminal control characters are shown instead of sent, unless
    --raw is given. GUEST may be a glob. With --json each file is an object with its bytes in base64. A file that
    cannot be read does not stop the others.
    """
    found = [_of_guest(word) for word in files]
    alone = len(files) == 1 and guests.is_one([found[0].guest or ""])
    write = raw.writer(as_it_is)
    collected = []
    status = OK
    with ExitStack() as stack:
        open_ = _Agents(stack, common)
        for guest, path in _each(found):
            try:
                told = _read(open_(guest), path, write if common.for_people else None)
            except GuestwireError as error:
                if isinstance(error, CommandError):
                    error.text += places.hint(path)
                if alone and not common.jsonl:
                    raise
                status = FAILED
                if common.for_people:
                    complain(error)
                told = {"error": many.fault(error)}
            row = {"guest": guest.name, "path": path, **told}
            if common.jsonl:
                print_json(row, indent=0)
            collected.append(row)
    if common.json:
        print_json(collected[0] if alone else collected)
    return status


class _Agents:
    """The guests' clients, each opened once."""

    def __init__(self, stack: ExitStack, common: Common) -> None:
        self._stack, self._common = stack, common
        self._agents: dict[str, GuestAgent] = {}

    def __call__(self, guest: Guest) -> GuestAgent:
        if guest.address not in self._agents:
            connected = guests.connected(guest, self._common.timeout)
            self._agents[guest.address] = self._stack.enter_context(connected)
        return self._agents[guest.address]


def _each(found: list[Place]) -> Iterator[tuple[Guest, str]]:
    for place in found:
        for guest in guests.find([place.guest or ""]):
            yield guest, place.path


def _read(agent: GuestAgent, path: str, write: Callable[[bytes], None] | None) -> dict[str, Any]:
    """Print a file with `write`; without it, return what is in it."""
    if write is None:
        return {"data": agent.read_file(path)}
    agent.receive(path, write)
    write(b"")
    return {}


def _of_guest(word: str) -> Place:
    place = places.parse(word)
    if place.guest is None:
        raise click.UsageError(f"{word!r} names no guest: write GUEST:PATH, such as web1:/etc/hosts.")
    return place
