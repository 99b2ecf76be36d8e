"""The threads that work on several guests at once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple

from guestwire.errors import ChannelClosed, GuestwireError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from guestwire.cli.guests import Guest
    from guestwire.cli.options import Common
    from guestwire.client import GuestAgent

_GLANCE = 0.5  # seconds that Ctrl-C may take to be seen at worst

Connect = Callable[..., AbstractContextManager[Any]]
"""`guests.connected`, or `guests.connected_lean` for work that needs `execute` alone."""


class Outcome(NamedTuple):
    """What became of one guest: a value, or the error that ended the work."""

    guest: Guest
    value: Any = None
    error: Exception | None = None


class Crew:
    """The threads that work on guests, `common.parallel` of them."""

    def __init__(
        self, chosen: Sequence[Guest], common: Common, work: Callable[[GuestAgent], Any], connect: Connect
    ) -> None:
        self._connect = connect
        self._work = work
        self._timeout = common.timeout
        self._waiting: queue.SimpleQueue[Guest] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()
        self._busy: set[GuestAgent] = set()
        self._stopping = False
        self._count = len(chosen)
        for guest in chosen:
            self._waiting.put(guest)
        size = min(common.parallel, self._count)
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(size)]

    def results(self) -> Iterator[Outcome]:
        """Start, and give the outcomes."""
        for thread in self._threads:
            thread.start()
        for _ in range(self._count):
            outcome = self._next()
            if not isinstance(outcome, Outcome):
                raise outcome
            yield outcome

    def _next(self) -> Outcome | BaseException:
        """The next to be done. A signal that comes just before the wait would not end it: so it is a short one."""
        while True:
            try:
                return self._done.get(timeout=_GLANCE)
            except queue.Empty:
                continue

    def stop(self) -> None:
        """End the calls under way, and wait until what they must still do (thaw, close a file) is done."""
        self._stopping = True
        for agent in list(self._busy):
            agent.interrupt()
        for thread in self._threads:
            while thread.is_alive():
                thread.join(_GLANCE)

    def _serve(self) -> None:
        while not self._stopping:
            try:
                guest = self._waiting.get_nowait()
            except queue.Empty:
                return
            self._done.put(self._do(guest))

    def _do(self, guest: Guest) -> Outcome | BaseException:
        try:
            with self._connect(guest, self._timeout) as agent:
                self._busy.add(agent)
                try:
                    if self._stopping:
                        raise ChannelClosed("interrupted", guest=guest.name)
                    return Outcome(guest, self._work(agent))
                finally:
                    self._busy.discard(agent)
        except (GuestwireError, OSError) as error:
            return Outcome(guest, error=error)
        except BaseException as error:  # a fault of ours: it ends the verb, in the main thread
            return error
