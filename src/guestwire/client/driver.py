"""`Driver`: runs conversations on a blocking transport, one at a time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Self, TypeVar

from guestwire.client import transports
from guestwire.client.effects import Close, Exchange, Local, Open, Read, Sleep, Turn, Write
from guestwire.client.flavour import Blocking, conversation
from guestwire.client.flows import execute
from guestwire.client.session import DEFAULT_TIMEOUT, Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.client.address import Address, Resolver
    from guestwire.client.effects import Flow
    from guestwire.client.transports.base import Transport

T = TypeVar("T")


class Driver(Blocking):
    """A channel with `execute` alone, quick to import; `GuestAgent` has everything else."""

    execute = conversation(execute)

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
            name or transports.called(address),
            self._lock,
            self._transport,
            timeout=timeout,
            clock=clock,
            max_reply=max_reply,
        )

    def drive(self, flow: Flow[T]) -> T:
        """Drive a conversation to its end: do what it yields, send it the outcome, throw into it what goes wrong."""
        step: Callable[[Any], Any] = flow.send
        outcome: Any = None
        transport, clock = self._transport, self.session.clock
        try:
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
        finally:
            outcome = None  # an error kept here would keep this frame, and with it the channel, alive

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
