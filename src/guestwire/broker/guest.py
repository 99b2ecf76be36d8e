"""One guest: its channel, which the broker alone holds, and the requests that wait for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from guestwire.broker.belongings import FREEZES, Belongings
from guestwire.broker.turns import THAW, Job, Turns
from guestwire.client import AsyncGuestAgent
from guestwire.client.codec import Command
from guestwire.client.flows import SILENT, ask, ask_silent
from guestwire.errors import CommandError, ConversationError, GuestwireError, ProtocolError
from guestwire.wire.encoding import encode

if TYPE_CHECKING:
    from guestwire.wire.messages import Request

TIMEOUT = 30.0
LONG_TIMEOUT = 600.0
"""Seconds that one answer may take; the long one for what waits for disks."""

_LONG = frozenset((*FREEZES, THAW, "guest-fstrim"))


class _Whole(Command[Any]):
    """The whole answer, error or not: it goes on to a client."""

    def decode(self, line: bytes) -> Any:
        try:
            reply = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            reply = None
        if not isinstance(reply, dict) or not ("return" in reply or isinstance(reply.get("error"), dict)):
            raise ProtocolError("the guest sent something that is no answer")
        return reply


class Guest:
    """`run()` serves the requests of `turns`, one at a time, until it is cancelled."""

    def __init__(self, name: str, address: str, *, timeout: float = TIMEOUT) -> None:
        self.name = name
        self.agent = AsyncGuestAgent(address, name=name, timeout=timeout)
        self.turns = Turns()
        self.current: Job | None = None

    async def run(self) -> None:
        """Serve for ever. Whatever the guest does, each request ends with an answer or an error."""
        try:
            while True:
                self.current = job = await self.turns.next()
                reply = None
                if job.request is not None:
                    refused = job.asker.refusal(
                        job.request
                    )  # now: an earlier answer may have made the handle
                    reply = _error(refused) if refused else await self._perform(job.request)
                self.current = None
                job.asker.answer(job, reply)
        finally:
            await self.agent.close()

    def void(self, asker: object) -> None:
        """Nobody waits any longer for the answer to what `asker` has under way."""
        if self.current is not None and self.current.asker is asker:
            self.current.void = True

    def clean_up(self, belongings: Belongings) -> None:
        """Undo what a client has left behind."""
        for request in belongings.farewell():
            self.turns.add(Job(_Nobody(), request))

    async def _perform(self, request: Request) -> dict[str, Any] | None:
        wired: dict[str, Any] = {"execute": request.name}
        if request.arguments is not None:
            wired["arguments"] = request.arguments
        line = encode(wired) + b"\n"
        try:
            if request.name in SILENT:
                silent: Command[None] = Command(request.name, silent=True)
                await self.agent.drive(ask_silent(self.agent.session, silent, line))
                return None
            timeout = LONG_TIMEOUT if request.name in _LONG else None
            reply: dict[str, Any] = await self.agent.drive(
                ask(self.agent.session, _Whole(request.name), line, timeout)
            )
            return reply
        except CommandError as error:
            return {"error": {"class": error.error_class, "desc": error.desc}}
        except ConversationError as error:
            return _error(str(error))
        except (GuestwireError, OSError, ValueError) as error:
            return _error(f"{self.name}: {error}")


def _error(desc: str) -> dict[str, Any]:
    return {"error": {"class": "GenericError", "desc": desc}}


class _Nobody:
    """Asks on behalf of a client that has gone."""

    def refusal(self, request: Request) -> str | None:
        """The broker may do everything."""
        return None

    def answer(self, job: Job, reply: dict[str, Any] | None) -> None:
        """There is nobody to tell."""


def start(guest: Guest) -> asyncio.Task[None]:
    """Let `guest` be served by a task of the running loop."""
    return asyncio.get_running_loop().create_task(guest.run(), name=f"guest {guest.name}")
