"""guest-get-host-name, the part of the osinfo group that is the same on every OS."""

from __future__ import annotations

import os


def guest_get_host_name() -> dict[str, str]:
    """The name the kernel holds, not what a name service makes of it."""
    if hasattr(os, "uname"):
        return {"host-name": os.uname().nodename}
    import socket  # no uname on Windows

    return {"host-name": socket.gethostname()}
