"""What the kernel and udev tell about block devices, over a netlink socket (NETLINK_KOBJECT_UEVENT).

The kernel tells of a device when it appears, changes or goes (group 1); udevd tells once more when it has written
what it knows of it to /run/udev (group 2).
"""

from __future__ import annotations

from _socket import AF_NETLINK, SO_RCVBUF, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOL_SOCKET, socket
from errno import ENOBUFS

_NETLINK_KOBJECT_UEVENT = 15
_KERNEL_AND_UDEV = 1 | 2
# Enough for a few dozen events; when more came than fit, the kernel says so, which is an answer as well.
_BUFFER = 32768
_MESSAGE = 8192


class BlockEvents:
    """OSError when this process can't hear of the events of the machine's devices."""

    def __init__(self) -> None:
        if not _of_first_user_namespace():
            raise PermissionError("events of devices are not told to this user namespace")
        self._socket = socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, _NETLINK_KOBJECT_UEVENT)
        self._socket.setsockopt(SOL_SOCKET, SO_RCVBUF, _BUFFER)
        self._socket.bind((0, _KERNEL_AND_UDEV))

    def close(self) -> None:
        """Hear no more."""
        self._socket.close()

    def any(self) -> bool:
        """True when a block device has changed since the last call."""
        found = False
        while True:
            try:
                message = self._socket.recv(_MESSAGE)
            except BlockingIOError:
                return found
            except OSError as error:
                if error.errno != ENOBUFS:
                    return True
                found = True  # events were lost
                continue
            if b"\0SUBSYSTEM=block\0" in message:
                found = True


def _of_first_user_namespace() -> bool:
    """Events of devices go to the network namespaces of the first user namespace only, the one with all ids."""
    with open("/proc/self/uid_map", "rb") as file:
        return file.read().split() == [b"0", b"0", b"4294967295"]
