"""guest-get-users and guest-set-user-password on Windows."""

from __future__ import annotations

from guestwire.agent.base64 import b64decode
from guestwire.agent.system.windows.accounts import set_password
from guestwire.agent.system.windows.sessions import logins
from guestwire.agent.system.windows.win32 import failure
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def guest_get_users() -> list[dict[str, Any]]:
    """Each user that is logged in once, with the time of the earliest login that lasts."""
    try:
        found = logins()
    except OSError as error:
        raise failure("failed to list the sessions", error) from None
    since: dict[tuple[str, str], float] = {}
    for user, domain, seconds in found:
        since[user, domain] = min(seconds, since.get((user, domain), seconds))
    return [
        {"user": user, "domain": domain, "login-time": seconds} for (user, domain), seconds in since.items()
    ]


def guest_set_user_password(username: str, password: str, crypted: bool) -> None:
    """`password` is base64 of UTF-8. Windows takes no password that is crypted already."""
    if crypted:
        raise CommandError("'crypted' must be off on this host")
    try:
        secret = b64decode(password).decode("utf-8")
    except UnicodeDecodeError:
        raise CommandError("the password is not UTF-8") from None
    if "\0" in secret or "\0" in username:
        raise CommandError("forbidden characters in username or password")
    try:
        set_password(username, secret)
    except OSError as error:
        raise failure("failed to set password", error) from None
