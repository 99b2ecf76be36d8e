"""Towards a guest: its one channel, opened, kept in step, and brought back whenever it is lost.

Between two resyncs the channel is used by plain calls: `send`, then `heard` for each answer. All that takes longer
(opening, resync, a command that answers only when it fails, libvirt) is a conversation of the client library.

A guest that does not answer is not asked again and again. One resync waits for it, repeated seldom, so that a guest
that comes back is heard at once.
"""

from __future__ import annotations

import asyncio
import time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from guestwire.client import transports
from guestwire.client.aio import AsyncGuestAgent
from guestwire.client.flows import connect, describe, hang_up, resync
from guestwire.client.transports.aio_stream import AsyncStreamTransport
from guestwire.errors import GuestwireError, ProtocolError
from guestwire.wire.client import CLOSED, READY

if TYPE_CHECKING:
    from guestwire.client.effects import Flow
    from guestwire.client.session import Session

SETTLING = 5.0
"""Seconds that a guest has for its first resync; requests wait meanwhile, and fail when they are over."""

_LONGEST_TRY = 300.0
_STEADY = 1.0  # seconds that a channel is up when it is not flapping
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 30.0


class State(StrEnum):
    """Of a guest's channel."""

    CONNECTING = "connecting"
    UP = "up"
    SILENT = "silent"  # open, but nothing answers
    BUSY = "busy"  # another program holds the channel
    DOWN = "down"  # it cannot be opened


class User(Protocol):
    """Who uses an upstream."""

    def heard(self, line: bytes) -> None:
        """The answer to the oldest request that was sent."""

    def lost(self, why: str) -> None:
        """What was sent will not be answered."""

    def go_on(self) -> None:
        """All that arrived has been told; the channel is up."""

    def changed(self) -> None:
        """`state` is another one, or one more try to bring the channel up has failed."""


class Upstream:
    """One guest's channel at `address`. `run` brings it up and keeps it so."""

    def __init__(self, name: str, address: str, user: User) -> None:
        self._user = user
        transport = transports.asynchronous(address)
        self._stream = transport if isinstance(transport, AsyncStreamTransport) else None
        self._agent = AsyncGuestAgent(transport, name=name, timeout=SETTLING)
        self._wake = asyncio.Event()  # somebody wants the channel, or it was lost
        self.plain = self._stream is not None
        """Whether `send` may be used; otherwise all is `converse`."""
        self.session: Session = self._agent.session
        """For conversations."""
        self._telling = False
        self.state = State.CONNECTING
        self.reason = "connecting"
        self.since = time.time()

    @property
    def free(self) -> bool:
        """Whether something may be sent now."""
        return self.state is State.UP and not self._telling

    def send(self, data: bytes, requests: int) -> None:
        """Send `requests` whole requests; the channel must be up."""
        assert self._stream is not None
        try:
            self._stream.write(data)
        except OSError as error:
            self.lose(describe(error))
        else:
            self.session.protocol.outstanding += requests

    async def converse(self, flow: Flow[Any]) -> Any:
        """Hold a conversation on the channel, while nothing that was sent waits for its answer."""
        self._listen(False)
        try:
            return await self._agent.drive(flow)
        finally:
            if self.session.protocol.state is READY:
                self._listen(True)
            else:
                self._down(State.CONNECTING, "out of step")

    def lose(self, why: str) -> None:
        """Give up what is under way; a resync comes next."""
        self.session.protocol.abandon()
        self._listen(False)
        self._down(State.CONNECTING, why)
        self._user.lost(why)

    def wake(self) -> None:
        """Try now what would be tried again later: a request waits."""
        self._wake.set()

    async def run(self) -> None:
        """Keep the channel up until cancelled."""
        flaps = 0
        try:
            while True:
                await self._bring_up()
                came = time.monotonic()
                while self.state is State.UP:
                    self._wake.clear()
                    await self._wake.wait()
                flaps = flaps + 1 if time.monotonic() - came < _STEADY else 0
                if flaps > 1:
                    await self._calm_down(min(_FIRST_PAUSE * 2.0 ** min(flaps, 16), _LONGEST_PAUSE))
        finally:
            self._listen(False)
            await self._agent.close()

    async def _calm_down(self, pause: float) -> None:
        """A guest that comes and goes must not keep the broker busy; nor do requests wait for it in vain."""
        if pause > _STEADY:
            self._become(
                State.SILENT, f"the channel comes and goes ({self.reason}): tried again after {pause:.0f} s"
            )
        await asyncio.sleep(pause)

    async def _bring_up(self) -> None:
        patience, pause = SETTLING, _FIRST_PAUSE
        while self.session.protocol.state is not READY:
            try:
                await self._agent.drive(self._resynced(patience))
            except TimeoutError as error:
                busy = str(error).startswith("busy")
                self._down(State.BUSY if busy else State.SILENT, str(error) or "the channel does not open")
                patience = min(2 * patience, _LONGEST_TRY)
            except (OSError, GuestwireError) as error:
                unruly = isinstance(error, ProtocolError)
                self._down(State.SILENT if unruly else State.DOWN, describe(error))
                patience = SETTLING
                if not unruly:
                    await self._agent.drive(hang_up(self.session))
                await self._rest(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        self._listen(True)
        self._become(State.UP, "")

    def _resynced(self, patience: float) -> Flow[None]:
        session = self.session
        deadline = session.clock() + patience
        if session.protocol.state == CLOSED:
            yield from connect(session, deadline)
        yield from resync(session, deadline)

    async def _rest(self, seconds: float) -> None:
        """Wait before the next try, unless somebody wants the channel meanwhile."""
        self._wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _listen(self, on: bool) -> None:
        if self._stream is not None:
            self._stream.listener = self._arrived if on else None

    def _arrived(self, data: bytes) -> None:
        protocol = self.session.protocol
        if not data:
            protocol.closed()
            self.lose("the guest's end of the channel was closed")
            return
        self._telling = True  # an answer may lead to a request at once, which has to wait for the others
        try:
            line = protocol.receive(data)
            while line is not None:
                self._user.heard(line)
                line = protocol.next_reply()
        except ProtocolError as error:
            self.lose(error.reason)
            return
        finally:
            self._telling = False
        if protocol.state is READY:
            self._user.go_on()
        else:
            self.lose("the guest sent something that nobody had asked for")

    def _down(self, state: State, reason: str) -> None:
        self._become(state, reason)
        self._wake.set()

    def _become(self, state: State, reason: str) -> None:
        if state is not self.state:
            self.since = time.time()
        self.state, self.reason = state, reason
        self._user.changed()
