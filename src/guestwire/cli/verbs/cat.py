"""`guestwire cat`: print files of guests."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from guestwire.cli import guests, options, places, raw
from guestwire.cli.output import print_json

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.cli.places import Place
    from guestwire.client import GuestAgent


@click.command
@click.argument("files", nargs=-1, required=True, metavar="GUEST:PATH...")
@click.option("--raw", "as_it_is", is_flag=True, help="Send control characters to the terminal as they are.")
@options.common
def command(files: tuple[str, ...], as_it_is: bool, common: Common) -> int:
    """Print files of guests, one after the other.

    Into a pipe or file goes every byte as it is. On a terminal control characters are shown instead of sent, unless
    --raw is given. GUEST may be a glob. With --json each file is an object with its bytes in base64.
    """
    found = [_of_guest(word) for word in files]
    write = raw.writer(as_it_is)
    collected = []
    with ExitStack() as stack:
        agents: dict[str, GuestAgent] = {}
        for place in found:
            for guest in guests.find([place.guest or ""]):
                if guest.address not in agents:
                    agents[guest.address] = stack.enter_context(guests.connected(guest, common.timeout))
                agent = agents[guest.address]
                if common.for_people:
                    agent.receive(place.path, write)
                    write(b"")
                    continue
                told = {"guest": guest.name, "path": place.path, "data": agent.read_file(place.path)}
                if common.jsonl:
                    print_json(told, indent=0)
                collected.append(told)
    if common.json:
        print_json(collected if len(collected) != 1 else collected[0])
    return 0


def _of_guest(word: str) -> Place:
    place = places.parse(word)
    if place.guest is None:
        raise click.UsageError(f"{word!r} names no guest: write GUEST:PATH, such as web1:/etc/hosts.")
    return place
