import pytest

from guestwire.errors import CommandError, ProtocolError
from guestwire.testing import FakeGuest

DATA = bytes(range(256)) * 1000


def test_receive_gives_pieces(connect):
    pieces = []
    assert connect(FakeGuest(files={"/x": DATA})).receive("/x", pieces.append) == len(DATA)
    assert b"".join(pieces) == DATA
    assert len(pieces) > 1


def test_receive_stops_at_its_limit_and_for_its_sink(connect):
    guest = FakeGuest(files={"/x": DATA})
    with pytest.raises(ProtocolError, match="goes on past 1000 bytes"):
        connect(guest).receive("/x", len, limit=1000)

    def broken(data):
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        connect(guest).receive("/x", broken)
    assert guest.open_files == []


def test_send_writes_or_appends(connect):
    guest = FakeGuest()
    pieces = [b"abc", b"d"]
    assert connect(guest).send("/x", lambda size: pieces.pop(0) if pieces else b"") == 4
    pieces = [b"e"]
    connect(guest).send("/x", lambda size: pieces.pop(0) if pieces else b"", append=True)
    assert guest.files["/x"] == b"abcde"


def test_a_source_may_take_longer_than_the_guest_may(connect, clock):
    guest, pieces = FakeGuest(), [b"slow", b"ly"]

    def source(size):
        clock.sleep(60)
        return pieces.pop(0) if pieces else b""

    assert connect(guest, timeout=5).send("/x", source) == 6
    assert guest.files["/x"] == b"slowly"


def test_an_error_of_the_guest_is_told(connect):
    guest = FakeGuest({"guest-file-write": CommandError("failed to write: No space left on device")})
    with pytest.raises(CommandError, match="No space left"):
        connect(guest).send("/x", lambda size: b"x")
