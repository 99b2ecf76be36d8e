"""guest-get-users and guest-set-user-password on Linux."""

from __future__ import annotations

from guestwire.agent.base64 import b64decode
from guestwire.agent.system.linux.helper import run_helper
from guestwire.agent.system.linux.logins import logins
from guestwire.agent.text import to_os
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.agent.state import AgentState


def guest_get_users(agent: AgentState) -> list[dict[str, Any]]:
    """Each user that is logged in once, with the time of the earliest login that lasts."""
    since: dict[str, float] = {}
    for user, seconds in logins(agent.root):
        since[user] = min(seconds, since.get(user, seconds))
    return [{"user": user, "login-time": seconds} for user, seconds in since.items()]


def guest_set_user_password(username: str, password: str, crypted: bool) -> None:
    """Hand the password to chpasswd(8), on its stdin. `crypted` says that it is a crypt(3) hash already."""
    secret = b64decode(password)
    if b"\n" in secret or b"\0" in secret:
        raise CommandError("forbidden characters in raw password")
    if any(char in username for char in "\n:\0"):
        raise CommandError("forbidden characters in username")
    argv = ["chpasswd", "-e"] if crypted else ["chpasswd"]
    run_helper(argv, "set user password", b"%s:%s\n" % (to_os(username), secret))
