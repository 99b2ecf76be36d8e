"""What POSIX tells of any filesystem."""

from __future__ import annotations

import os

from guestwire.agent.text import to_os
from guestwire.errors import CommandError

_MEMBERS = (
    "f_bsize",
    "f_frsize",
    "f_blocks",
    "f_bfree",
    "f_bavail",
    "f_files",
    "f_ffree",
    "f_favail",
    "f_fsid",
    "f_flag",
    "f_namemax",
)


def guest_get_statvfs(path: str) -> dict[str, int]:
    """The answer of statvfs(3) for the filesystem that holds `path`."""
    try:
        status = os.statvfs(to_os(path))
    except OSError as error:
        raise CommandError.from_os(f"failed to get the statistics of '{path}'", error) from None
    return {member: getattr(status, member) for member in _MEMBERS}
