"""Open file handles of guest-file-*."""

from __future__ import annotations

import os
from _thread import allocate_lock

from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.persist import Persist


_PATIENCE = (
    2.0  # seconds; a command that a resync abandoned mostly returns at once, only a stuck one never does
)


class OpenFile:
    """One open file. `busy` is held by the command that works on it, and stays held by one that got stuck."""

    __slots__ = ("busy", "fd", "path")

    def __init__(self, fd: int, path: str) -> None:
        self.fd = fd
        self.path = path
        self.busy = allocate_lock()


class Handles:
    """Handle number to open file. Numbers come from the persisted counter, so none is ever given out twice."""

    def __init__(self, persist: Persist) -> None:
        self._persist = persist
        self._files: dict[int, OpenFile] = {}

    def add(self, fd: int, path: str) -> int:
        """Register an open descriptor; it is closed if its number cannot be stored (CommandError)."""
        try:
            handle = self._persist.next_handle()
        except BaseException:
            os.close(fd)
            raise
        self._files[handle] = OpenFile(fd, path)
        return handle

    def claim(self, handle: int) -> OpenFile:
        """The file behind a handle, held for one command; CommandError when there is none or it stays held."""
        file = self._files.get(handle)
        if file is None:
            raise CommandError(f"handle '{handle}' has not been found")
        if not file.busy.acquire(timeout=_PATIENCE):
            raise CommandError(
                f"handle '{handle}' is busy: an earlier command on {file.path} has not returned"
            )
        return file

    def close(self, handle: int) -> None:
        """Close and forget. The handle is gone even when close() reports an error (CommandError)."""
        file = self.claim(handle)
        del self._files[handle]
        try:
            os.close(file.fd)
        except OSError as error:
            raise CommandError.from_os("failed to close handle", error) from None
