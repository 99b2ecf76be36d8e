"""A guest's file as a Python file object, for the blocking client.

`open_guest_file` returns what `open` would: a raw file without buffering, `io.BufferedReader` and its kin, or
`io.TextIOWrapper`. The handle lives in the agent, not in the connection, so it outlasts a reconnect.
"""

from __future__ import annotations

import io
import os
from typing import IO, TYPE_CHECKING, Any

from guestwire.client.codec import encode
from guestwire.client.flows import ask
from guestwire.client.recipes.commands import CLOSE, FLUSH, OPEN, READ, WRITE, write_request
from guestwire.client.recipes.files import seek
from guestwire.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined]

    from guestwire.client.flavour import Blocking

BUFFER = 255 << 10
"""Bytes that a buffered file asks for at once: few round trips, yet soon over on a slow channel."""

_KINDS = ("r", "w", "a")


class GuestFile(io.RawIOBase):
    """An open file of the guest, unbuffered. Errors of the guest are `CommandError`s, as from any call."""

    def __init__(self, agent: Blocking, path: str, mode: str) -> None:
        super().__init__()
        self._agent = agent
        self._session = agent.session
        self.name = path
        self.mode = mode
        self.handle: int | None = agent.drive(
            ask(self._session, OPEN, OPEN.encode({"path": path, "mode": mode}))
        )
        most = min(self._session.max_answer, self._session.max_request)
        self._largest = max(3, (most - 4096) * 3 // 4)

    def _number(self) -> int:
        if self.handle is None:
            raise ValueError("I/O operation on closed file")
        return self.handle

    def readable(self) -> bool:
        """By mode."""
        return "r" in self.mode or "+" in self.mode

    def writable(self) -> bool:
        """By mode."""
        return self.mode[0] in "wa" or "+" in self.mode

    def seekable(self) -> bool:
        """Guessed: the guest tells by an error."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Read at most as much as fits; 0 at the end of the file."""
        if not self.readable():
            raise io.UnsupportedOperation("not open for reading")
        view = memoryview(buffer).cast("B")
        count = min(len(view), self._largest)
        request = encode(READ.name, {"handle": self._number(), "count": count})
        data = self._agent.drive(ask(self._session, READ, request)).data
        if len(data) > count:
            what = "the guest sent more of the file than it was asked for"
            raise ProtocolError(what, guest=self._session.guest, command=READ.name)
        view[: len(data)] = data
        return len(data)

    def write(self, data: Buffer, /) -> int:
        """Write at most what one request carries; returns the bytes written."""
        if not self.writable():
            raise io.UnsupportedOperation("not open for writing")
        view = memoryview(data).cast("B")[: self._largest]
        request = write_request(self._number(), view)
        count = self._agent.drive(ask(self._session, WRITE, request)).count
        if not 0 <= count <= len(view):
            what = f"the guest wrote {count} bytes of {len(view)}"
            raise ProtocolError(what, guest=self._session.guest, command=WRITE.name)
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move; returns the position in bytes."""
        return self._agent.drive(seek(self._session, self._number(), offset, whence))

    def sync(self) -> None:
        """Have the agent write out what it buffers itself (guest-file-flush)."""
        self._agent.drive(ask(self._session, FLUSH, FLUSH.encode({"handle": self._number()})))

    def close(self) -> None:
        """Close the handle; harmless when closed."""
        handle, self.handle = self.handle, None
        try:
            super().close()
        finally:
            if handle is not None:
                self._agent.drive(ask(self._session, CLOSE, CLOSE.encode({"handle": handle})))


def open_guest_file(
    agent: Blocking,
    path: str,
    mode: str = "r",
    *,
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
) -> IO[Any]:
    """Open `path` in the guest. The arguments are those of `open`; modes are r, w, a with + and b."""
    kind, binary = mode[:1], "b" in mode
    known = kind in _KINDS and set(mode[1:]) <= set("b+t") and len(set(mode)) == len(mode)
    if not known or (binary and "t" in mode):
        raise ValueError(f"invalid mode: {mode!r}")
    if binary and not encoding is errors is newline is None:
        raise ValueError("binary mode takes no encoding, errors or newline")
    if buffering == 0 and not binary:
        raise ValueError("can't have unbuffered text I/O")
    raw = GuestFile(agent, path, kind + ("+" if "+" in mode else ""))
    if buffering == 0:
        return raw  # type: ignore[return-value]
    size = BUFFER if buffering < 2 else buffering
    buffered: Any
    if "+" in mode:
        buffered = io.BufferedRandom(raw, size)
    else:
        buffered = io.BufferedReader(raw, size) if kind == "r" else io.BufferedWriter(raw, size)
    if binary:
        return buffered  # type: ignore[no-any-return]
    try:
        return io.TextIOWrapper(buffered, encoding or "utf-8", errors, newline, buffering == 1)
    except BaseException:  # an encoding that does not exist
        buffered.close()
        raise
