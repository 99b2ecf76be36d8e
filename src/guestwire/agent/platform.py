"""The operating system: the only file that asks which one this is. Everything else asks here."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LINUX = "linux"
FREEBSD = "freebsd"
WINDOWS = "windows"
OTHER_POSIX = "other-posix"

# What QEMU's build would define, by platform: the names that the schema's `if` conditions use.
_SYMBOLS = {
    LINUX: "CONFIG_POSIX CONFIG_LINUX CONFIG_FSFREEZE CONFIG_FSTRIM CONFIG_LIBUDEV CONFIG_GETLOADAVG"
    " HAVE_GETIFADDRS HAVE_UTMPX",
    FREEBSD: "CONFIG_POSIX CONFIG_FREEBSD CONFIG_FSFREEZE CONFIG_GETLOADAVG HAVE_GETIFADDRS HAVE_UTMPX",
    WINDOWS: "CONFIG_WIN32",
    OTHER_POSIX: "CONFIG_POSIX CONFIG_GETLOADAVG HAVE_GETIFADDRS HAVE_UTMPX",
}

_VIRTIO_PORT = {
    LINUX: "/dev/virtio-ports/org.qemu.guest_agent.0",
    FREEBSD: "/dev/vtcon/org.qemu.guest_agent.0",
    WINDOWS: r"\\.\Global\org.qemu.guest_agent.0",
    OTHER_POSIX: "/dev/virtio-ports/org.qemu.guest_agent.0",
}


def name_of(platform: str) -> str:
    """The platform's name in guestwire for a value of `sys.platform`."""
    if platform.startswith("linux"):
        return LINUX
    if platform.startswith("freebsd"):
        return FREEBSD
    if platform == "win32":
        return WINDOWS
    return OTHER_POSIX


_CURRENT = name_of(sys.platform)


def current() -> str:
    """One of `linux`, `freebsd`, `windows`, `other-posix`."""
    return _CURRENT


def symbols(platform: str | None = None) -> frozenset[str]:
    """The symbols that hold in the schema's `if` conditions."""
    return frozenset(_SYMBOLS[platform or _CURRENT].split())


def default_path(method: str, platform: str | None = None) -> str | None:
    """Where `method` finds its device when no path is given; None when it has no such place."""
    platform = platform or _CURRENT
    if method == "virtio-serial":
        return _VIRTIO_PORT[platform]
    if method == "isa-serial":
        return "COM1" if platform == WINDOWS else "/dev/ttyS0"
    return None


def data_folder(environ: Mapping[str, str], platform: str | None = None) -> str | None:
    """Windows' folder for what a service keeps, of which it has one for all purposes; None on POSIX."""
    if (platform or _CURRENT) != WINDOWS:
        return None
    return environ.get("ProgramData", r"C:\ProgramData") + r"\guestwire"
