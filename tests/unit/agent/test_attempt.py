from __future__ import annotations

import errno
from _thread import allocate_lock

import pytest

from guestwire.agent.attempt import Attempt
from guestwire.errors import CommandError
from tests.unit.agent.freezing import FDS, A, B, Bench, C


def attempt(bench: Bench, stuck: set[tuple[int, int]] | None = None) -> Attempt:
    return Attempt(allocate_lock(), stuck or set(), bench.agent.log)


def test_what_it_holds_is_open_and_the_rest_is_closed() -> None:
    bench = Bench()
    bench.system.unable = {"B"}
    one = attempt(bench)
    entered = []
    assert one.run(bench.system, None, entered.append) == 2  # type: ignore[arg-type]
    assert entered == [one]
    assert one.complete
    assert [target.name for target in one.held] == ["/A", "/C"]
    assert bench.system.closed == [FDS[B]]


def test_nothing_is_held_after_a_failed_open() -> None:
    bench = Bench()
    bench.system.faults["open B"] = OSError(errno.ENOENT, "No such file or directory")
    one = attempt(bench)
    with pytest.raises(CommandError, match=r"^failed to open /B: No such file or directory$"):
        one.run(bench.system, None, lambda one: None)  # type: ignore[arg-type]
    assert bench.system.closed == [FDS[A]]
    assert not one.held


def test_a_failed_freeze_leaves_what_it_holds_to_the_caller() -> None:
    bench = Bench()
    bench.system.faults["freeze B"] = OSError(errno.EIO, "Input/output error")
    one = attempt(bench)
    with pytest.raises(CommandError, match=r"^failed to freeze /B: Input/output error$"):
        one.run(bench.system, None, lambda one: None)  # type: ignore[arg-type]
    assert [target.name for target in one.call_off()] == ["/A"]
    assert not one.complete
    assert sorted(bench.system.closed) == [FDS[B], FDS[C]]


def test_called_off_before_it_began() -> None:
    bench = Bench()
    one = attempt(bench)
    one.call_off()
    with pytest.raises(CommandError, match="called off"):
        one.run(bench.system, None, lambda one: None)  # type: ignore[arg-type]
    assert not bench.system.frozen


def test_a_device_that_is_stuck_is_not_tried() -> None:
    bench = Bench()
    with pytest.raises(CommandError, match="an earlier freeze of it has not returned"):
        attempt(bench, {C}).run(bench.system, None, lambda one: None)  # type: ignore[arg-type]
    assert bench.system.frozen == {FDS[A], FDS[B]}
