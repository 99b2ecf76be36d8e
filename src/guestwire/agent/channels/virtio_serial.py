"""`virtio-serial`: a port of the virtio console device, the usual channel of a guest agent."""

from __future__ import annotations

import os

from guestwire.agent.channels.device import DeviceChannel


class VirtioSerial(DeviceChannel):
    """The kernel lets one process at a time have the port; the host may come and go meanwhile."""

    def open_device(self) -> int:
        """See `DeviceChannel`."""
        fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        if os.isatty(fd):  # FreeBSD's vtcon ports are terminals
            import termios

            modes = termios.tcgetattr(fd)
            modes[3] &= ~termios.ECHO
            termios.tcsetattr(fd, termios.TCSANOW, modes)
        return fd

    def ends_with_host(self) -> bool:
        """See `DeviceChannel`."""
        return True
