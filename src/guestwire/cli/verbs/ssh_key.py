"""`guestwire ssh-key`: the keys that may log in to the guest over SSH."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from guestwire.cli import many, options
from guestwire.cli.output import Table
from guestwire.errors import ConfigError

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.client import GuestAgent
    from guestwire.client.types import GuestAuthorizedKeys

_KINDS = ("ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-")
_LONGEST = 1 << 20  # bytes of a file of keys


class Keys(Struct):
    """What was done for which user, with how many keys."""

    user: str
    done: str
    keys: int


@click.group
def command() -> None:
    """List, add and remove keys in a user's authorized_keys.

    GUEST may be a glob. KEY is a file of public keys such as ~/.ssh/id_ed25519.pub, `-` for standard input, or a key
    itself, in quotes.
    """


@command.command("list")
@options.guest
@click.argument("user")
@options.common
def list_(guest: str, user: str, common: Common) -> int:
    """Show the keys that may log in as USER."""
    return many.each(
        [guest], common, lambda agent: agent.guest_ssh_get_authorized_keys(user, timeout=common.timeout), show
    )


@command.command
@options.guest
@click.argument("user")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option("--reset", is_flag=True, help="Remove all other keys.")
@options.common
def add(guest: str, user: str, keys: tuple[str, ...], reset: bool, common: Common) -> int:
    """Let the holders of KEY log in as USER."""
    wanted = read_keys(keys)

    def work(agent: GuestAgent) -> Keys:
        agent.guest_ssh_add_authorized_keys(user, wanted, reset or None, timeout=common.timeout)
        return Keys(user, "reset" if reset else "added", len(wanted))

    return many.each([guest], common, work, _say)


@command.command
@options.guest
@click.argument("user")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@options.common
def remove(guest: str, user: str, keys: tuple[str, ...], common: Common) -> int:
    """Let the holders of KEY no longer log in as USER. A key that is not there is no error."""
    wanted = read_keys(keys)

    def work(agent: GuestAgent) -> Keys:
        agent.guest_ssh_remove_authorized_keys(user, wanted, timeout=common.timeout)
        return Keys(user, "removed", len(wanted))

    return many.each([guest], common, work, _say)


def show(found: GuestAuthorizedKeys) -> Table:
    """A row a key. The base64 is shortened to its end, by which people know a key."""
    rows = []
    for key in found.keys:
        parts = key.split(None, 2)
        plain = len(parts) > 1 and parts[0].startswith(_KINDS)
        rows.append(
            (parts[0], f"…{parts[1][-12:]}", parts[2] if parts[2:] else None) if plain else (None, None, key)
        )
    return Table(["kind", "key", "comment or options"], rows, empty="no keys")


def read_keys(words: tuple[str, ...]) -> list[str]:
    """The public keys in files, on standard input, or in the words themselves. Raises `ConfigError`, `OSError`."""
    keys: list[str] = []
    for word in words:
        text = word if word.startswith(_KINDS) and " " in word else _content(word)
        if "PRIVATE KEY-----" in text:
            raise ConfigError(
                f"{word} is a private key, which must stay secret: give the public one, {word}.pub"
            )
        found = [
            line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
        ]
        if not found or not all(_is_key(line) for line in found):
            raise ConfigError(f"{word} holds no public SSH keys")
        keys += found
    return keys


def _content(word: str) -> str:
    if word == "-":
        return sys.stdin.read(_LONGEST)
    path = Path(word).expanduser()
    if " " in word and not path.exists():
        raise ConfigError(f"{word!r} is neither a public SSH key nor a file")
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_LONGEST)


def _is_key(line: str) -> bool:
    """Whether it reads as a line of authorized_keys, with or without options in front."""
    parts = line.split()
    return any(part.startswith(_KINDS) and parts[at + 1 :] for at, part in enumerate(parts))


def _say(keys: Keys) -> str:
    what = f"{keys.keys} key{'s' if keys.keys != 1 else ''}"
    return f"{what} {'now the only ones' if keys.done == 'reset' else keys.done} for {keys.user}"
