"""What a copy must know of a guest's folders, and do with them: list, make, set permissions.

The protocol has no command for any of it, so programs do it, and a guest whose policy forbids guest-exec cannot have
it done. On POSIX guests `sh`, `find`, `stat`, `mkdir` and `chmod` are enough, GNU's or busybox's; on Windows it is
PowerShell.
"""

from __future__ import annotations

import base64
import re
import stat
from typing import TYPE_CHECKING

from msgspec import Struct

from guestwire.client.hostfiles import split
from guestwire.client.recipes.osinfo import is_windows
from guestwire.client.recipes.programs import run
from guestwire.errors import CommandDisabled, CommandError, CommandNotFound, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from guestwire.client.effects import Flow
    from guestwire.client.recipes.programs import Completed
    from guestwire.client.session import Session

MOST_ENTRIES = 200_000
"""Files and folders of one listing: a guest can make it as long as it likes."""

LISTING_TIMEOUT = 120.0
"""Seconds that a guest's `find` may take."""

_BATCH = 64 << 10  # bytes of arguments for one program; Linux takes at least 128 KiB

_MOST_COMPLAINTS = 16 << 10  # bytes of standard error that are looked at

# A record ends in "//\n", which no path can hold: find gives none with an empty name, whatever names there are.
_END = b"//\n"
_FORMAT = "%f %s %Y %n//"
_LIST = f"""cd -P -- "$1" || exit 2
find . ! -type l -exec stat -c '{_FORMAT}' {{}} +
find . -type l -exec stat -L -c 'L{_FORMAT}' {{}} +
exit 0"""
_STAT = f"""exec stat -L -c '{_FORMAT}' -- "$1\""""
_MAKE = """umask 077; for d; do [ -d "$d" ] || mkdir -- "$d" || exit; done"""
_TOUCH = """umask 077; for f; do [ -e "$f" ] || : >"$f" || exit; done"""

_RECORD = re.compile(rb"(L?)([0-9a-f]{1,8}) ([0-9]{1,19}) (-?[0-9]{1,19}) (.+)", re.DOTALL)

_WINDOWS_PATH = "$p = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('%s'));"
_WINDOWS_LIST = """$ErrorActionPreference = 'Stop'; [Console]::OutputEncoding = New-Object Text.UTF8Encoding $false;
$root = (Resolve-Path -LiteralPath $p).ProviderPath.TrimEnd('\\'); $out = [Console]::Out;
if (-not (Test-Path -LiteralPath $p -PathType Container)) { exit 2 }
$out.Write("41ed 0 0 .//`n");
Get-ChildItem -LiteralPath $p -Recurse -Force -ErrorAction SilentlyContinue | ForEach-Object {
 if ($_.Attributes -band [IO.FileAttributes]::ReparsePoint) { return }
 if ($_.PSIsContainer) { $m = '41ed'; $s = 0 } else { $m = '81a4'; $s = $_.Length }
 $n = $_.FullName.Substring($root.Length + 1).Replace('\\', '/'); $out.Write("$m $s 0 ./$n//`n") }"""
_WINDOWS_MAKE = """$ErrorActionPreference = 'Stop';
foreach ($d in $p.Split([char]10)) { [void][IO.Directory]::CreateDirectory($d) }"""


class Entry(Struct, frozen=True):
    """A file or folder of the guest: `path` below the folder that was listed, `()` that folder itself.

    `mode` is st_mode, `size` in bytes, `mtime` in seconds since 1970. `link` says that all this is of what a symbolic
    link points to. Nothing of it is to be trusted but the form of `path`.
    """

    path: tuple[str, ...]
    mode: int
    size: int
    mtime: int
    link: bool = False

    @property
    def is_folder(self) -> bool:
        """A folder, not by way of a link."""
        return stat.S_ISDIR(self.mode) and not self.link

    @property
    def is_file(self) -> bool:
        """A regular file, or a link to one."""
        return stat.S_ISREG(self.mode)


class Listing(Struct, frozen=True):
    """What is in a folder, sorted so that a folder comes before what is in it, and what the guest could not read."""

    entries: list[Entry]
    complaints: list[str]


def list_folder(session: Session, path: str, *, timeout: float = LISTING_TIMEOUT) -> Flow[Listing]:
    """Everything in and below a folder of the guest.

    Symbolic links are given as what they point to, and not gone into. Raises `CommandError` for what is no folder or
    not there, `CommandDisabled` where the guest's policy forbids programs, and `ProtocolError` for a listing with paths
    that lead outside or with too many of them.
    """
    if (yield from is_windows(session, path)):
        done = yield from _powershell(session, _WINDOWS_LIST, path, timeout)
    else:
        done = yield from _sh(session, _LIST, [path], timeout)
    if done.returncode:
        raise _failed(session, path, done)
    if done.stdout_truncated:
        raise ProtocolError(f"{path}: too much for one listing; copy its parts", guest=session.guest)
    entries = sorted(_entries(session, done.stdout), key=lambda entry: entry.path)
    complaints = done.stderr[:_MOST_COMPLAINTS].decode("utf-8", "replace").splitlines()
    return Listing(entries, complaints)


def describe(session: Session, path: str) -> Flow[Entry]:
    """What a path of a POSIX guest is, links followed. Raises `CommandError` where it is not there."""
    done = yield from _sh(session, _STAT, [path], session.timeout)
    if done.returncode:
        raise _failed(session, path, done)
    found = _RECORD.match(done.stdout)
    if found is None:
        raise ProtocolError(f"{path}: its stat prints what cannot be read", guest=session.guest)
    return Entry((), int(found[2], 16), int(found[3]), int(found[4]))


def make_folders(session: Session, paths: Sequence[str]) -> Flow[None]:
    """Make folders in the guest, a parent before what is in it; those that are there stay as they are.

    On POSIX guests they are for their owner only, until `permit` says otherwise.
    """
    if paths and (yield from is_windows(session, paths[0])):
        done = yield from _powershell(session, _WINDOWS_MAKE, "\n".join(paths), session.timeout)
        if done.returncode:
            raise _failed(session, paths[0], done)
        return
    for batch in _batches(paths):
        done = yield from _sh(session, _MAKE, batch, LISTING_TIMEOUT)
        if done.returncode:
            raise _failed(session, batch[0], done)


def make_private(session: Session, path: str) -> Flow[None]:
    """Make an empty file for its owner's eyes only, unless there is a file: what is written next is nobody else's."""
    done = yield from _sh(session, _TOUCH, [path], session.timeout)
    if done.returncode:
        raise _failed(session, path, done)


def permit(session: Session, modes: Mapping[str, int]) -> Flow[None]:
    """Set permissions in a POSIX guest."""
    groups: dict[int, list[str]] = {}
    for path, mode in modes.items():
        groups.setdefault(mode & 0o7777, []).append(path)
    for mode, paths in groups.items():
        for batch in _batches(paths):
            done = yield from _program(session, ["chmod", f"{mode:o}", "--", *batch], LISTING_TIMEOUT)
            if done.returncode:
                raise _failed(session, batch[0], done)


def _entries(session: Session, output: bytes) -> Iterator[Entry]:
    """Read records. Every path has gone through `split`: none leads out of the folder."""
    if output.count(_END) > MOST_ENTRIES:
        raise ProtocolError(f"more than {MOST_ENTRIES} files and folders; copy parts", guest=session.guest)
    records = output.split(_END)
    if records.pop():
        raise ProtocolError("the listing of a folder ends in the middle", guest=session.guest)
    for record in records:
        found = _RECORD.fullmatch(record)
        name = found[5].decode("utf-8", "surrogateescape") if found else ""
        if found is None or not (name == "." or name.startswith("./")):
            raise ProtocolError("the listing of a folder cannot be read", guest=session.guest)
        try:
            path = split(name[2:]) if name != "." else ()
        except ValueError as error:
            raise ProtocolError(f"the guest lists {name!r}: {error}", guest=session.guest) from None
        yield Entry(path, int(found[2], 16), int(found[3]), int(found[4]), bool(found[1]))


def _batches(paths: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    room = _BATCH
    for path in paths:
        room -= len(path.encode("utf-8", "surrogateescape")) + 1
        if batch and room < 0:
            yield batch
            batch, room = [], _BATCH
        batch.append(path)
    if batch:
        yield batch


def _sh(session: Session, script: str, arguments: Sequence[str], timeout: float) -> Flow[Completed]:
    return _program(session, ["/bin/sh", "-c", script, "sh", *arguments], timeout)


def _powershell(session: Session, script: str, text: str, timeout: float) -> Flow[Completed]:
    whole = _WINDOWS_PATH % base64.b64encode(text.encode()).decode() + script
    encoded = base64.b64encode(whole.encode("utf-16-le")).decode()
    return _program(session, ["powershell.exe", "-NoProfile", "-EncodedCommand", encoded], timeout)


def _program(session: Session, argv: list[str], timeout: float) -> Flow[Completed]:
    try:
        return (yield from run(session, argv, timeout=timeout))
    except CommandNotFound as error:
        reason = (
            "a folder's names and permissions need a program in the guest, and its policy forbids guest-exec"
        )
        raise CommandDisabled(reason, guest=session.guest, command=error.command) from None


def _failed(session: Session, path: str, done: Completed) -> CommandError:
    words = done.stderr[:500].decode("utf-8", "replace").strip() or f"status {done.returncode}"
    return CommandError(f"{path}: {words}", guest=session.guest)
