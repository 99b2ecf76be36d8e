"""One short visit to a QEMU's monitor: what state the guest is in, and what the balloon leaves it.

A QMP socket serves one client at a time, and others may need it: connect, ask, leave. All that comes from there is
bounded; a monitor that somebody else holds, or that does not answer, is no failure: what discovery knows counts then.

Facts: QEMU's qapi/run-state.json (RunState, query-status) and qapi/machine.json (query-balloon).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from guestwire.monitor.targets import GuestState

if TYPE_CHECKING:
    from guestwire.client.address import UnixAddress

PATIENCE = 0.5
"""Seconds for the whole visit."""

_MOST_LINE = 64 << 10
_MOST_LINES = 64  # events may come between the answers
_MOST_BYTES = 1 << 50  # of memory that a guest is believed to have
_STATUS, _BALLOON = "guestwire-status", "guestwire-balloon"
_ASK = (
    b'{"execute": "qmp_capabilities"}\n'
    b'{"execute": "query-status", "id": "%b"}\n'
    b'{"execute": "query-balloon", "id": "%b"}\n'
) % (_STATUS.encode(), _BALLOON.encode())

_STATES = {
    "running": GuestState.RUNNING,
    "inmigrate": GuestState.MIGRATING,
    "finish-migrate": GuestState.MIGRATING,
    "postmigrate": GuestState.MIGRATING,
    "shutdown": GuestState.OFF,
} | dict.fromkeys(
    (
        "paused",
        "suspended",
        "prelaunch",
        "save-vm",
        "restore-vm",
        "io-error",
        "internal-error",
        "watchdog",
        "guest-panicked",
        "debug",
        "colo",
    ),
    GuestState.PAUSED,
)


@dataclass(frozen=True, slots=True)
class View:
    """`balloon` in bytes; None for a guest that has no balloon. `state` is None for a word that is not known."""

    state: GuestState | None
    balloon: int | None


async def ask(address: UnixAddress, patience: float = PATIENCE) -> View | None:
    """What QEMU says within `patience` seconds; None when it does not."""
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_unix_connection(address.path, limit=_MOST_LINE)
            try:
                writer.write(_ASK)
                return await _answers(reader)
            finally:
                writer.transport.abort()
    except (OSError, ValueError, TimeoutError):
        return None


async def _answers(reader: asyncio.StreamReader) -> View | None:
    answers: dict[str, object] = {}
    for _ in range(_MOST_LINES):
        message = _object(await reader.readline())
        if (mark := message.get("id")) in (_STATUS, _BALLOON):
            answers[str(mark)] = message.get("return")
        if len(answers) == 2:
            return View(_state(answers[_STATUS]), _bytes(answers[_BALLOON]))
    return None


def _object(line: bytes) -> dict[str, object]:
    try:
        found = msgspec.json.decode(line)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"no message of QMP: {error}") from None
    return found if isinstance(found, dict) else {}


def _state(value: object) -> GuestState | None:
    word = value.get("status") if isinstance(value, dict) else None
    return _STATES.get(word) if isinstance(word, str) else None


def _bytes(value: object) -> int | None:
    size = value.get("actual") if isinstance(value, dict) else None
    return size if type(size) is int and 0 < size <= _MOST_BYTES else None
