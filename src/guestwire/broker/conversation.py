"""One request by a conversation of the client library: a command that answers only when it fails, or one on the way
through libvirt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.broker import answers
from guestwire.client.codec import Command
from guestwire.client.flows import SILENT, ask, ask_silent
from guestwire.errors import CommandError, GuestwireError

if TYPE_CHECKING:
    from guestwire.broker.answers import Answer
    from guestwire.broker.turns import Job
    from guestwire.broker.upstream import Upstream


async def converse(upstream: Upstream, job: Job, patience: float) -> Answer | None:
    """The answer to `job`, within `patience` seconds; None when it has none, as a shutdown that goes well."""
    session = upstream.session
    try:
        if job.name in SILENT:
            silent: Command[None] = Command(job.name, silent=True)
            await upstream.converse(ask_silent(session, silent, job.line))
            return None
        return answers.read(await upstream.converse(ask(session, _Line(job.name), job.line, patience)))
    except CommandError as error:
        return answers.refusal(error.desc, error.error_class)
    except (GuestwireError, OSError, ValueError) as error:
        return answers.unreachable(str(error))


class _Line(Command[bytes]):
    """The answer's line as it came."""

    def decode(self, line: bytes) -> bytes:
        return line
