from __future__ import annotations

import pytest

from guestwire.agent import jobs
from guestwire.agent.jobs import Budget, Job, Jobs, Output
from guestwire.errors import CommandError


class FakeChild:
    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.ending: tuple[str, int] | None = None
        self.waited: list[float] = []

    def collect(self) -> tuple[str, int] | None:
        return self.ending

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)


class Clock:
    def __init__(self) -> None:
        self.now = 1e9

    def __call__(self) -> float:
        return self.now


def start(table: Jobs, pid: int, *, captured: bytes | None = None) -> FakeChild:
    child = FakeChild(pid)
    out = None
    if captured is not None:
        out = table.new_output()
        out.write(captured)
        out.close()
    table.add(Job(child, out, None))
    return child


class TestTaking:
    def test_told_once(self) -> None:
        table = Jobs()
        start(table, 7).ending = ("exitcode", 3)
        job = table.take(7)
        assert job is not None
        assert job.ending == ("exitcode", 3)
        with pytest.raises(CommandError, match=r"^PID 7 does not exist$"):
            table.take(7)

    def test_running(self) -> None:
        table = Jobs()
        start(table, 7)
        assert table.take(7) is None

    def test_after_reaping(self) -> None:
        table = Jobs()
        start(table, 7).ending = ("signal", 9)
        table.reap()
        job = table.take(7)
        assert job is not None
        assert job.ending == ("signal", 9)

    def test_open_stream_counts_as_running(self) -> None:
        table = Jobs()
        child = FakeChild(7)
        child.ending = ("exitcode", 0)
        out = table.new_output()
        table.add(Job(child, out, None))
        assert table.take(7) is None
        table.reap()
        out.close()
        assert table.take(7) is not None

    def test_a_young_program_is_given_a_moment(self) -> None:
        table = Jobs()
        child = start(table, 7)
        table.take(7)
        (waited,) = child.waited
        assert waited <= jobs.PATIENCE

    def test_an_old_program_is_not_waited_for(self) -> None:
        child = FakeChild(7)
        job = Job(child, None, None)
        job.started_at -= jobs.PATIENCE
        job.wait()
        assert child.waited == []

    def test_pid_used_again(self) -> None:
        table = Jobs()
        start(table, 7, captured=b"old").ending = ("exitcode", 1)
        table.reap()
        start(table, 7, captured=b"new").ending = ("exitcode", 2)
        job = table.take(7)
        assert job is not None
        assert job.out is not None
        assert (job.ending, job.out.data) == (("exitcode", 2), b"new")


class TestBounds:
    def test_running(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jobs, "MAX_RUNNING", 2)
        table = Jobs()
        first = start(table, 1)
        start(table, 2)
        with pytest.raises(CommandError, match="2 programs are running already"):
            table.check_room()
        first.ending = ("exitcode", 0)
        table.check_room()

    def test_number_of_ended(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jobs, "MAX_ENDED", 2)
        table = Jobs()
        for pid in (1, 2, 3):
            start(table, pid).ending = ("exitcode", 0)
            table.reap()
        with pytest.raises(CommandError):
            table.take(1)
        assert table.take(2) is not None
        assert table.take(3) is not None

    def test_age_of_ended(self) -> None:
        clock = Clock()
        table = Jobs(clock=clock)
        start(table, 1).ending = ("exitcode", 0)
        table.reap()
        clock.now += jobs.ENDED_KEPT + 1
        start(table, 2)
        with pytest.raises(CommandError):
            table.take(1)

    def test_output_of_ended_is_half_of_the_total(self) -> None:
        table = Jobs(total_limit=100)
        for pid in (1, 2, 3):
            start(table, pid, captured=bytes(20)).ending = ("exitcode", 0)
            table.reap()
        with pytest.raises(CommandError):
            table.take(1)
        assert table.new_output()._budget.take(1000) == 60

    def test_output_of_running_is_cut_at_the_total(self) -> None:
        table = Jobs(total_limit=100)
        output = table.new_output()
        output.write(bytes(90))
        other = table.new_output()
        other.write(b"x" * 20)
        assert (other.data, other.truncated) == (b"x" * 10, True)
        output.discard()
        other.write(b"y")
        assert other.data == b"x" * 10 + b"y"


class TestOutput:
    def test_stream_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jobs, "STREAM_LIMIT", 4)
        output = Output(Budget(100))
        output.write(b"abcd")
        assert not output.truncated
        output.write(memoryview(b"e"))
        assert (output.data, output.truncated) == (b"abcd", True)

    def test_wait(self) -> None:
        output = Output(Budget(100))
        output.wait(0.001)
        output.wait(-1)
        assert not output.closed
        output.close()
        output.wait(1000)
        output.wait(1000)
        assert output.closed
