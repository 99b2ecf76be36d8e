import os

import pytest

from guestwire.client.recipes.files import Pace
from guestwire.errors import CommandError, GuestTimeout, ProtocolError
from guestwire.testing import FakeGuest, Script

DATA = os.urandom(3_000_001)
HANDLE = b'{"return": 1000}\n'


def test_whole_files_go_both_ways(connect):
    guest = FakeGuest(files={"/in": DATA})
    agent = connect(guest)
    assert agent.read_file("/in") == DATA
    assert agent.write_file("/out", DATA) == len(DATA)
    assert guest.files["/out"] == DATA
    assert guest.open_files == []


def test_empty_files_too(connect):
    guest = FakeGuest(files={"/in": b""})
    agent = connect(guest)
    assert agent.read_file("/in") == b""
    assert agent.write_file("/out", b"") == 0
    assert guest.files["/out"] == b""


def test_appending(connect):
    guest = FakeGuest(files={"/log": b"one\n"})
    connect(guest).write_file("/log", b"two\n", append=True)
    assert guest.files["/log"] == b"one\ntwo\n"


def test_a_missing_file_is_the_guests_error(connect):
    with pytest.raises(CommandError, match="No such file"):
        connect(FakeGuest()).read_file("/nope")


def test_pieces_fit_a_narrow_channel(connect):
    guest = FakeGuest(files={"/in": DATA})
    agent = connect(guest)
    agent.session.max_answer = agent.session.max_request = 10_000
    assert agent.read_file("/in") == DATA
    agent.write_file("/out", DATA[:50_000])
    asked = {arguments["count"] for name, arguments in guest.calls if name == "guest-file-read"}
    assert max(asked) <= 4428
    sent = {len(arguments["buf-b64"]) for name, arguments in guest.calls if name == "guest-file-write"}
    assert max(sent) <= 5904


def test_more_than_the_limit_is_refused_and_the_handle_closed(connect):
    guest = FakeGuest(files={"/in": DATA})
    with pytest.raises(ProtocolError, match="goes on past 1000 bytes"):
        connect(guest).read_file("/in", limit=1000)
    assert guest.open_files == []


def test_an_error_in_the_middle_closes_the_handle_and_keeps_step(connect):
    guest = FakeGuest()
    guest.answers["guest-file-write"] = CommandError("failed to write file: No space left on device")
    agent = connect(guest)
    with pytest.raises(CommandError, match="No space left"):
        agent.write_file("/out", DATA)
    assert guest.open_files == []
    assert agent.session.protocol.state == "ready"
    assert agent.execute("guest-ping") == {}


def test_a_time_out_in_the_middle_ends_soon(connect, clock):
    with pytest.raises(GuestTimeout):
        connect(Script(HANDLE)).read_file("/in")
    assert clock() <= 1013


class TestHostile:
    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (
                b'{"return": {"count": 9e99, "buf-b64": "%s", "eof": false}}\n' % (b"AAAA" * 40_000),
                "more of the file",
            ),
            (b'{"return": {"count": 1, "buf-b64": "A", "eof": true}}\n', "not what the command returns"),
            (b'{"return": {"count": 1, "buf-b64": 5, "eof": true}}\n', "not what the command returns"),
            (b'{"return": {"count": 1, "eof": true}}\n', "not what the command returns"),
            (b'{"return": {"buf-b64": "", "eof": "no"}}\n', "not what the command returns"),
        ],
    )
    def test_reads_are_refused(self, connect, answer, words):
        with pytest.raises(ProtocolError, match=words):
            connect(Script(HANDLE, answer, answer)).read_file("/in")

    def test_a_count_of_gigabytes_is_not_believed(self, connect):
        answer = b'{"return": {"count": 99999999999, "buf-b64": "QUI=", "eof": true}}\n'
        nothing = b'{"return": {"count": 0, "buf-b64": "", "eof": true}}\n'
        assert connect(Script(HANDLE, answer, nothing, b'{"return": {}}\n')).read_file("/in") == b"AB"

    def test_a_file_that_never_brings_anything_ends(self, connect):
        nothing = b'{"return": {"count": 0, "buf-b64": "", "eof": false}}\n'
        with pytest.raises(ProtocolError, match="neither data nor the end"):
            connect(Script(HANDLE, *[nothing] * 1000)).read_file("/in")

    @pytest.mark.parametrize("count", [0, 4, -1, 10**12])
    def test_writes_that_took_another_number_are_refused(self, connect, count):
        answer = b'{"return": {"count": %d, "eof": false}}\n' % count
        with pytest.raises(ProtocolError, match="of 3"):
            connect(Script(HANDLE, answer)).write_file("/out", b"abc")


class TestPace:
    def test_grows_while_answers_are_quick_and_shrinks_when_slow(self, clock):
        pace = Pace(64 << 20, clock)
        assert pace.size == 49152
        for _ in range(20):
            pace.answered()
        assert pace.size == 1048575
        for _ in range(20):
            clock.sleep(2)
            pace.answered()
        assert 49152 <= pace.size < 98304

    def test_is_a_multiple_of_three(self, clock):
        for most in (0, 4096, 5000, 96 << 10, 10 << 20):
            pace = Pace(most, clock)
            for _ in range(20):
                assert pace.size % 3 == 0
                assert pace.size > 0
                pace.answered()


def test_an_endless_file_is_told_with_guest_command_and_time(connect):
    guest = FakeGuest(files={"/file": bytes(500_000)})
    with pytest.raises(ProtocolError, match="goes on past 1000 bytes") as caught:
        connect(guest).read_file("/file", limit=1000)
    error = caught.value
    assert (error.guest, error.command) == ("web1", "guest-file-read")
    assert error.waited is not None


def test_what_a_sink_raises_keeps_its_own_words(connect):
    guest = FakeGuest(files={"/file": b"x"})
    mine = ProtocolError("of another guest", guest="other", command="guest-file-write")

    def sink(data):
        raise mine

    with pytest.raises(ProtocolError) as caught:
        connect(guest).receive("/file", sink)
    assert (caught.value.guest, caught.value.command, caught.value.waited) == (
        "other",
        "guest-file-write",
        None,
    )
