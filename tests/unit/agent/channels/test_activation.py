from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from guestwire.agent.channels.activation import Activated, method_of, take
from guestwire.errors import StartError


@pytest.mark.parametrize(
    ("pid", "count", "taken"),
    [("7", "1", 1), ("7", "3", 3), ("8", "1", 0), ("7", "x", 0), ("", "1", 0), ("7", "", 0)],
)
def test_taking(pid: str, count: str, taken: int) -> None:
    environ = {"LISTEN_PID": pid, "LISTEN_FDS": count, "LISTEN_FDNAMES": "a", "HOME": "/"}
    assert take(environ, pid=7) == taken
    assert environ == {"HOME": "/"}


def test_the_own_pid_counts() -> None:
    assert take({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}) == 1
    assert take({}) == 0


def test_kinds() -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        assert method_of(0, sock.fileno()) is None
        assert method_of(1, sock.fileno()) == "unix-listen"
        with pytest.raises(StartError, match="2 sockets were handed over"):
            method_of(2, sock.fileno())
        sock.getsockname()  # still open


@pytest.mark.parametrize(
    ("family", "kind"), [(socket.AF_INET, socket.SOCK_STREAM), (socket.AF_UNIX, socket.SOCK_DGRAM)]
)
def test_kinds_of_no_use(family: int, kind: int) -> None:
    with (
        socket.socket(family, kind) as sock,
        pytest.raises(StartError, match="unsupported listen fd type: use a stream socket"),
    ):
        method_of(1, sock.fileno())


def test_vsock(monkeypatch: pytest.MonkeyPatch) -> None:
    import _socket

    with socket.socket(socket.AF_INET) as sock:
        monkeypatch.setattr(_socket, "AF_VSOCK", socket.AF_INET)
        assert method_of(1, sock.fileno()) == "vsock-listen"


def test_not_a_socket(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file, pytest.raises(StartError, match="is not a socket"):
        method_of(1, file.fileno())
    with pytest.raises(StartError, match="is not a socket"):
        method_of(1, 999)


def test_serving_on_it(tmp_path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))
    listener.listen(1)
    listener.setblocking(False)
    os.set_inheritable(listener.fileno(), True)
    fd = listener.detach()
    channel = Activated(fd)
    channel.open()
    assert os.get_blocking(fd)
    assert not os.get_inheritable(fd)
    with socket.socket(socket.AF_UNIX) as host:
        host.connect(str(tmp_path / "s"))
        line = channel.accept()
        host.sendall(b"x")
        assert line.read() == b"x"
        line.close()
    channel.close()
