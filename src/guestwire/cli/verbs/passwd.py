"""`guestwire passwd`: set a user's password in the guest."""

from __future__ import annotations

import base64
import sys
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from guestwire.cli import many, options

if TYPE_CHECKING:
    from guestwire.cli.options import Common
    from guestwire.client import GuestAgent

_LONGEST = 4096  # characters


class Changed(Struct):
    """Whose password was set."""

    user: str


@click.command
@click.argument("guest")
@click.argument("user")
@click.option(
    "--crypted", is_flag=True, help="The password is a hash already, as crypt(3) and `mkpasswd` make it."
)
@options.common
def command(guest: str, user: str, crypted: bool, common: Common) -> int:
    """Set the password of USER in GUEST (a glob sets it in several).

    It is asked for on a terminal, twice, and read from the first line of standard input otherwise. It is never an
    argument: everybody on this host could read it there.
    """
    password = _ask(user, crypted) if sys.stdin.isatty() else _first_line()
    encoded = base64.b64encode(password.encode()).decode()

    def work(agent: GuestAgent) -> Changed:
        agent.guest_set_user_password(user, encoded, crypted, timeout=common.timeout)
        return Changed(user)

    return many.each([guest], common, work, lambda changed: f"password of {changed.user} set")


def _ask(user: str, crypted: bool) -> str:
    what = "Hash" if crypted else "New password"
    password: str = click.prompt(
        f"{what} for {user}", hide_input=True, confirmation_prompt=not crypted, err=True
    )
    return password


def _first_line() -> str:
    line = sys.stdin.readline(_LONGEST + 1)
    password = line.removesuffix("\n").removesuffix("\r")
    if not password:
        raise click.UsageError("the password is the first line of standard input, and there is none.")
    if len(password) > _LONGEST:
        raise click.UsageError(f"a password of more than {_LONGEST} characters.")
    return password
