"""A guest in memory that behaves as the real ones do."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

from guestwire.errors import CommandDisabled, CommandError, CommandNotFound
from guestwire.wire.agent import AgentProtocol
from guestwire.wire.messages import Request, failure, success

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SYNCS = ("guest-sync", "guest-sync-delimited")


class FakeGuest:
    """An agent with the commands that you give it, and files.

    `answers` maps wire names to what is returned: a value, a function that gets the arguments by their wire names in
    one dict, or an exception to raise (`CommandError` becomes an error answer). guest-sync, guest-ping, guest-info and
    the guest-file commands are there already; `files` maps paths to contents and shows what was written. `disabled`
    are names that policy forbids. `calls` keeps name and arguments of what was executed.
    """

    def __init__(
        self,
        answers: Mapping[str, Any] | None = None,
        *,
        files: Mapping[str, bytes] | None = None,
        disabled: Iterable[str] = (),
    ) -> None:
        self.files = dict(files or {})
        self.disabled = set(disabled)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._handles: dict[int, tuple[str, io.BytesIO]] = {}
        self._next_handle = 1000
        self._protocol = AgentProtocol()
        self.answers: dict[str, Any] = {
            "guest-ping": None,
            "guest-info": self._info,
            "guest-file-open": self._open,
            "guest-file-read": self._read,
            "guest-file-write": self._write,
            "guest-file-seek": self._seek,
            "guest-file-flush": self._flush,
            "guest-file-close": self._close,
            **(answers or {}),
        }

    def connected(self) -> list[bytes]:
        """Nothing arrives unasked."""
        return []

    def receive(self, data: bytes) -> list[bytes]:
        """The answers to the requests that `data` completes, one piece each."""
        return [b"".join(self._answer(event)) for event in self._protocol.receive(data)]

    def _answer(self, event: Any) -> list[bytes]:
        if not isinstance(event, Request):
            return failure(event.desc, id=event.id)
        try:
            value = self._execute(event.name, event.arguments or {})
        except CommandError as error:
            return failure(error.desc, error.error_class, event.id)
        reply = success(value, event.id)
        return [b"\xff", *reply] if event.name == "guest-sync-delimited" else reply

    def _execute(self, name: str, arguments: dict[str, Any]) -> Any:
        if name in self.disabled:
            raise CommandDisabled(f"Command {name} has been disabled: the command is not allowed")
        if name in _SYNCS:
            return arguments["id"]
        if name not in self.answers:
            raise CommandNotFound(f"The command {name} has not been found")
        self.calls.append((name, arguments))
        answer = self.answers[name]
        if isinstance(answer, BaseException):
            raise answer
        return answer(arguments) if callable(answer) else answer

    def _info(self, arguments: dict[str, Any]) -> dict[str, Any]:
        names = [*_SYNCS, *self.answers]
        commands = [
            {"name": name, "enabled": name not in self.disabled, "success-response": True} for name in names
        ]
        return {"version": "11.1.0", "supported_commands": commands}

    # Files

    def _open(self, arguments: dict[str, Any]) -> int:
        path, mode = arguments["path"], arguments.get("mode", "r")
        if "r" in mode and path not in self.files:
            raise CommandError(f"failed to open file '{path}' (mode: '{mode}'): No such file or directory")
        file = io.BytesIO(b"" if "w" in mode else self.files.get(path, b""))
        if "a" in mode:
            file.seek(0, io.SEEK_END)
        self.files[path] = file.getvalue()
        self._next_handle += 1
        self._handles[self._next_handle] = (path, file)
        return self._next_handle

    def _file(self, arguments: dict[str, Any]) -> tuple[str, io.BytesIO]:
        try:
            return self._handles[arguments["handle"]]
        except KeyError:
            raise CommandError(f"handle '{arguments['handle']}' has not been found") from None

    def _read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        _, file = self._file(arguments)
        count = arguments.get("count", 4096)
        data = file.read(count)
        return {"count": len(data), "buf-b64": base64.b64encode(data).decode(), "eof": len(data) < count}

    def _write(self, arguments: dict[str, Any]) -> dict[str, Any]:
        path, file = self._file(arguments)
        count = file.write(base64.b64decode(arguments["buf-b64"])[: arguments.get("count")])
        self.files[path] = file.getvalue()
        return {"count": count, "eof": False}

    def _seek(self, arguments: dict[str, Any]) -> dict[str, Any]:
        _, file = self._file(arguments)
        whence = arguments["whence"]
        whence = {"set": 0, "cur": 1, "end": 2}.get(whence, whence)
        return {"position": file.seek(arguments["offset"], whence), "eof": False}

    def _flush(self, arguments: dict[str, Any]) -> None:
        self._file(arguments)

    def _close(self, arguments: dict[str, Any]) -> None:
        self._file(arguments)
        del self._handles[arguments["handle"]]

    @property
    def open_files(self) -> list[str]:
        """Paths of the files that are open now."""
        return [path for path, _ in self._handles.values()]
