"""guest-file-*: files of the guest, by handle."""

from __future__ import annotations

import os

from guestwire.agent.base64 import b64decode, b64encode
from guestwire.agent.fileupload import FileUpload, checked_count
from guestwire.agent.system.portable.files import MODES, open_file, read_full, restore_point, write_full
from guestwire.agent.text import to_os
from guestwire.errors import CommandError
from guestwire.wire.messages import Streamed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from guestwire.agent.state import AgentState

DEFAULT_COUNT = 4096
MAX_COUNT = 48 * 1024 * 1024
# A multiple of 3, so that each piece is whole base64; small enough to stay in the processor's cache.
PIECE = 192 * 1024

_WHENCE = {
    "set": os.SEEK_SET,
    "cur": os.SEEK_CUR,
    "end": os.SEEK_END,
    0: os.SEEK_SET,
    1: os.SEEK_CUR,
    2: os.SEEK_END,
}


def guest_file_open(agent: AgentState, path: str, mode: str | None = None) -> int:
    """Open with the flags of fopen(3)'s mode, without waiting for the other end of a FIFO."""
    mode = "r" if mode is None else mode
    flags = MODES.get(mode)
    if flags is None:
        raise CommandError(f"invalid file open mode '{mode}'")
    try:
        fd = open_file(to_os(path), flags)
    except OSError as error:
        raise CommandError.from_os(f"failed to open file '{path}' (mode: '{mode}')", error) from None
    return agent.handles.add(fd, path)


def _close_late(agent: AgentState, handle: int) -> None:
    agent.handles.close(handle)


guest_file_open.discard = _close_late  # type: ignore[attr-defined]


def guest_file_close(agent: AgentState, handle: int) -> None:
    """Close; the handle is gone even if close(2) reports an error."""
    agent.handles.close(handle)


def guest_file_read(agent: AgentState, handle: int, count: int | None = None) -> dict[str, Any] | Streamed:
    """Read up to `count` bytes. `eof` is true only when the read met the end."""
    count = DEFAULT_COUNT if count is None else count
    if 0 <= count <= PIECE:
        file = agent.handles.claim(handle)
        try:
            data, eof = read_full(file.fd, count) if count else (b"", False)
        except OSError as error:
            raise CommandError.from_os("failed to read file", error) from None
        finally:
            file.busy.release()
        return {"buf-b64": b64encode(data), "count": len(data), "eof": eof}
    reading = _Reading(agent, handle, count)
    return Streamed("buf-b64", reading.pieces(), reading.rest)


def guest_file_write(
    agent: AgentState, handle: int, buf_b64: str, count: int | None = None
) -> dict[str, Any]:
    """Write `count` bytes of the decoded data, all of them by default; a failed write at the end is undone."""
    file = agent.handles.claim(handle)
    try:
        data = b64decode(buf_b64)
        wanted = memoryview(data)[: checked_count(count, len(data))]
        restore = restore_point(file.fd)
        try:
            return {"count": write_full(file.fd, wanted), "eof": False}
        except OSError as error:
            if restore:
                restore.keep(os.fstat(file.fd).st_size - restore.start, 0)
            raise CommandError.from_os("failed to write to file", error) from None
    finally:
        file.busy.release()


def _upload(agent: AgentState, handle: int, **_: Any) -> FileUpload:
    return FileUpload(agent.handles.claim(handle))


guest_file_write.upload = _upload  # type: ignore[attr-defined]


def guest_file_seek(agent: AgentState, handle: int, offset: int, whence: int | str) -> dict[str, Any]:
    """Move the position; `whence` is 0, 1, 2 or set, cur, end."""
    file = agent.handles.claim(handle)
    try:
        origin = _WHENCE.get(whence)
        if origin is None:
            raise CommandError(f"invalid whence code {whence}")
        return {"position": os.lseek(file.fd, offset, origin), "eof": False}
    except OSError as error:
        raise CommandError.from_os("failed to seek file", error) from None
    finally:
        file.busy.release()


def guest_file_flush(agent: AgentState, handle: int) -> None:
    """Nothing waits in the agent, so there is nothing to push out; an unknown handle is still an error."""
    agent.handles.claim(handle).busy.release()


class _Reading:
    """A large read, made and sent piece by piece."""

    def __init__(self, agent: AgentState, handle: int, count: int) -> None:
        self._handles = agent.handles
        self._handle = handle
        self._count = count
        self._got = 0
        self._eof = False

    def pieces(self) -> Iterator[bytes]:
        """Base64 of each piece. An error before the first byte is the command's; a later one ends the answer early,
        and the host meets it at its next read."""
        file = self._handles.claim(self._handle)
        try:
            if not 0 <= self._count <= MAX_COUNT:
                raise CommandError(f"value '{self._count}' is invalid for argument count")
            while self._got < self._count and not self._eof:
                wanted = min(PIECE, self._count - self._got)
                try:
                    data, self._eof = read_full(file.fd, wanted)
                except OSError as error:
                    if self._got:
                        return
                    raise CommandError.from_os("failed to read file", error) from None
                self._got += len(data)
                yield b64encode(data)
                if len(data) < wanted:
                    return
        finally:
            file.busy.release()

    def rest(self) -> dict[str, Any]:
        """The answer's other members, once the last piece is out."""
        return {"count": self._got, "eof": self._eof}
