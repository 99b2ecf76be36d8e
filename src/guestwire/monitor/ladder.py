"""One guest's sections, each by the best step that works there, with the reason where none does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from guestwire.errors import CommandDisabled, CommandError, CommandNotFound, ProtocolError
from guestwire.monitor.collectors import custom
from guestwire.monitor.collectors.base import BULK, FILE_LIMIT, Answers, Section, Step, untold
from guestwire.monitor.samples import Poll, Unknown

RETRY = 600.0  # seconds after which a step that failed is tried again
ABILITIES = 600.0  # seconds after which the guest is asked again what it can do
_FILE_COMMANDS = ("guest-file-open", "guest-file-read", "guest-file-close")


class Asker(Protocol):
    """What collecting needs of a client; `AsyncGuestAgent` is one."""

    async def execute(
        self, name: str, arguments: dict[str, Any] | None = None, *, timeout: float | None = None
    ) -> Any:
        """Run a command."""

    async def read_file(self, path: str, *, limit: int = FILE_LIMIT) -> bytes:
        """Read a file of the guest."""


class Ladder:
    """What one guest can tell, and what was learned of it. Errors of the conversation itself go to the caller."""

    def __init__(
        self, agent: Asker, sections: Sequence[Section], clock: Callable[[], float] = time.time
    ) -> None:
        self._agent = agent
        self._sections = sections
        self._clock = clock
        self._commands: dict[str, bool] = {}
        self._own: list[Section] = []
        self._asked_abilities = self._last = float("-inf")
        self._failed: dict[tuple[str, int], tuple[float, Unknown]] = {}
        self._due: dict[str, float] = {}
        self._files: dict[str, bytes] = {}
        self._bulk: Answers | None = None
        self._members: list[str] = []
        self._whole = (
            False  # the bulk command is asked for everything: the agent is older than some section's name
        )
        self.frozen = False

    @property
    def metrics(self) -> list[str]:
        """The names of all that could be known."""
        return [name for section in self._sections for name in section.metrics]

    def forget(self) -> None:
        """The guest was away: ask anew what it can do, and everything at once."""
        self._asked_abilities = float("-inf")
        self._whole = False
        self._failed.clear()
        self._due.clear()

    async def collect(self, poll: Poll) -> None:
        """Ask what is due and put it into `poll`."""
        now = self._clock()
        if now < self._last:  # a clock that was set back must not make anything wait until it is there again
            self.forget()
        self._last = now
        if now - self._asked_abilities >= ABILITIES:
            await self._learn(now)
        self._files = {}
        self._bulk = None
        self.frozen = self.frozen and await self._is_frozen()
        sections = (*self._sections, *self._own)
        self._members = sorted({member for section in sections for member in self._wanted(section, now)})
        for section in sections:
            if self.frozen:
                poll.unknown.update(dict.fromkeys(section.metrics, str(Unknown.FROZEN)))
            elif self._due.get(section.name, 0.0) <= now:
                await self._section(section, poll, now)
                self._schedule(section, now)

    def _wanted(self, section: Section, now: float) -> list[str]:
        """What a section that is due wants of the bulk answer."""
        if self._due.get(section.name, 0.0) > now:
            return []
        return [
            step.member
            for index, step in enumerate(section.steps)
            if step.member and self._failed.get((section.name, index), (0.0,))[0] <= now
        ]

    def _schedule(self, section: Section, now: float) -> None:
        """When to ask next; a section that a freeze cut short is due at once."""
        if not self.frozen:
            self._due[section.name] = now + section.pace - 0.5  # polls are never quite on time

    async def _learn(self, now: float) -> None:
        info = await self._agent.execute("guest-info")
        commands = info.get("supported_commands") if isinstance(info, dict) else None
        self._commands = {
            str(entry.get("name")): entry.get("enabled") is not False
            for entry in (commands if isinstance(commands, list) else [])[:1000]
            if isinstance(entry, dict)
        }
        self._own = custom.sections(name for name, enabled in self._commands.items() if enabled)
        self._asked_abilities = now

    async def _section(self, section: Section, poll: Poll, now: float) -> None:
        reason = Unknown.NO_COMMAND
        for index, step in enumerate(section.steps):
            failed = self._failed.get((section.name, index))
            if failed is not None and failed[0] > now:
                reason = failed[1]
                continue
            missing = self._missing(step)
            if missing is not None:
                if reason is Unknown.NO_COMMAND:  # what an earlier step met says more
                    reason = missing
                continue
            why = await self._step(step, poll)
            if why is None:
                return
            reason = why
            if why is Unknown.FROZEN:
                break
            self._failed[section.name, index] = now + RETRY, why
        poll.unknown.update(dict.fromkeys(section.metrics, str(reason)))

    def _missing(self, step: Step) -> Unknown | None:
        """Why the guest cannot take a step at all."""
        for name in step.commands + (_FILE_COMMANDS if step.files else ()):
            if not self._commands.get(name, False):
                return Unknown.DISABLED if name in self._commands else Unknown.NO_COMMAND
        return None

    async def _step(self, step: Step, poll: Poll) -> Unknown | None:
        """Take a step; None if it brought figures, else why not."""
        answers = Answers([])
        try:
            for name in step.commands:
                await self._ask(name, answers)
            for path in step.files:
                if path not in self._files:
                    self._files[path] = await self._agent.read_file(path, limit=FILE_LIMIT)
                answers.values.append(self._files[path])
        except CommandDisabled:
            return Unknown.FROZEN if await self._is_frozen() else Unknown.DISABLED
        except CommandNotFound:
            return Unknown.NO_COMMAND
        except CommandError:
            return Unknown.FAILED
        except ProtocolError:
            return Unknown.INVALID
        if step.member and (why := untold(answers.one(), step.member)) is not None:
            return why
        try:
            samples = list(step.read(answers))
        except Exception:  # whatever a guest's answer leads a reader to
            return Unknown.INVALID
        poll.samples += samples
        for name in {sample.name for sample in samples}:
            poll.sources[name] = str(step.source)
        return None

    async def _ask(self, name: str, answers: Answers) -> None:
        """Put a command's answer to the others; the bulk answer of this poll is asked for once."""
        if name != BULK or self._bulk is None:
            asked = self._clock()
            value = await (self._all_at_once() if name == BULK else self._agent.execute(name))
            told = Answers([value], asked, self._clock())
            if name == BULK:
                self._bulk = told
        else:
            told = self._bulk
        answers.values += told.values
        answers.asked, answers.answered = told.asked, told.answered

    async def _all_at_once(self) -> Any:
        """The bulk answer: of what is due, or of all that there is where the agent does not know a section's name."""
        if self._whole:
            return await self._agent.execute(BULK)
        try:
            return await self._agent.execute(BULK, {"sections": self._members})
        except (CommandDisabled, CommandNotFound):
            raise
        except CommandError:
            value = await self._agent.execute(BULK)
            self._whole = True
            return value

    async def _is_frozen(self) -> bool:
        """A command that guest-info called enabled is not: frozen, or the policy has changed."""
        try:
            self.frozen = await self._agent.execute("guest-fsfreeze-status") == "frozen"
        except CommandError:
            self.frozen = False
        return self.frozen
