"""The copies that `guestwire cp` makes, each between two places: this host, a guest, or a stream."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct, field

from guestwire.cli import guests, raw
from guestwire.errors import ChecksumMismatch, CommandError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.cli.guests import Guest
    from guestwire.cli.progress import Bar
    from guestwire.client import GuestAgent
    from guestwire.client.recipes.folders import Entry
    from guestwire.client.recipes.trees import CopiedTree, Skipped

_PIECE = 192 << 10  # bytes at once from one guest to another; a multiple of 3
_KEPT = (
    16 << 20
)  # bytes of memory that the process need not give back between one piece of a file and the next
_LEAST = 48 << 10  # bytes that every way to a guest carries in one request


class Choices(NamedTuple):
    """How to copy, as the options of `cp` say."""

    recursive: bool = False
    resume: bool = False
    checksum: bool = False
    keep_mode: bool = True
    timeout: float | None = None


class Result(Struct):
    """A copy that was made: `size` in bytes of `files` files, of which `resumed` bytes (of a folder: files) were there.

    `left_out` are the parts of a folder that could not be copied; `notes` is what else a person should know.
    """

    source: str
    target: str
    size: int = 0
    files: int = 1
    folders: int = 0
    resumed: int = 0
    sha256: str | None = None
    mode: str | None = None
    left_out: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class End(NamedTuple):
    """One end of a copy: a path in `guest`, or of this host."""

    guest: Guest | None
    path: str

    def __str__(self) -> str:
        return self.path if self.guest is None else f"{self.guest.name}:{self.path}"


class Copier:
    """Makes copies, and keeps the guests' channels open between them; for `with`."""

    def __init__(self, choices: Choices, bar: Bar) -> None:
        self._choices, self._bar = choices, bar
        self._stack = ExitStack()
        self._agents: dict[str, GuestAgent] = {}
        # glibc maps and unmaps every large buffer, at a page fault for each 4 KiB, until it has seen one as large
        # come and go. This one is never touched, and costs nothing.
        bytes(_KEPT)

    def __enter__(self) -> Copier:
        return self

    def __exit__(self, *exc: Any) -> bool | None:
        return self._stack.__exit__(*exc)

    def agent(self, guest: Guest) -> GuestAgent:
        """The guest's client, opened once."""
        if guest.address not in self._agents:
            connected = guests.connected(guest, self._choices.timeout)
            self._agents[guest.address] = self._stack.enter_context(connected)
        return self._agents[guest.address]

    def entry(self, end: End) -> Entry | None:
        """What a guest's path is; None where it is not there, or the guest cannot or must not tell."""
        assert end.guest is not None
        try:
            return self.agent(end.guest).describe(end.path)
        except CommandError:
            return None

    def is_folder(self, end: End) -> bool:
        """Whether it is a folder that is there already."""
        if end.guest is None:
            return os.path.isdir(end.path)
        entry = self.entry(end)
        return entry is not None and entry.is_folder

    def copy(self, source: End, target: End) -> Result:
        """Make one copy; one of the ends is in a guest. Raises `GuestwireError`, `OSError`."""
        result = Result(str(source), str(target))
        if source.guest is None:
            self._up(source, target, result)
        elif target.guest is None:
            self._down(source, target, result)
        else:
            self._across(source, target, result)
        return result

    # To the guest

    def _up(self, source: End, target: End, result: Result) -> None:
        assert target.guest is not None
        agent = self.agent(target.guest)
        if source.path == "-":
            self._refuse_for_streams()
            self._bar.begin(target.path)
            result.size = agent.send(target.path, _Counted(sys.stdin.buffer, self._bar))
            return
        status = os.stat(source.path)
        if stat.S_ISDIR(status.st_mode):
            self._need_recursive(source)
            self._tree(agent.copy_tree_to, source, target, result)
            return
        mode = status.st_mode & 0o777 if self._choices.keep_mode and target.path.startswith("/") else None
        if mode is not None and not mode & 0o077:
            self._with_mode(result, lambda: agent.make_private(target.path))
        self._up_file(agent, source, target, result)
        if mode is not None and self._with_mode(result, lambda: agent.permit({target.path: mode})):
            result.mode = f"{mode:04o}"

    def _up_file(self, agent: GuestAgent, source: End, target: End, result: Result) -> None:
        if os.path.isfile(source.path):
            self._bar.begin(source.path)
            copied = agent.copy_to(source.path, target.path, progress=self._bar, **self._care())
            result.size, result.resumed, result.sha256 = copied.size, copied.resumed_at, copied.sha256
        else:
            self._refuse_for_streams()
            self._bar.begin(source.path)
            with open(source.path, "rb") as stream:
                result.size = agent.send(target.path, _Counted(stream, self._bar))

    # From the guest

    def _down(self, source: End, target: End, result: Result) -> None:
        assert source.guest is not None
        agent, choices = self.agent(source.guest), self._choices
        if target.path == "-":
            self._refuse_for_streams()
            write = raw.writer()
            result.size = agent.receive(source.path, write)
            write(b"")
            return
        entry = self.entry(source) if choices.recursive or choices.keep_mode else None
        if choices.recursive and (entry is None or entry.is_folder):
            self._tree(agent.copy_tree_from, source, target, result)  # which says why nothing is known of it
            return
        if entry is not None and entry.is_folder:
            self._need_recursive(source)
        mode = entry.mode & 0o777 if entry is not None and entry.is_file and choices.keep_mode else None
        self._bar.begin(source.path)
        room = _room(target.path)
        copied = agent.copy_from(
            source.path, target.path, progress=self._bar, limit=room, mode=mode, **self._care()
        )
        result.size, result.resumed, result.sha256 = copied.size, copied.resumed_at, copied.sha256
        if mode is not None:
            result.mode = f"{mode:04o}"
        elif choices.keep_mode:
            result.notes.append("the permissions are not kept: the guest does not tell them")

    # From one guest to another

    def _across(self, source: End, target: End, result: Result) -> None:
        assert source.guest is not None
        assert target.guest is not None
        here, there = self.agent(source.guest), self.agent(target.guest)
        entry = self.entry(source)
        if self._choices.recursive and entry is not None and entry.is_folder:
            raise ConfigError(
                f"{source}: a folder goes from guest to guest by way of this host only, in two copies"
            )
        if self._choices.resume:
            raise ConfigError("a copy from guest to guest cannot be resumed: copy by way of this host")
        if source == target:
            raise ConfigError(f"{source} would be copied onto itself")
        self._bar.begin(source.path)
        with (
            here.open(source.path, "rb", buffering=0) as file,
            there.open(target.path, "wb", buffering=0) as sink,
        ):
            total = entry.size if entry is not None else None
            while data := file.read(_PIECE):
                _write_all(sink, data, str(target))
                result.size += len(data)
                self._bar(result.size, total)
        if self._choices.checksum:
            result.sha256 = here.sha256(source.path)
            if there.sha256(target.path) != result.sha256:
                raise ChecksumMismatch(f"{target} differs from {source} after the copy")
        if entry is not None and entry.is_file and self._choices.keep_mode:
            mode = entry.mode & 0o777
            if self._with_mode(result, lambda: there.permit({target.path: mode})):
                result.mode = f"{mode:04o}"

    # What they share

    def _tree(self, copy: Callable[..., CopiedTree], source: End, target: End, result: Result) -> None:
        self._bar.begin(source.path)
        copied = copy(
            source.path,
            target.path,
            progress=self._bar,
            entering=self._bar.entering,
            keep_mode=self._choices.keep_mode,
            **self._care(),
        )
        result.size, result.files, result.folders = copied.size, copied.files, copied.folders
        result.resumed, result.left_out = copied.resumed, copied.skipped

    def _care(self) -> dict[str, bool]:
        return {"resume": self._choices.resume, "checksum": self._choices.checksum}

    def _need_recursive(self, source: End) -> None:
        if not self._choices.recursive:
            raise ConfigError(f"{source} is a folder: --recursive copies it with all that is in it")

    def _refuse_for_streams(self) -> None:
        if self._choices.resume or self._choices.checksum:
            raise ConfigError("--resume and --checksum need files at both ends")

    @staticmethod
    def _with_mode(result: Result, work: Callable[[], object]) -> bool:
        try:
            work()
        except CommandError as error:
            result.notes.append(f"the permissions are not kept: {error.desc}")
            return False
        return True


class _Counted:
    """A stream of this host as the source of a copy, whose bytes the bar counts."""

    def __init__(self, stream: Any, bar: Bar) -> None:
        self._stream, self._bar, self._done = stream, bar, 0

    def __call__(self, size: int) -> bytes:
        data: bytes = self._stream.read(size)
        self._done += len(data)
        self._bar(self._done, None)
        return data


def _write_all(sink: Any, data: bytes, target: str) -> None:
    """Write to a guest in as many requests as it needs. One that writes less than it was given has a full disk."""
    rest = memoryview(data)
    while rest:
        count = sink.write(rest)
        if count < min(len(rest), _LEAST):
            raise CommandError(f"{target}: the guest wrote {count} bytes of {len(rest)}")
        rest = rest[count:]


def _room(path: str) -> int | None:
    """The bytes that a new file may take: the guest decides how long its file is, not how full this host gets."""
    if os.path.exists(path) and not os.path.isfile(path):
        return None
    try:
        space = os.statvfs(os.path.dirname(path) or ".")
    except OSError:
        return None  # opening the file says it better
    return space.f_bavail * space.f_frsize
