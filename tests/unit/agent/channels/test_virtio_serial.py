from __future__ import annotations

import fcntl
import os
import termios
from pathlib import Path

from guestwire.agent.channels.virtio_serial import VirtioSerial
from guestwire.agent.log import Log


def test_how_the_port_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "port")
    channel = VirtioSerial(str(tmp_path / "port"), False, Log(environ={}))
    fd = channel.open_device()
    assert fcntl.fcntl(fd, fcntl.F_GETFL) & (os.O_ACCMODE | os.O_NONBLOCK) == os.O_RDWR | os.O_NONBLOCK
    assert not os.get_inheritable(fd)
    os.close(fd)
    assert channel.ends_with_host()


def test_a_port_that_is_a_terminal_does_not_echo() -> None:
    host, guest = os.openpty()
    fd = VirtioSerial(os.ttyname(guest), False, Log(environ={})).open_device()
    assert not termios.tcgetattr(fd)[3] & termios.ECHO
    for each in (fd, guest, host):
        os.close(each)
