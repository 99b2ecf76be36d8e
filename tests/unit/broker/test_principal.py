from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from guestwire.broker import principal
from guestwire.broker.principal import HOST, Principal

NOBODY = 65534
OTHERS = (70001, 70002)

ANOTHER_USER = f"""
import os, socket, sys
line = socket.socket(socket.AF_UNIX)
os.setgroups({list(OTHERS)})
os.setgid({NOBODY})
os.setuid({NOBODY})
line.connect(chr(0) + sys.argv[1])
sys.stdin.read()
"""


def test_the_other_end_is_who_made_the_pair() -> None:
    one, two = socket.socketpair()
    with one, two:
        found = principal.of_peer(one)
    assert (found.uid, found.pid) == (os.geteuid(), os.getpid())
    assert found.gids == {os.getegid(), *os.getgroups()}
    assert not found.unrestricted


def test_the_owner_is_this_process() -> None:
    found = principal.owner()
    assert (found.uid, found.pid) == (os.geteuid(), os.getpid())
    assert os.getegid() in found.gids


@pytest.mark.skipif(os.geteuid() != 0, reason="full part: needs root to be another user")
def test_another_user_with_further_groups_is_told_by_the_kernel() -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        name = f"guestwire-test-{os.getpid()}"
        listener.bind("\0" + name)  # a name that asks for no permission
        listener.listen()
        listener.settimeout(20)
        command = [sys.executable, "-c", ANOTHER_USER, name]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as other:
            assert other.stdin is not None
            try:
                line, _ = listener.accept()
                with line:
                    found = principal.of_peer(line)
            finally:
                other.stdin.close()
    assert (found.uid, found.pid) == (NOBODY, other.pid)
    assert found.gids == {NOBODY, *OTHERS}


def test_groups_that_the_kernel_does_not_tell_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(principal, "_SO_PEERGROUPS", 0xFFFF)
    one, two = socket.socketpair()
    with one, two:
        assert principal.of_peer(one).gids == {os.getegid()}


def test_a_socket_of_another_kind_has_nobody_behind_it() -> None:
    with socket.socket(socket.AF_INET) as sock:
        assert principal.of_peer(sock).uid in (-1, 2**32 - 1)


def test_ownership_by_user_goes_by_user_not_by_program() -> None:
    assert Principal(uid=5, pid=1).key == Principal(uid=5, pid=2, gids=frozenset((9,))).key
    assert Principal(uid=5).key != Principal(uid=6).key
    assert Principal(name="uid 5").key != Principal(uid=5).key


def test_how_it_is_called_in_errors_and_logs() -> None:
    assert str(Principal(uid=5)) == "uid 5"
    assert str(Principal(uid=5, name="alice")) == "alice"
    assert str(HOST) == "host"
