from __future__ import annotations

import fcntl
import os
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from guestwire.agent.channels.isa_serial import IsaSerial, make_raw
from guestwire.agent.log import Log
from guestwire.errors import StartError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def tty() -> Iterator[tuple[int, str]]:
    """The host's end, and the path of the guest's end, of a pseudo terminal."""
    host, guest = os.openpty()
    path = os.ttyname(guest)
    yield host, path
    os.close(guest)
    os.close(host)


def test_bytes_pass_unchanged(tty: tuple[int, str]) -> None:
    host, path = tty
    channel = IsaSerial(path, False, Log(environ={}))
    channel.open()
    line = channel.accept()
    every = bytes(range(256)) + b"\xff\x00\r\n\x03\x04"
    os.write(host, every)
    received = b""
    while len(received) < len(every):
        received += line.read()
    assert received == every
    assert line.write(every, b"end")
    received = b""
    while len(received) < len(every) + 3:
        received += os.read(host, 1000)
    assert received == every + b"end"
    channel.close()


def test_the_settings(tty: tuple[int, str]) -> None:
    _, path = tty
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    make_raw(fd)
    iflag, oflag, cflag, lflag, _, _, control = termios.tcgetattr(fd)
    assert (iflag & (termios.ICRNL | termios.IXON | termios.ISTRIP | termios.IMAXBEL), oflag, lflag) == (
        0,
        0,
        0,
    )
    assert cflag & termios.B38400 == termios.B38400
    assert (control[termios.VMIN], control[termios.VTIME]) == (1, 0) or control[termios.VMIN] == b"\x01"
    os.close(fd)


def test_what_came_before_the_agent_is_dropped(tty: tuple[int, str]) -> None:
    host, path = tty
    os.write(host, b"noise\n")
    channel = IsaSerial(path, False, Log(environ={}))
    channel.open()
    os.write(host, b"x")
    assert channel.accept().read() == b"x"
    channel.close()


def test_a_second_agent_is_refused(tty: tuple[int, str]) -> None:
    _, path = tty
    first = IsaSerial(path, False, Log(environ={}))
    first.open()
    with pytest.raises(StartError, match="another agent uses it; stop it first"):
        IsaSerial(path, False, Log(environ={})).open()
    first.close()


def test_not_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(StartError, match=r"cannot open .*: Inappropriate ioctl for device"):
        IsaSerial(str(tmp_path / "file"), False, Log(environ={})).open()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_hang_up_ends_the_line() -> None:
    host, guest = os.openpty()
    path = os.ttyname(guest)
    channel = IsaSerial(path, False, Log(environ={}))
    channel.open()
    os.close(guest)
    line = channel.accept()
    os.close(host)
    assert line.read() == b""
    assert not line.write(b"x")
    with pytest.raises(StartError):
        channel.accept()


def test_descriptors_are_closed_on_exec(tty: tuple[int, str]) -> None:
    fd = IsaSerial(tty[1], False, Log(environ={})).open_device()
    assert fcntl.fcntl(fd, fcntl.F_GETFD) & fcntl.FD_CLOEXEC
    os.close(fd)
