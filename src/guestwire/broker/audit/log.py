"""Writing the audit log.

Each line is with the kernel before the answer is with the client, and on the disk a second later at most. A disk that
is full, or fails, stops no call: the lines are lost, `trouble` says so, and the first line after it says how many.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guestwire.broker.audit.chain import START, record_of, seal, split
from guestwire.broker.audit.cleaning import cleaned, text
from guestwire.errors import StartError

if TYPE_CHECKING:
    from guestwire.broker.answers import Answer
    from guestwire.broker.principal import Principal
    from guestwire.wire.messages import Request

LIMIT = 64 << 20
"""Bytes after which the file becomes FILE.1, and that FILE.2; `KEPT` of them are kept."""

KEPT = 8

_SYNC = 1.0  # seconds within which a line is on the disk
_LAST_LINE = 64 << 10  # no line is longer


class AuditLog:
    """The log at `path`, held alone, mode 0600. Goes on where an earlier one ended. Raises StartError."""

    def __init__(self, path: Path, *, limit: int = LIMIT) -> None:
        self.path = path
        self.trouble = ""
        self.lost = 0
        self._limit = limit
        self._number = 0
        self._before = START
        self._size = 0
        self._file = -1
        self._sync_alarm: asyncio.TimerHandle | None = None
        try:
            self._open()
            dropped = self._resume()
        except OSError as error:
            self._shut()
            raise StartError(f"{path}: {error.strerror}") from None
        self.note("begin", pid=os.getpid(), **({"dropped": dropped} if dropped else {}))

    def call(
        self,
        who: Principal,
        guest: str,
        request: Request,
        answer: Answer | None,
        seconds: float,
        *,
        long: int = 0,
    ) -> None:
        """Note one call. `answer` is None when the guest answers nothing, as it does to a shutdown; `long` is the size
        of a content that is not among the arguments any more.
        """
        arguments = cleaned(request.name, request.arguments)
        if request.streamed is not None:
            arguments[request.streamed] = {"removed": long}
        result: dict[str, Any] = {"result": "ok"}
        if answer is not None and not answer.good:
            error_class, desc = answer.fault()
            result = {"result": "error", "class": text(error_class, 64), "desc": text(desc)}
        self._write(
            {
                "guest": guest,
                "who": _seen(who),
                "command": text(request.name, 128),
                "arguments": arguments,
                **result,
                "ms": round(1000 * seconds, 3),
            }
        )

    def note(self, kind: str, **facts: Any) -> None:
        """Note something that is no call."""
        self._write({"kind": kind, **facts})

    def close(self) -> None:
        """End; all is on the disk then."""
        if self._file >= 0:
            self.note("end")
            with suppress(OSError):
                os.fdatasync(self._file)
            self._shut()

    def _open(self) -> None:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._file = os.open(self.path, flags, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._shut()
            raise StartError(f"{self.path}: another broker writes there") from None

    def _resume(self) -> int:
        """Find the end of the chain. A half line, of a machine that went down, is dropped; returns its bytes."""
        size = os.fstat(self._file).st_size
        end = os.pread(self._file, _LAST_LINE, max(0, size - _LAST_LINE))
        whole = end.rfind(b"\n") + 1
        dropped = len(end) - whole
        if dropped:
            os.ftruncate(self._file, size - dropped)
        self._size = size - dropped
        line = end[:whole].rstrip(b"\n").rpartition(b"\n")[2]
        if not line:
            return dropped
        parts, record = split(line), record_of(line)
        number = None if record is None else record.get("n")
        if parts is None or not isinstance(number, int):
            self._shut()
            raise StartError(f"{self.path}: its last line is none of an audit log; move the file away")
        self._number, self._before = number, parts[1]
        return dropped

    def _write(self, facts: dict[str, Any]) -> None:
        if self.lost and not self._append({"kind": "lost", "count": self.lost}):
            self.lost += 1
            return
        if not self._append(facts):
            self.lost += 1
            return
        self.lost = 0
        if self._size > self._limit:
            self._rotate()

    def _append(self, facts: dict[str, Any]) -> bool:
        now = datetime.fromtimestamp(time.time(), timezone.utc).isoformat(timespec="milliseconds")
        line, digest = seal({"n": self._number + 1, "time": now, **facts}, self._before)
        try:
            written = os.write(self._file, line)
            if written < len(line):
                raise OSError(28, "No space left on device")
        except OSError as error:
            self.trouble = f"{self.path}: {error.strerror}"
            with suppress(OSError):
                os.ftruncate(self._file, self._size)
            return False
        self.trouble = ""
        self._number, self._before, self._size = self._number + 1, digest, self._size + written
        self._sync_soon()
        return True

    def _rotate(self) -> None:
        """FILE becomes FILE.1; the chain goes on in a new FILE, whose first line repeats the last hash."""
        try:
            for number in range(KEPT - 1, 0, -1):
                with suppress(FileNotFoundError):
                    os.replace(numbered(self.path, number), numbered(self.path, number + 1))
            os.fdatasync(self._file)
            os.replace(self.path, numbered(self.path, 1))
            old = self._file
            self._open()
            os.close(old)
        except (OSError, StartError) as error:
            self.trouble = f"{self.path}: cannot be rotated: {error}"
            self._limit *= 2  # and tried again when it is twice as long
            return
        self._size = 0
        self.note("continued", before=self._before)

    def _sync_soon(self) -> None:
        if self._sync_alarm is None:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return
            self._sync_alarm = loop.call_later(_SYNC, self._sync, loop)

    def _sync(self, loop: asyncio.AbstractEventLoop) -> None:
        self._sync_alarm = None
        if self._file >= 0:
            loop.run_in_executor(None, _sync_quietly, os.dup(self._file))

    def _shut(self) -> None:
        if self._sync_alarm is not None:
            self._sync_alarm.cancel()
            self._sync_alarm = None
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def numbered(path: Path, number: int) -> Path:
    """FILE.1 is the one before FILE."""
    return path.with_name(f"{path.name}.{number}")


def _sync_quietly(file: int) -> None:
    with suppress(OSError):
        os.fdatasync(file)
    os.close(file)


def _seen(who: Principal) -> dict[str, Any]:
    named = {"uid": who.uid, "pid": who.pid, "name": text(who.name) or None}
    return {key: value for key, value in named.items() if value is not None}
