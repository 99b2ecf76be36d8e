"""guest-get-osinfo on Windows."""

from __future__ import annotations

from guestwire.agent.system.windows import osversion


def guest_get_osinfo() -> dict[str, str]:
    """The members that QEMU's agent gives on Windows, with its values."""
    kernel = osversion.version()
    number = (kernel.dwMajorVersion, kernel.dwMinorVersion, kernel.dwBuildNumber)
    server = kernel.wProductType != osversion.VER_NT_WORKSTATION
    release = osversion.release(number, server)
    variant = "server" if server else "client"
    family = "Microsoft Windows Server" if server else "Microsoft Windows"
    return {
        "kernel-release": str(number[2]),
        "kernel-version": f"{number[0]}.{number[1]}",
        "machine": osversion.machine(),
        "id": "mswindows",
        "name": "Microsoft Windows",
        "pretty-name": osversion.product_name() or f"{family} {release}".strip(),
        "version": f"{family} {release}".strip(),
        "version-id": release or "N/A",
        "variant": variant,
        "variant-id": variant,
    }
