from __future__ import annotations

import errno
from collections.abc import Iterator

import pytest

from guestwire.agent.system.linux import uevents
from guestwire.agent.system.linux.uevents import BlockEvents

BLOCK = b"change@/devices/x\0ACTION=change\0SUBSYSTEM=block\0SEQNUM=1\0"
UDEV = b"libudev\0\xfe\xed\xca\xfe...ACTION=add\0SUBSYSTEM=block\0"
OTHER = b"add@/devices/y\0ACTION=add\0SUBSYSTEM=net\0INTERFACE=block\0"


class Socket:
    def __init__(self, events: list[bytes | OSError]) -> None:
        self.events: Iterator[bytes | OSError] = iter(events)

    def recv(self, size: int) -> bytes:
        event = next(self.events, BlockingIOError())
        if isinstance(event, OSError):
            raise event
        return event


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], False),
        ([OTHER], False),
        ([BLOCK], True),
        ([OTHER, UDEV, OTHER], True),
        ([OSError(errno.ENOBUFS, "lost"), OTHER], True),
        ([OSError(errno.EBADF, "closed")] * 2, True),
    ],
)
def test_which_events_count(events: list[bytes | OSError], expected: bool) -> None:
    listener = BlockEvents.__new__(BlockEvents)
    listener._socket = Socket(events)  # type: ignore[assignment]
    assert listener.any() is expected


def test_the_real_socket_has_nothing_to_say_or_is_refused() -> None:
    try:
        listener = BlockEvents()
    except OSError as error:
        pytest.skip(f"no events here: {error}")
    listener.any()
    listener.close()


def test_another_user_namespace_hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uevents, "_of_first_user_namespace", lambda: False)
    with pytest.raises(PermissionError):
        BlockEvents()
