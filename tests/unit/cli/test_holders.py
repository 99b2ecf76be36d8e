"""Who is on a unix socket."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from guestwire.cli import holders

if TYPE_CHECKING:
    import pytest


def test_names_of_processes(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "comm").write_text("qemu-system-x86\n")
    assert holders.process_name(7, str(tmp_path)) == "qemu-system-x86 (pid 7)"
    assert holders.process_name(8, str(tmp_path)) == "pid 8"


def test_both_ends_are_found(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    connect = f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({path!r})"
    script = f"{connect}; print('there', flush=True); input()"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        assert holders.clients(path) == []
        with subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other:
            assert other.stdout
            assert other.stdout.readline() == b"there\n"
            connection, _ = server.accept()
            with connection, socket.socket(socket.AF_UNIX) as mine:
                mine.connect(path)
                assert holders.listener(mine) == os.getpid()
                assert other.pid in holders.clients(path)
            other.communicate(b"\n", timeout=30)


def test_a_kernel_that_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError

    monkeypatch.setattr(holders, "_sockets", refuse)
    assert holders.clients("/x") == []
