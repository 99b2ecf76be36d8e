"""The commands that recipes use, with answers decoded to what a recipe needs: base64 becomes bytes on the way in."""

from __future__ import annotations

from msgspec import Struct, field

from guestwire.client.base64 import decode, encode
from guestwire.client.codec import Command

_TEXT = b'"buf-b64": "'


class Chunk(Struct):
    """A piece of a file. The guest's own `count` is not looked at: `data` says how long it is."""

    data: bytes = field(name="buf-b64")
    eof: bool = False


class ReadCommand(Command[Chunk]):
    """guest-file-read, whose answers are nearly all base64: that is cut out and decoded before JSON is read."""

    __slots__ = ()

    def decode(self, line: bytes) -> Chunk:
        """As any command; what has another shape than agents give it takes the common way."""
        start = line.find(_TEXT) + len(_TEXT)
        end = line.find(b'"', start)
        if start < len(_TEXT) or end < 0:
            return super().decode(line)
        data = decode(memoryview(line)[start:end])
        if data is None:
            return super().decode(line)
        chunk = super().decode(line[:start] + line[end:])
        chunk.data = data
        return chunk


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
READ = ReadCommand("guest-file-read", Chunk)
WRITE: Command[Written] = Command("guest-file-write", Written)
SEEK: Command[Position] = Command("guest-file-seek", Position)
FLUSH: Command[None] = Command("guest-file-flush", None)

EXEC: Command[Started] = Command("guest-exec", Started)
EXEC_STATUS: Command[Progress] = Command("guest-exec-status", Progress)

FREEZE: Command[int] = Command("guest-fsfreeze-freeze", int)
FREEZE_LIST: Command[int] = Command("guest-fsfreeze-freeze-list", int)
THAW: Command[int] = Command("guest-fsfreeze-thaw", int)
PING: Command[None] = Command("guest-ping", None)

INFO: Command[Abilities] = Command("guest-info", Abilities)


def write_request(handle: int, data: bytes | memoryview) -> bytes:
    """A guest-file-write, put together around the base64: much quicker than by way of a JSON encoder."""
    head = b'{"execute":"guest-file-write","arguments":{"handle":%d,"buf-b64":"' % handle
    return b"".join((head, encode(data), b'"}}\n'))
