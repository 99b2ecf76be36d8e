"""Copy files between host and guest, with progress, resume and checksum."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from guestwire.client.effects import Local
from guestwire.client.hostfiles import Part
from guestwire.client.recipes.files import file_size, read_all, seek, with_handle, write_all
from guestwire.client.recipes.programs import run
from guestwire.errors import ChecksumMismatch, CommandError

if TYPE_CHECKING:
    from guestwire.client.effects import Flow
    from guestwire.client.session import Session

_SLOWEST = 4 << 20  # bytes a second that hashing may be expected to do, wherever the guest's disk is
_HOUR = 3600.0

Progress = Callable[[int, int | None], object]
"""Called with the bytes that are there now, and the whole size or None where that is unknown."""


class Copied(Struct, frozen=True):
    """A copy that has been made: its size, how much of it was there already, and its checksum if that was asked for."""

    size: int
    resumed_at: int = 0
    sha256: str | None = None


def copy_to(
    session: Session,
    source: str | os.PathLike[str],
    path: str,
    *,
    progress: Progress | None = None,
    resume: bool = False,
    checksum: bool = False,
) -> Flow[Copied]:
    """Copy the host's file `source` to `path` in the guest.

    `resume` goes on where an earlier copy ended, by the size of the guest's file. `checksum` compares SHA-256 of both
    afterwards, by sha256sum in the guest or, where programs are forbidden, by reading the file back; a difference
    raises `ChecksumMismatch`: copy it anew then, without `resume`. Raises `OSError` for the host's file, `CommandError`
    for the guest's.
    """
    with (yield Local(lambda: open(source, "rb"))) as file:
        size = os.fstat(file.fileno()).st_size
        done = (yield from file_size(session, path)) if resume else 0
        start = done if done <= size else 0
        file.seek(start)
        report = _Reporter(progress, start, size)

        def read(count: int) -> bytes:
            data: bytes = file.read(count)
            report(len(data))
            return data

        mode = "a" if start else "w"
        sent = yield from with_handle(session, path, mode, lambda handle: write_all(session, handle, read))
        digest = (yield from compare(session, path, file)) if checksum else None
    return Copied(start + sent, start, digest)


def copy_from(
    session: Session,
    path: str,
    target: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
    resume: bool = False,
    checksum: bool = False,
    limit: int | None = None,
    mode: int | None = None,
) -> Flow[Copied]:
    """Copy `path` in the guest to the host's file `target`.

    The copy grows as `target` + ".part" and gets its name when it is whole, and the permissions `mode` if that is
    given; `resume` goes on with such a file. What is no regular file on the host, such as a pipe, is written to
    directly. `checksum` as in `copy_to`; what differs is thrown away. `limit` bounds the size, in bytes: the guest
    decides how long its files are.
    """
    final = os.fspath(target)
    if os.path.exists(final) and not os.path.isfile(final):
        with (yield Local(lambda: open(final, "wb"))) as file:
            yield from fetch(session, path, Sink(file, False, progress, limit))
            yield Local(file.flush)
        return Copied(0)
    with (yield Local(lambda: Part(final, resume=resume))) as part:
        sink = Sink(part.file, True, progress, limit)
        return (yield from fetch_part(session, path, part, sink, checksum=checksum, mode=mode))


def fetch_part(
    session: Session, path: str, part: Part, sink: Sink, *, checksum: bool, mode: int | None
) -> Flow[Copied]:
    """Read the guest's file into `part`, compare if wanted, and give it its name."""
    begin = yield from fetch(session, path, sink)
    size = part.file.tell()
    try:
        digest = (yield from compare(session, path, part.file)) if checksum else None
    except ChecksumMismatch:
        part.file.truncate(0)  # nothing to go on with: the next attempt begins anew
        raise
    yield Local(lambda: part.finish(mode))
    return Copied(size, begin, digest)


class Sink(Struct):
    """Where a copy to the host goes. `part` is False for a pipe or a device, which has no beginning to go back to."""

    file: Any
    part: bool
    progress: Progress | None
    limit: int | None


def fetch(session: Session, path: str, target: Sink) -> Flow[int]:
    """Read the guest's file on from where the part ends; returns where that was."""
    file = target.file
    there = file.seek(0, os.SEEK_END) if target.part else 0

    def body(handle: int) -> Flow[int]:
        total = yield from _size_or_none(session, handle)
        begin = there if total is not None and there <= total else 0
        if begin:
            yield from seek(session, handle, begin)
        elif target.part:
            file.seek(0)
            file.truncate()
        report = _Reporter(target.progress, begin, total)

        def write(data: bytes) -> None:
            file.write(data)
            report(len(data))

        yield from read_all(session, handle, write, None if target.limit is None else target.limit - begin)
        return begin

    return (yield from with_handle(session, path, "r", body))


def _size_or_none(session: Session, handle: int) -> Flow[int | None]:
    """How long the file is; None for what cannot be sought in. Files of /proc say 0, which tells nothing either."""
    try:
        size = yield from seek(session, handle, 0, os.SEEK_END)
        yield from seek(session, handle, 0)
    except CommandError:
        return None
    return size or None


class _Reporter:
    """Adds up and calls `progress`."""

    def __init__(self, progress: Progress | None, done: int, total: int | None) -> None:
        self._progress, self._done, self._total = progress, done, total

    def __call__(self, size: int) -> None:
        self._done += size
        if self._progress is not None and size:
            self._progress(self._done, self._total)


def compare(session: Session, path: str, file: Any) -> Flow[str]:
    """The SHA-256 of both files, in hexadecimal. Raises `ChecksumMismatch` where they differ."""

    def of_host() -> str:
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()

    ours: str = yield Local(of_host)
    theirs = yield from sha256(session, path, limit=file.tell())
    if ours != theirs:
        raise ChecksumMismatch(f"{session.guest}: {path} differs from the host's file after the copy")
    return ours


def sha256(session: Session, path: str, *, limit: int | None = None) -> Flow[str]:
    """The SHA-256 of a file in the guest, in hexadecimal: by sha256sum there, else by reading it all.

    Reading stops with `ProtocolError` past `limit` bytes. sha256sum gets a minute, and a second more for each 4 MiB of
    `limit`; an hour without it. Raises `GuestTimeout` then.
    """
    timeout = _HOUR if limit is None else 60 + limit / _SLOWEST
    try:
        done = yield from run(session, ["sha256sum", "--", path], timeout=timeout)
        digest = done.stdout.lstrip(b"\\")[:64].decode("ascii", "replace")
        if done.returncode == 0 and len(digest) == 64:
            return digest
    except CommandError:
        pass
    whole = hashlib.sha256()
    yield from with_handle(session, path, "r", lambda handle: read_all(session, handle, whole.update, limit))
    return whole.hexdigest()
