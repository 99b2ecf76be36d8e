"""Files of the guest as Python's own file objects: what `open` would do, tried where it is odd."""

import io
import os

import pytest

from guestwire.client import GuestAgent
from guestwire.errors import CommandError, ProtocolError
from guestwire.testing import FakeClock, FakeGuest, MemoryChannel
from tests.contract.agents import running

TEXT = "one\ntwo\r\nthree \u00fc\n"


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    with running(True, tmp_path_factory.mktemp("agent")) as process, GuestAgent(str(process.path)) as agent:
        yield agent


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(TEXT.encode())
    return str(path)


def test_text_is_read_by_lines_as_open_does(agent, path):
    for options in ({}, {"newline": ""}, {"encoding": "latin-1"}, {"encoding": "ascii", "errors": "replace"}):
        with agent.open(path, **options) as file, open(path, **{"encoding": "utf-8", **options}) as real:
            assert list(file) == list(real)


def test_seeking_past_the_end_reads_nothing_and_writes_a_hole(agent, path, tmp_path):
    with agent.open(path, "rb") as file:
        assert file.seek(1000) == 1000
        assert file.read() == b""
        file.seek(-3, os.SEEK_END)
        assert file.read() == b"\xc3\xbc\n"
        with pytest.raises(CommandError):
            file.seek(-5)
    with agent.open(str(tmp_path / "hole"), "wb") as file:
        file.write(b"a")
        file.seek(4)
        file.write(b"b")
    assert (tmp_path / "hole").read_bytes() == b"a\0\0\0b"


def test_appending_and_updating(agent, path):
    with agent.open(path, "a+") as file:
        file.write("four")
        file.seek(0)
        assert file.read().endswith("\nfour")
    with agent.open(path, "r+b") as file:
        assert file.read(3) == b"one"
        file.seek(0)
        file.write(b"ONE")
    with open(path, "rb") as real:
        assert real.read().startswith(b"ONE\ntwo")


def test_what_the_protocol_lacks_says_so(agent, path):
    with agent.open(path, "r+b") as file:
        with pytest.raises(io.UnsupportedOperation):
            file.truncate(1)
        with pytest.raises(OSError):
            file.fileno()


@pytest.mark.parametrize("mode", ["", "x", "rw", "rr", "rbt", "U", "+r"])
def test_modes_that_open_does_not_take(agent, path, mode):
    with pytest.raises(ValueError, match="invalid mode"):
        agent.open(path, mode)


def test_options_that_do_not_fit_are_refused_before_anything_is_opened(agent, path):
    with pytest.raises(ValueError, match="binary mode takes no"):
        agent.open(path, "rb", encoding="utf-8")
    with pytest.raises(ValueError, match="unbuffered text"):
        agent.open(path, buffering=0)


def test_an_encoding_that_does_not_exist_leaves_no_handle_behind():
    guest, clock = FakeGuest(files={"/file": b"x"}), FakeClock()
    channel = MemoryChannel(guest, clock)
    with GuestAgent(channel, clock=clock, sleep=clock.sleep) as agent, pytest.raises(LookupError):
        agent.open("/file", encoding="no-such")
    assert [name for name, _ in guest.calls][-1] == "guest-file-close"


def test_more_than_was_asked_for_names_guest_and_command():
    guest, clock = FakeGuest(files={"/file": b"x"}), FakeClock()
    guest.answers["guest-file-read"] = {"count": 5, "buf-b64": "QUFBQUE=", "eof": False}
    channel = MemoryChannel(guest, clock)
    with (
        GuestAgent(channel, clock=clock, sleep=clock.sleep, name="web1") as agent,
        agent.open("/file", "rb", buffering=0) as file,
        pytest.raises(ProtocolError) as caught,
    ):
        file.read(2)
    assert (caught.value.guest, caught.value.command) == ("web1", "guest-file-read")
