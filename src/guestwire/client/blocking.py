"""`GuestAgent`: the blocking client."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Self, TypeVar

from guestwire.client import transports
from guestwire.client.effects import Close, Local, Open, Read, Sleep, Turn, Write
from guestwire.client.flavour import Blocking
from guestwire.client.methods import Conversations
from guestwire.client.session import DEFAULT_TIMEOUT, Session

if TYPE_CHECKING:
    from collections.abc import Callable

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

    def run(self, flow: Flow[T]) -> T:
        """Drive a conversation to its end: do what it yields, send it the outcome, throw into it what goes wrong."""
        step: Callable[[Any], Any] = flow.send
        outcome: Any = None
        while True:
            try:
                effect = step(outcome)
            except StopIteration as end:
                result: T = end.value
                return result
            try:
                outcome, step = self._perform(effect), flow.send
            except BaseException as error:
                outcome, step = error, flow.throw

    def _perform(self, effect: Any) -> Any:
        kind = type(effect)
        clock = self.session.clock
        if kind is Read:
            return self._transport.read(effect.deadline - clock())
        if kind is Write:
            return self._transport.write(effect.data, effect.deadline - clock())
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

    def close(self) -> None:
        """Close the channel. The next call opens it anew."""
        with self._lock:
            self.session.protocol.closed()
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
