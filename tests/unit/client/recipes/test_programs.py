import base64

import pytest

from guestwire.errors import CommandError, GuestTimeout, ProgramFailed, ProtocolError
from guestwire.testing import FakeGuest, Script


class Programs(FakeGuest):
    """A guest whose programs end after so many polls."""

    def __init__(self, polls=0, **end):
        self.polls = polls
        self.end = {"exited": True, **end}
        super().__init__({"guest-exec": {"pid": 77}, "guest-exec-status": self.status})

    def status(self, arguments):
        assert arguments == {"pid": 77}
        self.polls -= 1
        return {"exited": False} if self.polls >= 0 else self.end


def b64(data):
    return base64.b64encode(data).decode()


def test_gives_status_and_output(connect):
    guest = Programs(
        exitcode=3, **{"out-data": b64(b"out\0"), "err-data": b64(b"err"), "err-truncated": True}
    )
    done = connect(guest).run(["prog", "a", "b"])
    assert (done.args, done.pid, done.returncode, done.signal) == (["prog", "a", "b"], 77, 3, None)
    assert (done.stdout, done.stderr) == (b"out\0", b"err")
    assert (done.stdout_truncated, done.stderr_truncated) == (False, True)
    assert guest.calls[0] == ("guest-exec", {"path": "prog", "arg": ["a", "b"], "capture-output": True})


def test_gives_a_signal_as_subprocess_does(connect):
    done = connect(Programs(signal=9)).run(["prog"])
    assert (done.returncode, done.signal) == (-9, 9)
    with pytest.raises(ProgramFailed, match="prog ended with signal 9"):
        done.check_returncode()


@pytest.mark.parametrize("env", [{"A": "1", "B": "x=y"}, ["A=1", "B=x=y"]])
def test_passes_input_and_environment(connect, env):
    guest = Programs(exitcode=0)
    connect(guest).run(["prog"], input=b"\0in", env=env, capture="merged")
    assert guest.calls[0][1] == {
        "path": "prog",
        "env": ["A=1", "B=x=y"],
        "input-data": b64(b"\0in"),
        "capture-output": "merged",
    }


def test_polls_ever_more_slowly_from_a_millisecond_on(connect, clock):
    times = []
    guest = Programs(30, exitcode=0)
    guest.answers["guest-exec-status"] = lambda arguments: times.append(clock()) or guest.status(arguments)
    connect(guest).run(["prog"])
    gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
    assert gaps[0] == pytest.approx(0.001)
    assert gaps == sorted(gaps)
    assert gaps[-1] == pytest.approx(0.5)


def test_check_raises_for_another_status_than_0(connect):
    with pytest.raises(ProgramFailed, match="prog ended with status 1") as caught:
        connect(Programs(exitcode=1)).run(["prog"], check=True)
    assert caught.value.completed.returncode == 1
    assert connect(Programs(exitcode=0)).run(["prog"], check=True).returncode == 0


def test_a_time_out_is_for_the_whole_run_and_names_the_pid(connect, clock):
    with pytest.raises(GuestTimeout, match="prog still runs as pid 77"):
        connect(Programs(10**9)).run(["prog"], timeout=20)
    assert clock() == pytest.approx(1020, abs=0.6)


def test_an_end_without_a_how_is_the_guests_fault(connect):
    with pytest.raises(ProtocolError, match="77 has ended, but not how"):
        connect(Programs()).run(["prog"])


def test_output_that_is_no_base64_is_the_guests_fault(connect):
    with pytest.raises(ProtocolError):
        connect(Programs(exitcode=0, **{"out-data": "&"})).run(["prog"])


def test_a_guest_that_cannot_start_it_says_so(connect):
    error = b'{"error": {"class": "GenericError", "desc": "Failed to execute child process"}}\n'
    with pytest.raises(CommandError, match="Failed to execute"):
        connect(Script(error)).run(["prog"])


@pytest.mark.parametrize("argv", ["ls -l", []])
def test_argv_is_a_list(connect, argv):
    with pytest.raises(ValueError, match="argv is a list"):
        connect(FakeGuest()).run(argv)


def test_input_is_bytes(connect):
    with pytest.raises(TypeError, match="input is bytes"):
        connect(Programs(exitcode=0)).run(["cat"], input="text")


def test_an_end_without_a_status_names_guest_and_command(connect):
    with pytest.raises(ProtocolError, match="has ended, but not how") as caught:
        connect(Programs()).run(["true"])
    assert (caught.value.guest, caught.value.command) == ("web1", "guest-exec-status")
    assert caught.value.waited is not None
