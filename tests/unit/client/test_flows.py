"""Opening, resyncing, asking: with both drivers, against guests of all manners."""

import pytest

from guestwire.client import flows
from guestwire.errors import (
    ChannelClosed,
    CommandDisabled,
    CommandError,
    CommandNotFound,
    GuestTimeout,
    ProtocolError,
)
from guestwire.testing import CLOSE, FakeGuest, Script

PONG = b'{"return": {}}\n'


def test_a_call_opens_resyncs_and_asks(connect):
    guest = FakeGuest({"guest-get-host-name": {"host-name": "web1"}})
    agent = connect(guest)
    assert agent.execute("guest-get-host-name") == {"host-name": "web1"}
    assert agent.execute("guest-ping") == {}
    assert connect.channel.opened == 1
    assert guest.calls == [("guest-get-host-name", {}), ("guest-ping", {})]


def test_arguments_that_are_none_are_left_out(connect):
    guest = FakeGuest({"guest-x": None})
    connect(guest).execute("guest-x", {"a": 1, "b": None, "c": b"\0\xff"})
    assert guest.calls == [("guest-x", {"a": 1, "c": "AP8="})]


def test_arguments_that_json_cannot_hold_are_refused_before_sending(connect):
    guest = FakeGuest()
    agent = connect(guest)
    with pytest.raises(ValueError, match="guest-file-open: an argument cannot be sent"):
        agent.execute("guest-file-open", {"path": "/caf\udce9"})
    assert guest.calls == []


class TestErrorAnswers:
    def test_keep_class_and_desc_and_name_guest_and_command(self, connect, clock):
        desc = b'{"error": {"class": "GenericError", "desc": "no"}}\n'
        with pytest.raises(CommandError) as caught:
            connect(Script([1.5, desc])).execute("guest-x")
        error = caught.value
        assert (error.error_class, error.desc, error.guest, error.command) == (
            "GenericError",
            "no",
            "web1",
            "guest-x",
        )
        assert error.waited == pytest.approx(1.5)
        assert str(error) == "web1 guest-x: no (after 1.5 s)"

    def test_tell_unknown_from_disabled(self, connect):
        agent = connect(FakeGuest(disabled=["guest-ping"]))
        with pytest.raises(CommandDisabled):
            agent.execute("guest-ping")
        with pytest.raises(CommandNotFound) as caught:
            agent.execute("guest-nope")
        assert not isinstance(caught.value, CommandDisabled)

    def test_of_old_agents_keep_their_class(self, connect):
        answer = b'{"error": {"class": "UnsupportedFeature", "desc": "x", "data": {}}}\n'
        with pytest.raises(CommandError) as caught:
            connect(Script(answer)).execute("guest-x")
        assert caught.value.error_class == "UnsupportedFeature"

    def test_leave_the_channel_in_step(self, connect):
        agent = connect(Script(b'{"error": {"desc": "x"}}\n', PONG))
        with pytest.raises(CommandError):
            agent.execute("guest-x")
        assert agent.session.protocol.state == "ready"


class TestTimeOuts:
    def test_name_guest_command_and_time(self, connect):
        with pytest.raises(GuestTimeout) as caught:
            connect(Script(), timeout=4).execute("guest-x")
        assert str(caught.value) == "web1 guest-x: no answer in time (after 4.0 s)"

    def test_are_for_the_whole_call(self, connect, clock):
        trickle = [piece for byte in PONG for piece in (60.0, bytes([byte]))]
        began = clock()
        with pytest.raises(GuestTimeout):
            connect(Script(trickle)).execute("guest-x", timeout=300)
        assert clock() - began == pytest.approx(300)

    def test_make_the_next_call_resync_and_drop_the_late_answer(self, connect):
        late = [12.0, b'{"return": "late"}\n']
        agent = connect(Script(late, b'{"return": "new"}\n'))
        with pytest.raises(GuestTimeout):
            agent.execute("guest-x", timeout=10)
        assert agent.execute("guest-x") == "new"

    def test_can_be_none_at_all(self, connect):
        agent = connect(Script([1e6, PONG]), timeout=float("inf"))
        assert agent.execute("guest-x") == {}

    def test_that_have_passed_before_anything_was_done(self, connect):
        with pytest.raises(GuestTimeout):
            connect(FakeGuest()).execute("guest-ping", timeout=0)


class TestResync:
    def test_is_sent_again_when_it_was_lost(self, connect, clock):
        class Deaf(FakeGuest):
            lost = 2

            def receive(self, data):
                if self.lost:
                    self.lost -= 1
                    return []
                return super().receive(data)

        assert connect(Deaf()).execute("guest-ping") == {}
        assert clock() == pytest.approx(1003)

    def test_survives_half_a_request_and_half_an_answer_of_others(self, connect):
        guest = FakeGuest()
        guest.receive(b'{"execute": "guest-file-rea')
        guest.connected = lambda: [b'AAAAAAA"}}\n', b'{"return": {"count": 1']
        assert connect(guest).execute("guest-ping") == {}

    def test_survives_megabytes_of_an_unread_answer(self, connect):
        script = Script(PONG, greeting=[b"A" * 65536] * 80 + [b'", "eof": false}}\n'])
        assert connect(script).execute("guest-ping") == {}

    @pytest.mark.parametrize(
        "disabled",
        [["guest-sync-delimited"], ["guest-sync-delimited", "guest-sync"]],
    )
    def test_works_where_policy_forbids_it(self, connect, disabled):
        guest = FakeGuest({"guest-x": 5}, disabled=disabled)
        assert connect(guest).execute("guest-x") == 5

    def test_follows_an_answer_that_nobody_asked_for(self, connect):
        agent = connect(Script(PONG + PONG, b'{"return": 2}\n'))
        assert agent.execute("guest-x") == {}
        assert agent.session.protocol.state == "stale"
        assert agent.execute("guest-y") == 2

    def test_to_a_silent_agent_says_so(self, connect):
        with pytest.raises(GuestTimeout, match="connected, but the agent is silent"):
            connect(Script(sync=False)).execute("guest-x")

    def test_behind_another_client_says_so(self, connect):
        agent = connect(Script(sync=False))
        agent.session.waiting_behind = lambda: True
        with pytest.raises(GuestTimeout, match="busy with another client"):
            agent.execute("guest-x")


class TestOpening:
    @pytest.mark.parametrize(
        ("trouble", "words"),
        [
            (FileNotFoundError(2, "No such file"), "no socket"),
            (ConnectionRefusedError(111, "refused"), "nothing listens"),
            (PermissionError(13, "denied"), "no permission"),
            (OSError(101, "Network is unreachable"), "Network is unreachable"),
            (OSError("odd"), "odd"),
        ],
    )
    def test_that_fails_says_why(self, connect, trouble, words):
        with pytest.raises(ChannelClosed, match=words):
            connect(Script(), trouble=trouble).execute("guest-x")

    def test_waits_while_the_other_end_is_busy(self, connect, clock):
        agent = connect(FakeGuest(), trouble=BlockingIOError(11, "again"))
        with pytest.raises(GuestTimeout, match="busy with another client") as caught:
            agent.execute("guest-ping")
        assert caught.value.waited == pytest.approx(agent.session.timeout), "to the end of the time it has"
        connect.channel.trouble = None
        assert agent.execute("guest-ping") == {}


class TestClosing:
    def test_in_the_middle_of_a_call_is_an_error_and_the_next_call_opens_anew(self, connect):
        agent = connect(Script([b'{"ret', CLOSE], PONG))
        with pytest.raises(ChannelClosed, match="the other end closed the channel"):
            agent.execute("guest-x")
        assert agent.execute("guest-y") == {}
        assert connect.channel.opened == 2

    def test_by_the_user(self, connect):
        agent = connect(FakeGuest())
        agent.execute("guest-ping")
        agent.close()
        agent.close()
        assert agent.execute("guest-ping") == {}
        assert connect.channel.opened == 2


class TestSilentCommands:
    def test_take_silence_for_success_after_a_sign_of_life(self, connect, clock):
        script = Script()
        assert connect(script).execute("guest-shutdown", {"mode": "reboot"}) is None
        assert clock() == pytest.approx(1000 + flows.SILENCE)
        assert script.requests == [{"execute": "guest-shutdown", "arguments": {"mode": "reboot"}}]

    def test_take_a_closed_channel_for_success(self, connect):
        assert connect(Script([CLOSE])).execute("guest-shutdown") is None

    def test_report_an_error_answer(self, connect):
        with pytest.raises(CommandError, match="mode is invalid"):
            connect(Script(b'{"error": {"desc": "mode is invalid"}}\n')).execute("guest-shutdown")

    def test_do_not_believe_a_dead_agent(self, connect):
        agent = connect(Script(PONG))
        agent.execute("guest-ping")
        connect.channel._peer = Script(sync=False)
        with pytest.raises(GuestTimeout):
            agent.execute("guest-shutdown")

    def test_make_the_next_call_resync(self, connect):
        agent = connect(Script(b"", PONG))
        agent.execute("guest-suspend-ram")
        assert agent.session.protocol.state == "stale"
        assert agent.execute("guest-ping") == {}


class TestHostileAnswers:
    @pytest.mark.parametrize(
        "answer",
        [
            b"{}\n",
            b"[]\n",
            b"1\n",
            b'"x"\n',
            b"\xff\xff\xff\n",
            b'{"return": \xff}\n',
            b'{"return": NaN}\n',
            b'{"return": {}\n',
            b'{"return": "\xed\xa0\x80"}\n',
            b'{"error": null}\n',
            b'{"error": {}}\n',
            b'{"error": {"desc": 1}}\n',
            b'{"error": {"class": 1, "desc": "x"}}\n',
            b"[" * 900 + b"\n",
            b"[" * 5000 + b"]" * 5000 + b"\n",
            b'{"return": ' + b"[" * 1020 + b"]" * 1020 + b"}\n",
        ],
    )
    def test_are_protocol_errors_and_the_next_call_is_fine(self, connect, answer):
        agent = connect(Script(answer, b'{"return": 1}\n'))
        with pytest.raises(ProtocolError) as caught:
            agent.execute("guest-x")
        assert caught.value.command == "guest-x"
        assert agent.execute("guest-x") == 1

    def test_with_an_id_are_somebody_elses(self, connect):
        agent = connect(Script(b'{"return": 1, "id": 5}\n{"return": 2}\n', b'{"return": 3}\n'))
        with pytest.raises(ProtocolError, match="answered somebody else"):
            agent.execute("guest-x")
        assert agent.execute("guest-x") == 3

    def test_without_end_are_bounded(self, connect):
        agent = connect(Script([b"x" * 65536] * 100), max_reply=1 << 20)
        with pytest.raises(ProtocolError, match="longer than 1048576 bytes"):
            agent.execute("guest-x")

    def test_of_a_flood_of_0xff_are_bounded(self, connect, clock):
        agent = connect(Script(sync=False, greeting=[b"\xff" * 65536] * 100), max_reply=1 << 20)
        with pytest.raises(ProtocolError, match="answer nothing"):
            agent.execute("guest-x")

    def test_that_trickle_for_ever_end_at_the_deadline(self, connect, clock):
        agent = connect(Script(sync=False, greeting=[0.5, b"\xff"] * 1000))
        with pytest.raises(GuestTimeout):
            agent.execute("guest-x", timeout=10)
        assert clock() <= 1010.001
