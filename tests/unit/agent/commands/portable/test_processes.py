from __future__ import annotations

import pytest

from guestwire.agent.commands.portable.processes import guest_exec_status
from guestwire.agent.jobs import Job, Jobs, Output
from guestwire.agent.state import AgentState


class Ended:
    pid = 7

    def __init__(self, ending: tuple[str, int] | None) -> None:
        self._ending = ending

    def collect(self) -> tuple[str, int] | None:
        return self._ending

    def wait(self, seconds: float) -> None:
        pass


def closed(table: Jobs, data: bytes) -> Output:
    output = table.new_output()
    output.write(data)
    output.close()
    return output


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (None, {"exited": False}),
        (("exitcode", 3), {"exited": True, "exitcode": 3, "out-data": b"YWI=", "out-truncated": False}),
        (("signal", 9), {"exited": True, "signal": 9, "out-data": b"YWI=", "out-truncated": False}),
        (("", 0), {"exited": True, "out-data": b"YWI=", "out-truncated": False}),
    ],
)
def test_status(ending: tuple[str, int] | None, expected: dict[str, object]) -> None:
    agent = AgentState()
    agent.jobs = Jobs()
    out, err = closed(agent.jobs, b"ab"), closed(agent.jobs, b"")
    agent.jobs.add(Job(Ended(ending), out, err))
    assert guest_exec_status(agent, 7) == expected
    assert out.data == (b"" if ending else b"ab")


def test_dropped_output_is_told_even_when_nothing_was_kept() -> None:
    agent = AgentState()
    agent.jobs = Jobs(total_limit=0)
    out = closed(agent.jobs, b"ab")
    agent.jobs.add(Job(Ended(("exitcode", 0)), out, None))
    assert guest_exec_status(agent, 7) == {
        "exited": True,
        "exitcode": 0,
        "out-data": b"",
        "out-truncated": True,
    }
