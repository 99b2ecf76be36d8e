"""Which kind of system the guest is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from guestwire.client._methods import guest_get_osinfo
from guestwire.errors import CommandError

if TYPE_CHECKING:
    from guestwire.client.effects import Flow
    from guestwire.client.session import Session

_DRIVE = re.compile(r"[A-Za-z]:[\\/]|\\\\")


def is_windows(session: Session, path: str = "") -> Flow[bool]:
    """Whether the guest is Windows: by the look of a `path` of it, else by guest-get-osinfo."""
    if path.startswith("/"):
        return False
    if _DRIVE.match(path):
        return True
    try:
        return (yield from guest_get_osinfo(session)).id == "mswindows"
    except CommandError:
        return False
