"""guest-file-write while its data is still arriving.

At the end of a regular file the data goes straight in, and is cut off again if the request turns out wrong. Anywhere
else (inside old data, into a device) it waits in memory that is not the agent's own until the request is whole.
"""

from __future__ import annotations

import os

from guestwire.agent.base64 import Decoder
from guestwire.agent.system.portable.files import restore_point, write_full
from guestwire.agent.upload import Upload
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.agent.handles import OpenFile

_COPY_BYTES = 1 << 20


class FileUpload(Upload):
    """Holds `file` (claimed by the caller) until it has ended one way or the other."""

    def __init__(self, file: OpenFile) -> None:
        super().__init__()
        self._file = file
        self._decoder = Decoder()
        self._size = 0
        self._restore = restore_point(file.fd)
        self._spool = None if self._restore else Spool()
        self._open = True

    def abort(self) -> None:
        """Undo what was written."""
        if not self._open:
            return
        self._open = False
        try:
            if self._restore:
                self._restore.keep(self._size, 0)
        finally:
            self._release()

    def _take(self, text: bytes) -> None:
        data = self._decoder.feed(text)
        if self._spool:
            self._spool.add(data)
            self._size += len(data)
            return
        try:
            self._size += write_full(self._file.fd, data)
        except OSError as error:
            raise CommandError.from_os("failed to write to file", error) from None

    def _result(self, *, count: int | None = None, **_: Any) -> dict[str, object]:
        self._decoder.finish()
        count = checked_count(count, self._size)
        try:
            if self._restore and count < self._size:
                self._restore.keep(self._size, count)
            if self._spool:
                count = self._spool.write_to(self._file.fd, count)
        except OSError as error:
            raise CommandError.from_os("failed to write to file", error) from None
        self._open = False
        self._release()
        return {"count": count, "eof": False}

    def _release(self) -> None:
        if self._spool:
            self._spool.close()
        self._file.busy.release()


class Spool:
    """Bytes put aside: a memory file where the kernel has them, so that they do not stay with the agent."""

    def __init__(self) -> None:
        self._fd = os.memfd_create("guestwire-upload") if hasattr(os, "memfd_create") else -1
        self._held = bytearray()

    def add(self, data: bytes) -> None:
        """Put more aside."""
        if self._fd >= 0:
            write_full(self._fd, data)
        else:
            self._held += data

    def write_to(self, fd: int, count: int) -> int:
        """Write the first `count` bytes to `fd`; returns how many it took."""
        if self._fd < 0:
            return write_full(fd, memoryview(self._held)[:count])
        os.lseek(self._fd, 0, os.SEEK_SET)
        done = 0
        while done < count:
            data = os.read(self._fd, min(_COPY_BYTES, count - done))
            written = write_full(fd, data)
            done += written
            if written < len(data):
                break
        return done

    def close(self) -> None:
        """Let the memory go."""
        if self._fd >= 0:
            os.close(self._fd)
        self._held = bytearray()


def checked_count(count: int | None, size: int) -> int:
    """How many of `size` decoded bytes are to be written; CommandError for a count that does not fit them."""
    if count is None:
        return size
    if not 0 <= count <= size:
        raise CommandError(f"value '{count}' is invalid for argument count")
    return count
