"""Files and folders of this host that a copy makes, where a guest has chosen the names.

Nothing here follows a symbolic link or leaves the folder that the user named: every step down is an `openat` of one
name, so neither the guest's names nor somebody who swaps folders meanwhile can lead elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

PART = ".part"
"""Ending of the file that a copy to the host grows in, until it is whole."""

LONGEST_NAME = 255
LONGEST_PATH = 4096
"""Bytes, as Linux has them."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Part:
    """A file of this host that grows as `name` + ".part" and gets its name when it is whole; for `with`.

    `folder` is an open folder that `name` is in, None for the working directory. With `resume` an earlier part is gone
    on with. Leaving the block without `finish` keeps the part, unless it is empty.
    """

    def __init__(self, name: str, folder: int | None = None, *, resume: bool = False) -> None:
        self._name, self._folder = name, folder
        self._part = _part_name(name)
        if not resume:
            with suppress(FileNotFoundError):
                os.unlink(self._part, dir_fd=folder)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(self._part, flags, 0o666, dir_fd=folder)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(f"{self._part} is in the way: it is no regular file")
        self.file: IO[bytes] = open(descriptor, "r+b")  # noqa: SIM115

    def finish(self, mode: int | None = None) -> None:
        """Give the whole file its permissions, unless they are None, and its name."""
        self.file.flush()
        if mode is not None:
            os.fchmod(self.file.fileno(), mode & 0o777)
        os.replace(self._part, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        empty = error is not None and os.fstat(self.file.fileno()).st_size == 0
        self.file.close()
        if empty:
            os.unlink(self._part, dir_fd=self._folder)


def _part_name(name: str) -> str:
    whole = name + PART
    head, base = os.path.split(whole)
    if len(os.fsencode(base)) <= LONGEST_NAME:
        return whole
    return os.path.join(head, hashlib.sha256(os.fsencode(base)).hexdigest() + PART)


class Tree:
    """A folder of this host, and what a copy makes below it. Paths are tuples of names, `()` the folder itself."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        with suppress(FileExistsError):
            os.mkdir(path)
        self._root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._at: tuple[str, ...] = ()
        self._folder = self._root

    def close(self) -> None:
        """Close what is open."""
        self._leave()
        os.close(self._root)

    def free(self) -> int:
        """Bytes that are free on the folder's filesystem."""
        space = os.fstatvfs(self._root)
        return space.f_bavail * space.f_frsize

    def folder(self, path: tuple[str, ...]) -> int:
        """The open folder at `path`, good until the next call. Raises `OSError`, also for a link."""
        if path != self._at:
            self._leave()
            try:
                for name in path:
                    self._enter(name)
            except OSError:
                self._leave()
                raise
            self._at = path
        return self._folder

    def make(self, path: tuple[str, ...]) -> None:
        """Make a folder, unless it is there; its parent is there. A link or file of that name is an `OSError`."""
        with suppress(FileExistsError):
            os.mkdir(path[-1], 0o777, dir_fd=self.folder(path[:-1]))
        self.folder(path)

    def size(self, path: tuple[str, ...]) -> int | None:
        """The bytes of the regular file at `path`; None when there is none."""
        try:
            found = os.lstat(path[-1], dir_fd=self.folder(path[:-1]))
        except OSError:
            return None
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def open(self, path: tuple[str, ...]) -> IO[bytes]:
        """Open a regular file to read it."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        return open(os.open(path[-1], flags, dir_fd=self.folder(path[:-1])), "rb")

    def part(self, path: tuple[str, ...], *, resume: bool = False) -> Part:
        """A file to be written at `path`; to be finished before the next folder is gone to."""
        return Part(path[-1], self.folder(path[:-1]), resume=resume)

    def permit(self, path: tuple[str, ...], mode: int) -> None:
        """Set the permissions of a folder; its owner keeps his own, or nobody could copy again or clean up."""
        os.fchmod(self.folder(path), mode & 0o777 | 0o700)

    def _enter(self, name: str) -> None:
        below = os.open(name, _FOLDER, dir_fd=self._folder)
        if self._folder != self._root:
            os.close(self._folder)
        self._folder = below

    def _leave(self) -> None:
        if self._folder != self._root:
            os.close(self._folder)
        self._folder, self._at = self._root, ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()


def split(path: str) -> tuple[str, ...]:
    """The names in a relative path from a guest. Raises `ValueError` for what could lead elsewhere or is no name."""
    names = tuple(path.split("/"))
    if "\0" in path or any(name in ("", ".", "..") for name in names):
        raise ValueError("it leads outside, or is no name")
    if len(os.fsencode(path)) >= LONGEST_PATH or any(len(os.fsencode(name)) > LONGEST_NAME for name in names):
        raise ValueError("it is too long")
    return names
