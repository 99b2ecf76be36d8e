"""`isa-serial`: a serial port, in raw mode."""

from __future__ import annotations

import fcntl
import os

from guestwire.agent.channels.device import DeviceChannel


class IsaSerial(DeviceChannel):
    """A terminal device. Nothing on it tells whether a host is connected; its end of file is a hang-up."""

    def open_device(self) -> int:
        """See `DeviceChannel`."""
        fd = os.open(self.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            make_raw(fd)
            fcntl.flock(
                fd, fcntl.LOCK_EX | fcntl.LOCK_NB
            )  # a terminal may be opened twice, an agent's must not
        except BaseException:
            os.close(fd)
            raise
        return fd

    def ends_with_host(self) -> bool:
        """See `DeviceChannel`. After a hang-up the descriptor is dead, a new one works."""
        return False


def make_raw(fd: int) -> None:
    """Make the terminal pass every byte unchanged; what it received so far is dropped. OSError if it is none."""
    import termios as t

    try:
        modes = t.tcgetattr(fd)
        modes[0] &= ~(t.IGNBRK | t.BRKINT | t.IGNPAR | t.PARMRK | t.INPCK | t.ISTRIP | t.INLCR | t.IGNCR)
        modes[0] &= ~(t.ICRNL | t.IXON | t.IXOFF | t.IXANY | t.IMAXBEL)
        modes[1] = 0
        modes[2] |= t.B38400
        modes[3] = 0
        modes[6][t.VMIN] = 1
        modes[6][t.VTIME] = 0
        t.tcflush(fd, t.TCIFLUSH)
        t.tcsetattr(fd, t.TCSANOW, modes)
    except t.error as error:
        raise OSError(error.args[0], os.strerror(error.args[0])) from None
