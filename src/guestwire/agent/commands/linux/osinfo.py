"""guest-get-osinfo on Linux: the kernel from uname(2), the distribution from os-release(5)."""

from __future__ import annotations

import os

from guestwire.agent.system.linux.osrelease import os_release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.state import AgentState

# Member of the answer -> name in os-release.
_MEMBERS = (
    ("id", "ID"),
    ("name", "NAME"),
    ("pretty-name", "PRETTY_NAME"),
    ("version", "VERSION"),
    ("version-id", "VERSION_ID"),
    ("variant", "VARIANT"),
    ("variant-id", "VARIANT_ID"),
)


def guest_get_osinfo(agent: AgentState) -> dict[str, str]:
    """What is not known is left out; never fails."""
    kernel = os.uname()
    release = os_release(agent.root)
    info = {
        "kernel-release": kernel.release,
        "kernel-version": kernel.version,
        "machine": kernel.machine,
    }
    for member, name in _MEMBERS:
        if name in release:
            info[member] = release[name]
    return info
