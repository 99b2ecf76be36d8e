"""`AsyncGuestAgent`: the asyncio client."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import asynccontextmanager
from math import inf
from typing import TYPE_CHECKING, Any, Self, TypeVar

from guestwire.client import transports
from guestwire.client.aio_files import AsyncGuestFile
from guestwire.client.effects import Close, Exchange, Local, Open, Read, Sleep, Turn, Write
from guestwire.client.flavour import Asynchronous
from guestwire.client.methods import Conversations
from guestwire.client.recipes.freezing import FREEZE_TIMEOUT, THAW_TIMEOUT, freeze, reach, thaw
from guestwire.client.session import DEFAULT_TIMEOUT, Session
from guestwire.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

    from guestwire.client.address import Address, Resolver
    from guestwire.client.effects import Flow
    from guestwire.client.transports.base import AsyncTransport

T = TypeVar("T")


class AsyncGuestAgent(Conversations, Asynchronous):
    """A guest's agent, called from one event loop. Tasks may share one: their calls take turns.

    The arguments are those of `GuestAgent`. Every method of it is a coroutine here.
    """

    def __init__(
        self,
        address: str | Address | AsyncTransport,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        clock: Callable[[], float] = time.monotonic,
        resolver: Resolver | None = None,
        max_reply: int = 64 << 20,
        name: str | None = None,
    ) -> None:
        self._transport = transports.asynchronous(address, resolver)
        self._queue = _Queue()
        self.session = Session(
            name or transports.called(address),
            self._queue,
            self._transport,
            timeout=timeout,
            clock=clock,
            max_reply=max_reply,
        )

    async def drive(self, flow: Flow[T]) -> T:
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
                        if not transport.write(effect.data):
                            await transport.drained(effect.deadline - clock())
                        outcome = transport.take() or await transport.arrival(effect.deadline - clock())
                    elif kind is Read:
                        outcome = transport.take() or await transport.arrival(effect.deadline - clock())
                    elif kind is Write:
                        if not transport.write(effect.data):
                            await transport.drained(effect.deadline - clock())
                        outcome = None
                    else:
                        outcome = await self._perform(effect)
                    step = flow.send
                except BaseException as error:
                    outcome, step = error, flow.throw
        finally:
            outcome = None  # as in `Driver.drive`

    async def _perform(self, effect: Any) -> Any:
        kind = type(effect)
        if kind is Local:
            return await asyncio.to_thread(effect.work)
        if kind is Sleep:
            await asyncio.sleep(effect.seconds)
        elif kind is Turn:
            await self._queue.wait(effect.deadline - self.session.clock())
        elif kind is Open:
            await self._transport.open(effect.deadline - self.session.clock())
        elif kind is Close:
            await self._transport.close()
        else:
            raise TypeError(f"a conversation asked for {effect!r}")
        return None

    @asynccontextmanager
    async def frozen(
        self,
        mountpoints: Sequence[str] | None = None,
        *,
        timeout: float = FREEZE_TIMEOUT,
        thaw_timeout: float = THAW_TIMEOUT,
    ) -> AsyncIterator[int]:
        """As `GuestAgent.frozen`, for `async with`. A cancelled task thaws first and is cancelled then."""
        await self.drive(reach(self.session))
        thawing = True
        try:
            try:
                count = await self.drive(freeze(self.session, mountpoints, timeout=timeout))
            except CommandError:
                thawing = False  # the agent refused, so this call has frozen nothing
                raise
            yield count
        finally:
            if thawing:
                await _finish(self.drive(thaw(self.session, timeout=thaw_timeout)))

    def open(self, path: str, mode: str = "r") -> AsyncGuestFile:
        """Open a file of the guest, in binary: `async with agent.open(path) as file: await file.read()`."""
        return AsyncGuestFile(self, path, mode)

    async def close(self) -> None:
        """Close the channel. The next call opens it anew."""
        self.session.protocol.closed()
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()


async def _finish(work: Coroutine[Any, Any, object]) -> None:
    """Wait for `work` to be done, come what may; a cancellation meanwhile takes effect afterwards."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:
            break
    task.result()
    if cancelled is not None:
        raise cancelled


class _Queue:
    """A lock whose uncontended use is two plain calls; those who wait get it in the order in which they came."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    def acquire(self, blocking: bool, /) -> bool:
        if self._taken:
            return False
        self._taken = True
        return True

    async def wait(self, timeout: float) -> None:
        if self.acquire(False):
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            async with asyncio.timeout(None if timeout == inf else timeout):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                self.release()  # it was our turn already
            if isinstance(error, TimeoutError):
                raise TimeoutError("other calls of this client take too long") from None
            raise

    def release(self) -> None:
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._taken = False
