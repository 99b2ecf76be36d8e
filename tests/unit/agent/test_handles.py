"""The handle table."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from guestwire.agent import handles as module
from guestwire.agent.handles import Handles
from guestwire.errors import CommandError


class Counter:
    """Stands in for the persisted counter."""

    def __init__(self) -> None:
        self.last = 999
        self.broken = False

    def next_handle(self) -> int:
        if self.broken:
            raise CommandError("failed to commit persistent state to disk")
        self.last += 1
        return self.last


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def handles(counter: Counter) -> Handles:
    return Handles(counter)  # type: ignore[arg-type]


@pytest.fixture
def fd(tmp_path: Path) -> int:
    return os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)


def test_a_handle_is_claimed_by_one_command_at_a_time(
    handles: Handles, fd: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.01)
    handle = handles.add(fd, "/x")
    assert handle == 1000
    file = handles.claim(handle)
    assert file.fd == fd
    with pytest.raises(
        CommandError, match="handle '1000' is busy: an earlier command on /x has not returned"
    ):
        handles.claim(handle)
    with pytest.raises(CommandError, match="busy"):
        handles.close(handle)
    file.busy.release()
    handles.close(handle)
    with pytest.raises(CommandError, match="handle '1000' has not been found"):
        handles.claim(handle)


def test_a_handle_that_is_about_to_be_free_is_waited_for(handles: Handles, fd: int) -> None:
    handle = handles.add(fd, "/x")
    file = handles.claim(handle)
    threading.Timer(0.05, file.busy.release).start()
    handles.close(handle)
    with pytest.raises(CommandError, match="has not been found"):
        handles.claim(handle)


def test_a_descriptor_that_gets_no_number_is_closed(handles: Handles, counter: Counter, fd: int) -> None:
    counter.broken = True
    with pytest.raises(CommandError, match="failed to commit"):
        handles.add(fd, "/x")
    with pytest.raises(OSError):
        os.fstat(fd)


def test_a_failing_close_still_forgets_the_handle(handles: Handles, fd: int) -> None:
    handle = handles.add(fd, "/x")
    os.close(fd)
    with pytest.raises(CommandError, match="failed to close handle: Bad file descriptor"):
        handles.close(handle)
    with pytest.raises(CommandError, match="has not been found"):
        handles.close(handle)
