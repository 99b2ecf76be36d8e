"""The whole error tree of guestwire: the one floor that everything else may import.

Both ends of the conversation use the same classes. A command function in the agent raises `CommandError`;
the dispatcher turns it into an error answer; the client turns the answer back into the same class.
"""

from __future__ import annotations

import os


class GuestwireError(Exception):
    """Base of every error that guestwire raises on purpose. Its text is one line fit for a user."""


class ConfigError(GuestwireError):
    """A wrong option, configuration file, schema pack or environment: what is wrong, where, what to do."""


class StartError(GuestwireError):
    """The program is configured well but cannot start: a missing device, a second agent, no permission."""


class SchemaError(GuestwireError):
    """A fault in a schema file. `str()` is `file:line: message`, the form QEMU's own generator prints."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file = file
        self.line = line
        self.message = message


class GuestError(GuestwireError):
    """Something went wrong with one guest. `guest`, `command` and `waited` (seconds) are told where they are known."""

    def __init__(
        self,
        text: str,
        *,
        guest: str | None = None,
        command: str | None = None,
        waited: float | None = None,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.guest = guest
        self.command = command
        self.waited = waited

    def __str__(self) -> str:
        where = " ".join(part for part in (self.guest, self.command) if part)
        took = f" (after {self.waited:.1f} s)" if self.waited is not None else ""
        return f"{where}: {self.text}{took}" if where else f"{self.text}{took}"


class CommandError(GuestError):
    """A command failed: the error answer's `desc`, with its `class` in `error_class`."""

    error_class = "GenericError"

    @property
    def desc(self) -> str:
        """The guest's own words."""
        return self.text

    @classmethod
    def from_os(cls, text: str, error: OSError) -> CommandError:
        """`TEXT: STRERROR`, QEMU's form for a failed system call (error_setg_errno)."""
        return cls(f"{text}: {os.strerror(error.errno or 0)}")


class CommandNotFound(CommandError):
    """The agent has no such command."""

    error_class = "CommandNotFound"


class CommandDisabled(CommandNotFound):
    """The agent has the command, but its policy or its frozen state forbids it now.

    On the wire its class is `CommandNotFound` too; only the words "has been disabled" tell them apart.
    """


class ConversationError(GuestError):
    """The conversation with a guest went wrong, whatever the command was: see the subclasses."""

    @property
    def reason(self) -> str:
        """What went wrong, without guest and command."""
        return self.text


class GuestTimeout(ConversationError):
    """No answer came within the call's deadline. The next call resyncs by itself."""


class ChannelClosed(ConversationError):
    """The channel could not be opened, or the other end closed it."""


class ProtocolError(ConversationError):
    """The other end sent what the protocol does not allow, or more of it than the bound permits."""


class ProgramFailed(GuestwireError):
    """A program ran in the guest and did not end well; `completed` is what the client knows of it."""

    def __init__(self, reason: str, completed: object) -> None:
        super().__init__(reason)
        self.completed = completed


class ChecksumMismatch(GuestwireError):
    """Host and guest do not have the same content after a copy."""
