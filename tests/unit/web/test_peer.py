import os
import socket

import pytest

from guestwire.web import peer
from guestwire.web.peer import user_of


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_the_kernel_knows_whose_socket_it_is(family, host):
    try:
        listener = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip("no IPv6 here")
    with listener, socket.create_connection(listener.getsockname()[:2]) as near:
        far, _ = listener.accept()
        with far:
            assert user_of(far.getpeername(), far.getsockname()) == os.geteuid()
            assert user_of((host, 1), far.getsockname()) is None
            assert near is not None


def test_a_connection_through_a_mapped_address(tmp_path):
    row = "0: {} {} 01 00000000:00000000 00:00000000 00000000  1234 0 99\n"
    near, far = "0000000000000000FFFF00000100007F:0050", "0000000000000000FFFF00000100007F:1F90"
    (tmp_path / "tcp6").write_text("heading\n  " + row.format(near, far))
    assert user_of(("127.0.0.1", 0x50), ("127.0.0.1", 0x1F90), tmp_path) == 1234


@pytest.mark.parametrize("end", [None, "", ("", 5), ("x", 5)])
def test_what_is_no_address_is_nobody(end):
    assert user_of(end, ("127.0.0.1", 1)) is None


def test_where_the_kernel_answers_no_question_its_table_is_read(monkeypatch):
    monkeypatch.setattr(peer, "_SOCK_DIAG", 31)  # no such protocol
    listener = socket.create_server(("127.0.0.1", 0))
    with listener, socket.create_connection(listener.getsockname()), listener.accept()[0] as far:
        assert user_of(far.getpeername(), far.getsockname()) == os.geteuid()


def test_an_answer_about_another_socket_is_none():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert peer._asked(("127.0.0.1", 1), listener.getsockname()) is None
