"""A small blocking QMP client: commands, and events in the order they came."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any


class Qmp:
    """Connected and past the greeting. `execute` returns the value; `wait_event` takes the next event of a name."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rb")
        self._events: list[dict[str, Any]] = []
        self._message(30)
        self.execute("qmp_capabilities")

    def execute(self, command: str, /, **arguments: Any) -> Any:
        """One command; RuntimeError with QEMU's words when it fails."""
        wired = {name.replace("_", "-"): value for name, value in arguments.items()}
        self._socket.sendall(json.dumps({"execute": command, "arguments": wired}).encode() + b"\n")
        while True:
            message = self._message(60)
            if "event" in message:
                self._events.append(message)
            elif "error" in message:
                raise RuntimeError(f"{command}: {message['error']['desc']}")
            else:
                return message["return"]

    def wait_event(self, name: str, timeout: float = 120) -> dict[str, Any]:
        """The next event of that name; earlier ones of other names are dropped. TimeoutError."""
        end = time.monotonic() + timeout
        while True:
            while self._events:
                event = self._events.pop(0)
                if event["event"] == name:
                    return event
            self._events.append(self._message(end - time.monotonic()))

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _message(self, timeout: float) -> dict[str, Any]:
        self._socket.settimeout(max(0.01, timeout))
        line = self._file.readline()
        if not line:
            raise ConnectionError("QEMU has closed its monitor")
        message: dict[str, Any] = json.loads(line)
        return message
