"""Load averages as Unix counts them, of the length of the processors' queue.

Windows keeps no averages. A thread, begun at the first question, reads the counter every five seconds; what happened
before that is not known, so the averages start at 0, as those of QEMU's agent do.
"""

from __future__ import annotations

import ctypes
import math
import time
from _thread import allocate_lock, start_new_thread

from guestwire.agent.system.windows.win32 import DWORD, HANDLE, function

INTERVAL = 5.0  # seconds between two looks at the counter, as in Linux
_MINUTES = (1, 5, 15)
_FADE = tuple(math.exp(-INTERVAL / (60 * minutes)) for minutes in _MINUTES)
_COUNTER = r"\System\Processor Queue Length"
_PDH_FMT_DOUBLE = 0x200


class PDH_FMT_COUNTERVALUE(ctypes.Structure):
    """A counter's value as a number with a fraction."""

    _fields_ = (("CStatus", DWORD), ("doubleValue", ctypes.c_double))


class QueueLength:
    """The counter: how many threads are ready and have no processor. OSError where Windows does not count it."""

    def __init__(self) -> None:
        self._query = HANDLE()
        self._counter = HANDLE()
        pointer, size = ctypes.c_void_p, ctypes.c_size_t
        _pdh("PdhOpenQueryW", (ctypes.c_wchar_p, size, pointer), None, 0, ctypes.addressof(self._query))
        add = (HANDLE, ctypes.c_wchar_p, size, pointer)
        _pdh("PdhAddEnglishCounterW", add, self._query, _COUNTER, 0, ctypes.addressof(self._counter))

    def read(self) -> float:
        """The length of the queue now."""
        pointer = ctypes.c_void_p
        value = PDH_FMT_COUNTERVALUE()
        _pdh("PdhCollectQueryData", (HANDLE,), self._query)
        form = (HANDLE, DWORD, pointer, pointer)
        where = ctypes.addressof(value)
        _pdh("PdhGetFormattedCounterValue", form, self._counter, _PDH_FMT_DOUBLE, None, where)
        return float(value.doubleValue)


class Averages:
    """Averages over 1, 5 and 15 minutes that fade as Linux' do."""

    def __init__(self) -> None:
        self.values = (0.0, 0.0, 0.0)

    def add(self, length: float) -> None:
        """Count in what the queue's length was over one interval."""
        self.values = tuple(old * fade + length * (1 - fade) for old, fade in zip(self.values, _FADE))  # type: ignore[assignment]


_starting = allocate_lock()
_averages: Averages | None = None


def load_averages() -> tuple[float, float, float]:
    """Over 1, 5 and 15 minutes. OSError where Windows has no such counter."""
    global _averages
    with _starting:
        if _averages is None:
            queue = QueueLength()
            queue.read()
            _averages = Averages()
            start_new_thread(_follow, (queue, _averages))
        return _averages.values


def _follow(queue: QueueLength, averages: Averages) -> None:
    while True:
        time.sleep(INTERVAL)
        try:
            averages.add(queue.read())
        except OSError:
            pass  # a counter that was not to be had this once


def _pdh(name: str, types: tuple[object, ...], *arguments: object) -> None:
    status = function("pdh", name, DWORD, *types)(*arguments)
    if status:
        raise OSError(0, f"{name} failed with 0x{status:08x}")
