from __future__ import annotations

import os
import re
import socket
from contextlib import closing
from pathlib import Path

import pytest

from guestwire.agent.channels.unix_listen import UnixListen
from guestwire.errors import StartError


def stale(path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as left_behind:
        left_behind.bind(str(path))


def connect(path: Path) -> socket.socket:
    host = socket.socket(socket.AF_UNIX)
    host.connect(str(path))
    return host


def test_hosts_come_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "s"
    channel = UnixListen(str(path))
    channel.open()
    with closing(channel):
        for _ in range(3):
            with connect(path) as host, closing(channel.accept()) as line:
                host.sendall(b"hello")
                assert line.read() == b"hello"
                assert line.write(b"there")
                assert host.recv(9) == b"there"


def test_a_socket_left_behind_is_replaced(tmp_path: Path) -> None:
    stale(tmp_path / "s")
    channel = UnixListen(str(tmp_path / "s"))
    channel.open()
    connect(tmp_path / "s").close()
    channel.close()


def test_a_second_agent_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "s"
    first = UnixListen(str(path))
    first.open()
    for _ in range(4):  # more than the backlog holds
        with pytest.raises(StartError, match="another process listens there; stop it or use --path"):
            UnixListen(str(path)).open()
    first.accept().close()
    first.close()


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_other_files_are_never_removed(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "s"
    if kind == "file":
        path.write_text("dear")
    elif kind == "folder":
        path.mkdir()
    else:
        stale(tmp_path / "real")
        path.symlink_to("real")
    with pytest.raises(
        StartError, match=f"cannot listen on {re.escape(str(path))}: it is there and not a socket"
    ):
        UnixListen(str(path)).open()
    assert os.path.lexists(path)


def test_a_missing_folder_and_a_long_path(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"cannot listen on .*none/s: No such file or directory"):
        UnixListen(str(tmp_path / "none" / "s")).open()
    with pytest.raises(StartError, match="too long"):
        UnixListen(str(tmp_path / ("x" * 200))).open()


def test_an_old_socket_that_cannot_be_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(1, "")

    stale(tmp_path / "s")
    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(StartError, match=r"cannot replace the old socket .*: Operation not permitted"):
        UnixListen(str(tmp_path / "s")).open()
