from __future__ import annotations

import errno
import sys
import time
from _thread import allocate_lock
from collections import Counter
from collections.abc import Iterator

import pytest

from guestwire.agent.system.linux.guarded import Guard
from guestwire.errors import CommandError
from tests.unit.agent.freezing import FDS, A, B, Bench, C, eventually


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Watches that each descriptor is closed once."""
    bench = Bench()
    yield bench
    closed = bench.system.closed
    if bench.freezer.status() == "thawed":
        eventually(lambda: sorted(closed) == sorted(bench.system.opened))
    else:
        assert not Counter(closed) - Counter(bench.system.opened)


FREEZE_ALL = ["hook freeze", "mark", "freeze A", "freeze B", "freeze C"]
THAW_ALL = ["thaw C", "thaw B", "thaw A", "clear", "hook thaw"]


def test_freeze_and_thaw(bench: Bench) -> None:
    assert bench.freezer.status() == "thawed"
    assert bench.freezer.freeze() == 3
    assert bench.take_calls() == FREEZE_ALL
    assert (bench.freezer.status(), bench.agent.gate.frozen, bench.record.suspended) == ("frozen", True, True)
    assert bench.freezer.thaw() == 3
    assert bench.take_calls() == THAW_ALL
    assert (bench.freezer.status(), bench.agent.gate.frozen, bench.record.suspended) == (
        "thawed",
        False,
        False,
    )
    assert "fsfreeze hook thaw: this" in bench.record.lines


def test_no_compiled_module_is_written_while_frozen(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    bench.freezer._no_bytecode = False
    bench.freezer.freeze()
    assert sys.dont_write_bytecode
    bench.freezer.thaw()
    assert not sys.dont_write_bytecode


def test_a_second_freeze_is_refused(bench: Bench) -> None:
    bench.freezer.freeze()
    with pytest.raises(CommandError, match="already being frozen"):
        bench.freezer.freeze()


def test_only_the_wanted(bench: Bench) -> None:
    assert bench.freezer.freeze({b"/B", b"/nowhere"}) == 1
    assert bench.take_calls() == ["hook freeze", "mark", "freeze B"]


@pytest.mark.parametrize("how", ["empty", "unable", "hidden"])
def test_nothing_to_freeze_ends_thawed_and_with_the_thaw_hook(bench: Bench, how: str) -> None:
    bench.system.unable = {"A", "B", "C"} if how == "unable" else set()
    bench.system.hidden = {"A", "B", "C"} if how == "hidden" else set()
    assert bench.freezer.freeze([] if how == "empty" else None) == 0
    assert bench.take_calls() == ["hook freeze", "mark", "clear", "hook thaw"]
    assert bench.freezer.status() == "thawed"
    assert bench.freezer.freeze([]) == 0


def test_thaw_without_a_freeze_thaws_what_others_froze(bench: Bench) -> None:
    bench.system.frozen = {FDS[B]}
    assert bench.freezer.thaw() == 1
    assert bench.take_calls() == ["thaw B", "clear", "hook thaw"]
    assert bench.freezer.thaw() == 0


def test_a_failing_freeze_hook_stops_it(bench: Bench) -> None:
    bench.system.faults["hook freeze"] = CommandError("hook says no")
    with pytest.raises(CommandError, match="hook says no"):
        bench.freezer.freeze()
    assert bench.take_calls() == ["hook freeze"]
    assert "fsfreeze hook freeze: hook says no" in bench.record.lines
    bench.system.faults.clear()
    assert bench.freezer.freeze() == 3


def test_a_failing_thaw_hook_is_an_error_but_all_is_thawed(bench: Bench) -> None:
    bench.freezer.freeze()
    bench.system.faults["hook thaw"] = CommandError("hook says no")
    with pytest.raises(CommandError, match="hook says no"):
        bench.freezer.thaw()
    assert bench.freezer.status() == "thawed"
    assert not bench.system.frozen


def test_no_hook(bench: Bench) -> None:
    bench.agent.config.fsfreeze_hook = None
    bench.freezer.freeze()
    bench.freezer.thaw()
    assert not any(call.startswith("hook") for call in bench.calls)


def test_a_partial_failure_thaws_what_was_frozen(bench: Bench) -> None:
    bench.system.faults["freeze C"] = OSError(errno.EIO, "Input/output error")
    bench.system.faults["hook thaw"] = CommandError("and the hook fails too")
    with pytest.raises(CommandError, match=r"^failed to freeze /C: Input/output error$"):
        bench.freezer.freeze()
    assert bench.take_calls() == [
        "hook freeze",
        "mark",
        "freeze A",
        "freeze B",
        "thaw B",
        "thaw A",
        "clear",
        "hook thaw",
    ]
    assert bench.freezer.status() == "thawed"
    assert "and the hook fails too" in bench.record.lines


def test_all_are_opened_before_the_first_is_frozen(bench: Bench) -> None:
    bench.system.faults["open C"] = OSError(errno.EACCES, "Permission denied")
    with pytest.raises(CommandError, match=r"^failed to open /C: Permission denied$"):
        bench.freezer.freeze()
    assert bench.take_calls() == ["hook freeze", "clear", "hook thaw"]


def test_a_mark_that_cannot_be_made_is_told(bench: Bench) -> None:
    bench.record.broken = True
    assert bench.freezer.freeze() == 3
    assert bench.freezer.thaw() == 3
    assert any("No space left" in line for line in bench.record.lines)
    assert any("Read-only" in line for line in bench.record.lines)


def test_what_cannot_be_thawed_stays_frozen_until_it_can(bench: Bench) -> None:
    bench.freezer.freeze()
    bench.take_calls()
    bench.system.faults["thaw B"] = OSError(errno.EIO, "Input/output error")
    with pytest.raises(CommandError, match=r"^failed to thaw /B: Input/output error$"):
        bench.freezer.thaw()
    assert bench.take_calls() == ["thaw C", "thaw A"]
    assert bench.freezer.status() == "frozen"
    assert bench.agent.gate.frozen
    bench.system.faults.clear()
    assert bench.freezer.thaw() == 1
    assert bench.take_calls() == ["thaw B", "clear", "hook thaw"]


def test_a_filesystem_that_is_no_longer_mounted_is_thawed_through_its_descriptor(bench: Bench) -> None:
    bench.freezer.freeze()
    bench.take_calls()
    bench.system.mounted = [A]
    assert bench.freezer.thaw() == 3
    assert bench.take_calls() == THAW_ALL


def test_a_thaw_passes_by_what_does_not_answer(bench: Bench) -> None:
    bench.freezer.freeze()
    lock = bench.system.hold("thaw B")
    with pytest.raises(CommandError, match=r"^failed to thaw /B: Connection timed out$"):
        bench.freezer.thaw()
    assert bench.system.frozen == {FDS[B]}
    lock.release()
    eventually(lambda: not bench.system.frozen and not bench.system.guard.stuck)
    assert bench.freezer.thaw() == 0
    assert bench.freezer.status() == "thawed"


def test_a_stuck_freeze_is_called_off_by_a_thaw_and_undoes_itself(bench: Bench) -> None:
    lock = bench.system.hold("freeze B")
    result = bench.in_thread(bench.freezer.freeze)
    eventually(lambda: "freeze A" in bench.calls)
    assert bench.freezer.status() == "thawed"  # not complete: no snapshot now
    assert bench.agent.gate.frozen
    with pytest.raises(CommandError, match="already being frozen"):
        bench.freezer.freeze()
    assert bench.freezer.thaw() == 1
    assert not bench.agent.gate.frozen
    assert not bench.system.frozen
    with pytest.raises(
        CommandError, match=r"^failed to freeze /B: an earlier freeze of it has not returned$"
    ):
        bench.freezer.freeze()
    assert bench.freezer.freeze({b"/A"}) == 1
    lock.release()
    eventually(lambda: result)
    assert result == ["the freeze has been called off by a thaw"]
    assert bench.system.frozen == {FDS[A]}
    assert bench.freezer.status() == "frozen"
    assert bench.freezer.thaw() == 1
    bench.system.gates.clear()
    assert bench.freezer.freeze() == 3


def test_a_stuck_freeze_that_fails_in_the_end(bench: Bench) -> None:
    lock = bench.system.hold("freeze B")
    bench.system.faults["freeze B"] = OSError(errno.EIO, "Input/output error")
    result = bench.in_thread(bench.freezer.freeze)
    eventually(lambda: "freeze A" in bench.calls)
    bench.freezer.thaw()
    lock.release()
    eventually(lambda: result)
    assert result == ["failed to freeze /B: Input/output error"]
    assert bench.calls.count("hook thaw") == 1


def test_an_undo_that_fails_is_told(bench: Bench) -> None:
    lock = bench.system.hold("freeze B")
    result = bench.in_thread(bench.freezer.freeze)
    eventually(lambda: "freeze A" in bench.calls)
    bench.freezer.thaw()
    bench.system.faults["thaw B"] = OSError(errno.EIO, "Input/output error")
    lock.release()
    eventually(lambda: result)
    assert "failed to thaw /B: Input/output error" in bench.record.lines


def test_a_thaw_during_the_freeze_hook(bench: Bench) -> None:
    lock = bench.system.hold("hook freeze")
    frozen = bench.in_thread(bench.freezer.freeze)
    eventually(lambda: "hook freeze" in bench.calls)
    thawed = bench.in_thread(bench.freezer.thaw)
    eventually(lambda: "clear" in bench.calls)
    lock.release()
    eventually(lambda: frozen and thawed)
    assert frozen == ["the freeze has been called off by a thaw"]
    assert thawed == [0]
    assert bench.calls == ["hook freeze", "clear", "hook thaw"]
    assert bench.freezer.status() == "thawed"
    assert not bench.agent.gate.frozen


def test_a_freeze_while_a_thaw_is_under_way_is_refused(bench: Bench) -> None:
    bench.freezer.freeze()
    lock = bench.system.hold("thaw A")
    bench.system.guard = Guard(limit=10)
    result = bench.in_thread(bench.freezer.thaw)
    eventually(lambda: "thaw B" in bench.calls)
    with pytest.raises(CommandError, match="already being frozen or thawed"):
        bench.freezer.freeze()
    lock.release()
    eventually(lambda: result)
    assert result == [3]


def test_the_mark_of_an_earlier_agent(bench: Bench) -> None:
    bench.system.frozen = {FDS[A], FDS[C]}
    bench.agent.config.freeze_timeout = 60
    bench.freezer.begin_frozen()
    assert (bench.freezer.status(), bench.record.suspended) == ("frozen", True)
    assert bench.freezer.deadline is not None
    assert bench.freezer.thaw() == 2
    assert bench.calls == ["thaw C", "thaw A", "clear", "hook thaw"]
    assert bench.freezer.deadline is None


def test_a_lease_runs_out(bench: Bench) -> None:
    bench.agent.config.freeze_timeout = 0.01
    bench.freezer.freeze()
    assert bench.freezer.deadline is not None
    assert bench.wakes
    eventually(lambda: time.monotonic() > (bench.freezer.deadline or 0))
    bench.freezer.expire()
    assert bench.freezer.status() == "thawed"
    assert bench.freezer.deadline is None
    assert "the freeze has lasted longer than --freeze-timeout: thawed 3 filesystems" in bench.record.lines
    bench.freezer.expire()
    assert bench.calls.count("hook thaw") == 1


def test_a_lease_that_an_explicit_thaw_and_a_new_freeze_have_overtaken(bench: Bench) -> None:
    bench.agent.config.freeze_timeout = 100
    bench.freezer.freeze()
    bench.freezer.deadline = None  # the warden has taken it and calls expire()
    bench.freezer.expire()
    assert bench.freezer.status() == "frozen"
    assert bench.freezer.deadline is not None


def test_a_lease_ends_a_stuck_freeze(bench: Bench) -> None:
    bench.agent.config.freeze_timeout = 0.01
    lock = bench.system.hold("freeze B")
    result = bench.in_thread(bench.freezer.freeze)
    eventually(lambda: "freeze A" in bench.calls and time.monotonic() > (bench.freezer.deadline or 0))
    bench.freezer.expire()
    assert not bench.system.frozen
    lock.release()
    eventually(lambda: result)
    assert not bench.system.frozen


def test_a_lease_that_cannot_thaw_tries_again(bench: Bench) -> None:
    bench.agent.config.freeze_timeout = 0.01
    bench.freezer.freeze()
    bench.system.faults["thaw B"] = OSError(errno.EIO, "Input/output error")
    eventually(lambda: time.monotonic() > (bench.freezer.deadline or 0))
    bench.freezer.expire()
    assert bench.freezer.deadline is not None
    assert bench.freezer.deadline > time.monotonic() + 5
    assert any("but the thaw failed: failed to thaw /B" in line for line in bench.record.lines)


def test_the_system_is_loaded_at_first_use(bench: Bench) -> None:
    bench.freezer._system = None
    assert type(bench.freezer._os()).__name__ == "Freezing"


def test_a_thaw_while_the_mark_is_being_made(bench: Bench) -> None:
    lock = allocate_lock()
    lock.acquire()
    mark = bench.record.mark_frozen

    def slow_mark() -> None:
        bench.calls.append("begin mark")
        with lock:
            mark()

    bench.record.mark_frozen = slow_mark  # type: ignore[method-assign]
    frozen = bench.in_thread(bench.freezer.freeze)
    eventually(lambda: "begin mark" in bench.calls)
    bench.system.frozen = {FDS[C]}
    thawed = bench.in_thread(bench.freezer.thaw)
    eventually(lambda: "thaw C" in bench.calls)  # whoever has frozen the place of the mark: it is thawed
    lock.release()
    eventually(lambda: frozen and thawed)
    assert (frozen, thawed) == (["the freeze has been called off by a thaw"], [1])
    assert bench.calls == ["hook freeze", "begin mark", "thaw C", "mark", "clear", "hook thaw"]
    assert not bench.agent.gate.frozen
