"""What only the blocking client has: threads, `open`, and errors of its driver."""

import os
import threading

import pytest

from guestwire.client import GuestAgent
from guestwire.errors import ConfigError, GuestTimeout
from guestwire.testing import FakeClock, FakeGuest, MemoryChannel, Script


def agent(peer, **options):
    clock = FakeClock()
    return GuestAgent(MemoryChannel(peer, clock), clock=clock, sleep=clock.sleep, **options)


def test_threads_take_turns():
    guest = FakeGuest({"guest-echo": lambda arguments: arguments["n"]})
    client = agent(guest)
    wrong = []

    def calls(n):
        wrong.extend(1 for _ in range(200) if client.execute("guest-echo", {"n": n}) != n)

    threads = [threading.Thread(target=calls, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_waiting_for_the_turn_counts_to_the_time_out():
    client = agent(FakeGuest(), timeout=0.05)
    client.session.turn.acquire(False)
    with pytest.raises(GuestTimeout, match="another call of this client"):
        client.execute("guest-ping")
    client.session.turn.release()
    assert client.execute("guest-ping") == {}


def test_ctrl_c_in_a_call_leaves_the_channel_clean():
    client = agent(FakeGuest({"guest-x": KeyboardInterrupt()}))
    with pytest.raises(KeyboardInterrupt):
        client.execute("guest-x")
    assert client.execute("guest-ping") == {}


def test_an_unknown_effect_is_a_programming_error():
    def flow():
        yield "what?"

    with pytest.raises(TypeError, match="asked for 'what\\?'"):
        agent(FakeGuest()).drive(flow())


def test_names_need_a_resolver():
    with pytest.raises(ConfigError):
        GuestAgent("web1")


def test_the_address_names_the_guest_unless_a_name_is_given(tmp_path):
    assert GuestAgent("unix:/x").session.guest == "unix:/x"
    assert GuestAgent("unix:/x", name="web1").session.guest == "web1"


def test_closes_with_its_block():
    channel = MemoryChannel(Script(b'{"return": {}}\n'))
    with GuestAgent(channel) as client:
        client.execute("guest-ping")
    with pytest.raises(ConnectionError):
        channel.read(1)


class TestOpen:
    def test_reads_text(self):
        client = agent(FakeGuest(files={"/f": "eins\nzwöi\n".encode()}))
        with client.open("/f") as file:
            assert file.read() == "eins\nzwöi\n"
        with client.open("/f", encoding="latin-1", newline="") as file:
            assert file.readlines()[1] == "zwÃ¶i\n"

    def test_writes_and_appends(self):
        guest = FakeGuest()
        client = agent(guest)
        with client.open("/f", "w") as file:
            file.write("a")
        with client.open("/f", "ab", buffering=0) as file:
            assert file.write(b"bc") == 2
            file.sync()
        assert guest.files["/f"] == b"abc"
        assert guest.open_files == []

    def test_seeks_and_updates(self):
        guest = FakeGuest(files={"/f": b"0123456789"})
        with agent(guest).open("/f", "r+b") as file:
            assert file.seekable()
            file.seek(-2, os.SEEK_END)
            assert file.tell() == 8
            file.write(b"xy")
            file.seek(0)
            assert file.read(3) == b"012"
        assert guest.files["/f"] == b"01234567xy"

    def test_asks_for_big_pieces(self):
        guest = FakeGuest(files={"/f": bytes(600_000)})
        with agent(guest).open("/f", "rb") as file:
            while file.read(1000):
                pass
        assert sum(name == "guest-file-read" for name, _ in guest.calls) <= 5

    def test_refuses_what_the_mode_does_not_allow(self):
        guest = FakeGuest(files={"/f": b""})
        with (
            agent(guest).open("/f", "rb", buffering=0) as file,
            pytest.raises(OSError, match="not open for writing"),
        ):
            file.write(b"x")
        with (
            agent(guest).open("/f", "wb", buffering=0) as file,
            pytest.raises(OSError, match="not open for reading"),
        ):
            file.read(1)

    @pytest.mark.parametrize("mode", ["", "x", "rw", "r++", "rbt!", "bb"])
    def test_refuses_odd_modes(self, mode):
        with pytest.raises(ValueError, match="invalid mode"):
            agent(FakeGuest()).open("/f", mode)

    def test_text_needs_a_buffer(self):
        with pytest.raises(ValueError, match="unbuffered text"):
            agent(FakeGuest()).open("/f", "r", buffering=0)

    def test_is_closed_once(self):
        file = agent(FakeGuest(files={"/f": b""})).open("/f", "rb", buffering=0)
        file.close()
        file.close()
        with pytest.raises(ValueError, match="closed file"):
            file.read(1)

    def test_a_guest_that_lies_about_counts_is_caught(self):
        opened = b'{"return": 5}\n'
        file = agent(Script(opened, b'{"return": {"count": 1, "buf-b64": "QUJDRA==", "eof": false}}\n')).open(
            "/f", "rb", buffering=0
        )
        with pytest.raises(Exception, match="more of the file than it was asked for"):
            file.read(1)
        file = agent(Script(opened, b'{"return": {"count": 9, "eof": false}}\n')).open(
            "/f", "wb", buffering=0
        )
        with pytest.raises(Exception, match="wrote 9 bytes of 1"):
            file.write(b"x")
