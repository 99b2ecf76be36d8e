"""`GuestAgent`: the blocking client."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Self, TypeVar

from guestwire.client import transports
from guestwire.client.effects import Close, Exchange, Local, Open, Read, Sleep, Turn, Write
from guestwire.client.files import open_guest_file
from guestwire.client.flavour import Blocking
from guestwire.client.methods import Conversations
from guestwire.client.recipes.freezing import FREEZE_TIMEOUT, THAW_TIMEOUT, freeze, thaw
from guestwire.client.session import DEFAULT_TIMEOUT, Session
from guestwire.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from guestwire.client.address import Address, Resolver
    from guestwire.client.effects import Flow
    from guestwire.client.transports.base import Transport

T = TypeVar("T")


class GuestAgent(Conversations, Blocking):
    """A guest's agent, called from plain code. Threads may share one: their calls take turns.

    `address` is a text of `guestwire.client.address`, a parsed one, or a transport. Nothing is opened before the first
    call. `timeout` is for each call, in seconds, resync included; `max_reply` bounds one answer, in bytes. `name` is
    what errors call the guest.
    """

    def __init__(
        self,
        address: str | Address | Transport,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        resolver: Resolver | None = None,
        max_reply: int = 64 << 20,
        name: str | None = None,
    ) -> None:
        self._transport = transports.blocking(address, resolver)
        self._lock = threading.Lock()
        self._sleep = sleep
        self.session = Session(
            name or str(address), self._lock, timeout=timeout, clock=clock, max_reply=max_reply
        )
        self.session.limit_to(self._transport)

    def drive(self, flow: Flow[T]) -> T:
        """Drive a conversation to its end: do what it yields, send it the outcome, throw into it what goes wrong."""
        step: Callable[[Any], Any] = flow.send
        outcome: Any = None
        transport, clock = self._transport, self.session.clock
        while True:
            try:
                effect = step(outcome)
            except StopIteration as end:
                result: T = end.value
                return result
            try:
                kind = type(effect)
                if kind is Exchange:
                    transport.write(effect.data, effect.deadline - clock())
                    outcome = transport.read(effect.deadline - clock())
                elif kind is Read:
                    outcome = transport.read(effect.deadline - clock())
                elif kind is Write:
                    outcome = transport.write(effect.data, effect.deadline - clock())  # type: ignore[func-returns-value]
                else:
                    outcome = self._perform(effect)
                step = flow.send
            except BaseException as error:
                outcome, step = error, flow.throw

    def _perform(self, effect: Any) -> Any:
        kind, clock = type(effect), self.session.clock
        if kind is Sleep:
            return self._sleep(effect.seconds)
        if kind is Open:
            return self._transport.open(effect.deadline - clock())
        if kind is Turn:
            if not self._lock.acquire(timeout=min(max(effect.deadline - clock(), 0), threading.TIMEOUT_MAX)):
                raise TimeoutError("another call of this client takes too long")
            return None
        if kind is Close:
            return self._transport.close()
        if kind is Local:
            return effect.work()
        raise TypeError(f"a conversation asked for {effect!r}")

    @contextmanager
    def frozen(
        self,
        mountpoints: Sequence[str] | None = None,
        *,
        timeout: float = FREEZE_TIMEOUT,
        thaw_timeout: float = THAW_TIMEOUT,
    ) -> Iterator[int]:
        """Freeze filesystems (all, or those mounted at `mountpoints`) while the body runs; gives how many are frozen.

        They are thawed at the end, whatever ends it, and also when the freeze itself times out. Thawing goes on
        for `thaw_timeout` seconds before it gives up and says so.
        """
        thawing = True
        try:
            try:
                count = self.drive(freeze(self.session, mountpoints, timeout=timeout))
            except CommandError:
                thawing = False  # the agent refused, so this call has frozen nothing
                raise
            yield count
        finally:
            if thawing:
                self._thaw(thaw_timeout)

    def _thaw(self, timeout: float) -> None:
        try:
            self.drive(thaw(self.session, timeout=timeout))
        except KeyboardInterrupt:  # one impatient Ctrl-C must not leave a guest frozen; a second one may
            self.drive(thaw(self.session, timeout=timeout))
            raise

    def open(
        self,
        path: str,
        mode: str = "r",
        *,
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[Any]:
        """Open a file of the guest as `open` opens one of the host, with the same arguments; text is UTF-8."""
        return open_guest_file(
            self, path, mode, buffering=buffering, encoding=encoding, errors=errors, newline=newline
        )

    def interrupt(self) -> None:
        """End the call that another thread waits for: it raises `ChannelClosed`. The next call opens the channel anew.

        What must happen at the end of a call (thawing, closing a file) still does. A command that libvirt carries
        cannot be ended so.
        """
        self._transport.interrupt()

    def close(self) -> None:
        """Close the channel. The next call opens it anew."""
        with self._lock:
            self.session.protocol.closed()
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
