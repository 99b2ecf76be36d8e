"""`python -m guestwire.web.passwd`: what the `[web]` table needs for a user or a token."""

from __future__ import annotations

import argparse
import getpass
import hashlib
import secrets
import sys
from collections.abc import Sequence

from guestwire.errors import GuestwireError
from guestwire.web.passwords import hashed
from guestwire.web.roles import ROLES

SHORTEST = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask for a password (or read one line from standard input), and print the table to paste."""
    parser = argparse.ArgumentParser("guestwire.web.passwd", description=main.__doc__)
    parser.add_argument("name", help="of the user or token")
    parser.add_argument("--role", choices=list(ROLES), default="viewer")
    parser.add_argument("--token", action="store_true", help="make a token for a program")
    options = parser.parse_args(arguments)
    name = '"' + options.name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if options.token:
        token = secrets.token_urlsafe(32)
        print(f"token, shown once: {token}", file=sys.stderr)
        digest = hashlib.sha256(token.encode()).hexdigest()
        print(f'[web.tokens.{name}]\nsha256 = "{digest}"\nrole = "{options.role}"')
        return 0
    password = _asked() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < SHORTEST:
        print(f"guestwire: a password has at least {SHORTEST} characters", file=sys.stderr)
        return 2
    try:
        print(f'[web.users.{name}]\npassword = "{hashed(password)}"\nrole = "{options.role}"')
    except GuestwireError as error:
        print(f"guestwire: {error}", file=sys.stderr)
        return 1
    return 0


def _asked() -> str:
    first = getpass.getpass("password: ")
    return first if getpass.getpass("again: ") == first else ""


if __name__ == "__main__":
    sys.exit(main())
