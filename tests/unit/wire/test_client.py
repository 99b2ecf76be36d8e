"""The host's end of a conversation, fed byte by byte."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestwire.errors import ProtocolError
from guestwire.wire.client import CLOSED, DELIMITED, ECHO, PLAIN, READY, STALE, SYNCING, ClientProtocol

PONG = b'{"return": {}}\n'


def ready(**limits):
    protocol = ClientProtocol(**limits)
    protocol.opened()
    protocol.sync(7)
    protocol.receive(b'\xff{"return": 7}\n')
    assert protocol.state == READY
    return protocol


def asked(count=1, **limits):
    protocol = ready(**limits)
    for _ in range(count):
        protocol.sent()
    return protocol


def disabled(name):
    return b'{"error": {"class": "CommandNotFound", "desc": "Command %s has been disabled"}}\n' % name


class TestResync:
    def test_begins_with_a_byte_that_resets_the_agents_parser(self):
        protocol = ClientProtocol()
        protocol.opened()
        line = protocol.sync(2**63 - 1)
        assert line[:1] == b"\xff"
        assert line[-1:] == b"\n"
        assert json.loads(line[1:]) == {"execute": "guest-sync-delimited", "arguments": {"id": 2**63 - 1}}

    def test_is_over_when_the_id_comes_back(self):
        assert ready().outstanding == 0

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
    def test_throws_away_what_others_left(self, size):
        protocol = ClientProtocol()
        protocol.opened()
        protocol.sync(42)
        stream = (
            b'AAAA"}}\n{"return": {"half": \xff\n'
            b'{"error": {"class": "GenericError", "desc": "JSON parse error, stray \'\\uFFFD\'"}}\n'
            b'{"return": 41}\n{"return": "42"}\nnot json 42\n[42]\n'
            b'{"return": {"buf": "AA\xff{"return": 42}\n'
        )
        for start in range(0, len(stream), size):
            assert protocol.receive(stream[start : start + size]) is None
        assert protocol.state == READY

    def test_only_the_newest_id_counts(self):
        protocol = ClientProtocol()
        protocol.opened()
        protocol.sync(1)
        protocol.sync(2)
        protocol.receive(b'\xff{"return": 1}\n')
        assert protocol.state == SYNCING
        protocol.receive(b'\xff{"return": 2}\n')
        assert protocol.state == READY

    def test_takes_the_plain_way_where_the_delimited_one_is_forbidden(self):
        protocol = ClientProtocol()
        protocol.opened()
        protocol.sync(1)
        protocol.receive(disabled(b"guest-sync-delimited"))
        assert protocol.sync_way == PLAIN
        assert b'"guest-sync"' in protocol.sync(2)
        protocol.receive(b'{"return": 2}\n')
        assert protocol.state == READY

    def test_takes_an_echoed_id_where_both_are_forbidden(self):
        protocol = ClientProtocol()
        protocol.opened()
        protocol.sync(1)
        protocol.receive(disabled(b"guest-sync-delimited"))
        protocol.sync(2)
        protocol.receive(disabled(b"guest-sync"))
        assert protocol.sync_way == ECHO
        assert json.loads(protocol.sync(3)[1:]) == {"execute": "guest-ping", "id": 3}
        protocol.receive(b'{"return": {}, "id": 2}\n')
        assert protocol.state == SYNCING
        protocol.receive(b'{"error": {"class": "CommandNotFound", "desc": "x"}, "id": 3}\n')
        assert protocol.state == READY

    def test_a_text_that_only_mentions_the_command_is_no_refusal(self):
        protocol = ClientProtocol()
        protocol.opened()
        protocol.sync(1)
        protocol.receive(b'{"return": "Command guest-sync-delimited has been disabled"}\n')
        protocol.receive(b'{"error": "Command guest-sync-delimited has been disabled"}\n')
        assert protocol.sync_way == DELIMITED

    def test_opening_anew_forgets_the_way(self):
        protocol = ClientProtocol()
        protocol.opened()
        protocol.sync(1)
        protocol.receive(disabled(b"guest-sync-delimited"))
        protocol.closed()
        protocol.opened()
        assert protocol.sync_way == DELIMITED

    def test_junk_is_bounded(self):
        protocol = ClientProtocol(max_junk=10_000)
        protocol.opened()
        protocol.sync(1)
        for _ in range(10):
            protocol.receive(b"\xff" * 1000)
        with pytest.raises(ProtocolError, match="10000 bytes that answer nothing"):
            protocol.receive(b"\xff")
        assert protocol.state == STALE

    def test_an_endless_line_takes_no_memory(self):
        protocol = ClientProtocol()
        protocol.opened()
        protocol.sync(1)
        for _ in range(100):
            protocol.receive(b"x" * 100_000)
        assert len(protocol._ending) <= 4096
        protocol.receive(b'\xff{"return": 1}\n')
        assert protocol.state == READY

    def test_a_line_of_deep_nesting_is_only_junk(self):
        protocol = ClientProtocol()
        protocol.opened()
        protocol.sync(1)
        protocol.receive(b'{"return": ' + b"[" * 2000 + b"1" + b"]" * 2000 + b"}\n")
        assert protocol.state == SYNCING

    def test_needs_an_open_channel(self):
        with pytest.raises(ProtocolError):
            ClientProtocol().sync(1)


class TestAnswers:
    def test_come_whole(self):
        protocol = asked()
        assert protocol.receive(PONG) == PONG
        assert protocol.outstanding == 0
        assert protocol.state == READY

    @given(st.lists(st.integers(1, 40), min_size=1, max_size=30))
    def test_come_in_pieces_of_any_size(self, cuts):
        protocol = asked(3)
        stream = (
            b'{"return": 1}\n\r\n{"return": [2, 2]}\r\n{"error": {"class": "GenericError", "desc": "x"}}\n'
        )
        got = []
        while stream:
            size = cuts.pop() if cuts else 5
            line = protocol.receive(stream[:size])
            stream = stream[size:]
            while line is not None:
                got.append(json.loads(line))
                line = protocol.next_reply()
        assert got == [{"return": 1}, {"return": [2, 2]}, {"error": {"class": "GenericError", "desc": "x"}}]
        assert protocol.outstanding == 0
        assert protocol.state == READY

    def test_come_several_at_once_in_order(self):
        protocol = asked(3)
        assert protocol.receive(b"1\n2\n3\n").strip() == b"1"
        assert protocol.next_reply() == b"2"
        protocol.sent()
        assert protocol.receive(b"4\n") == b"3"
        assert protocol.next_reply() == b"4"
        assert protocol.next_reply() is None

    def test_that_nobody_asked_for_break_the_step(self):
        protocol = asked()
        assert protocol.receive(PONG + PONG) == PONG.strip()
        assert protocol.state == STALE

    def test_begun_that_nobody_asked_for_break_the_step(self):
        protocol = asked()
        assert protocol.receive(PONG + b"{") == PONG.strip()
        assert protocol.state == STALE

    def test_blank_lines_are_bounded_junk(self):
        protocol = asked(max_junk=100)
        assert protocol.receive(b"\n" * 50) is None
        assert protocol.receive(PONG) == PONG
        protocol.sent()
        with pytest.raises(ProtocolError):
            protocol.receive(b"\r\n" * 101)

    def test_blank_lines_around_them_are_passed_over_at_once(self):
        protocol = ready()
        protocol.sent()
        protocol.sent()
        flood = b" \n\t\r\n" * 100_000
        assert protocol.receive(flood + b"{1}\n" + flood + b"{2") == b"{1}"
        assert protocol.receive(b"}\n" + flood) == b"{2}"
        assert protocol.state == READY

    def test_longer_than_the_bound_are_refused_while_they_arrive(self):
        protocol = asked(max_reply=1000)
        assert protocol.receive(b"x" * 999) is None
        with pytest.raises(ProtocolError, match="longer than 1000 bytes"):
            protocol.receive(b"xx")
        assert protocol.state == STALE

    def test_too_deep_are_refused(self):
        deep = b'{"return": ' + b"[" * 1024 + b"]" * 1024 + b"}\n"
        with pytest.raises(ProtocolError, match="nested deeper than 1024"):
            asked().receive(deep)
        protocol = asked()
        protocol.receive(deep[:100])
        with pytest.raises(ProtocolError, match="nested deeper than 1024"):
            protocol.receive(deep[100:])

    def test_late_ones_are_not_taken_for_new_ones(self):
        protocol = asked()
        protocol.abandon()
        with pytest.raises(ProtocolError):
            protocol.sent()
        assert protocol.receive(PONG) is None
        protocol.sync(9)
        protocol.receive(b'{"return": {}}\n\xff{"return": 9}\n')
        protocol.sent()
        assert protocol.receive(b'{"return": 5}\n') == b'{"return": 5}\n'

    def test_of_one_byte_pieces_cost_linear_time_and_come_whole(self):
        protocol = asked()
        line = b'{"return": "' + b"x" * 20_000 + b'"}\n'
        got = [protocol.receive(line[i : i + 1]) for i in range(len(line))]
        assert got[-1] == line.rstrip()
        assert set(got[:-1]) == {None}


class TestEnd:
    def test_closing_forgets_everything(self):
        protocol = asked(2)
        protocol.receive(b"{")
        protocol.closed()
        assert protocol.state == CLOSED
        assert protocol.outstanding == 0
        protocol.abandon()
        assert protocol.state == CLOSED
