"""The commands that recipes use, with answers decoded to what a recipe needs: base64 becomes bytes on the way in."""

from __future__ import annotations

from msgspec import Struct, field

from guestwire.client.codec import Command


class Chunk(Struct, rename={"data": "buf-b64"}):
    """A piece of a file. The guest's own `count` is not looked at: `data` says how long it is."""

    data: bytes
    eof: bool = False


class Written(Struct):
    """How many bytes a write took."""

    count: int


class Position(Struct):
    """Where a seek ended, in bytes from the start."""

    position: int


class Started(Struct):
    """A program's process id in the guest."""

    pid: int


class Progress(Struct, rename="kebab"):
    """What is known of a program."""

    exited: bool
    exitcode: int | None = None
    signal: int | None = None
    out_data: bytes = b""
    err_data: bytes = b""
    out_truncated: bool = False
    err_truncated: bool = False


class Ability(Struct):
    """A command that the agent knows; `enabled` is False where policy or a freeze forbids it."""

    name: str
    enabled: bool = True


class Abilities(Struct):
    """The agent's version and its commands."""

    version: str
    supported_commands: list[Ability] = field(default_factory=list)


OPEN: Command[int] = Command("guest-file-open", int)
CLOSE: Command[None] = Command("guest-file-close", None)
READ: Command[Chunk] = Command("guest-file-read", Chunk)
WRITE: Command[Written] = Command("guest-file-write", Written)
SEEK: Command[Position] = Command("guest-file-seek", Position)
FLUSH: Command[None] = Command("guest-file-flush", None)

EXEC: Command[Started] = Command("guest-exec", Started)
EXEC_STATUS: Command[Progress] = Command("guest-exec-status", Progress)

FREEZE: Command[int] = Command("guest-fsfreeze-freeze", int)
FREEZE_LIST: Command[int] = Command("guest-fsfreeze-freeze-list", int)
THAW: Command[int] = Command("guest-fsfreeze-thaw", int)

INFO: Command[Abilities] = Command("guest-info", Abilities)
