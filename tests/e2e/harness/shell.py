"""The host's end of the test's own hand (`hand.py`): shell commands in a guest, past the agent."""

from __future__ import annotations

import base64
import socket
import time
from pathlib import Path

PORT = "guestwire.hand"


class Shell:
    """A port on which `hand.py` answers. Nothing is opened before the first command."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: socket.socket | None = None

    def sh(self, command: str, timeout: float = 120.0, check: bool = True) -> str:
        """Run a shell command; its output. AssertionError when it fails and `check` is true."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(str(self._path))
        self._socket.settimeout(timeout)
        self._socket.sendall(base64.b64encode(command.encode()) + b"\n")
        answer = bytearray()
        while not answer.endswith(b"\n"):
            data = self._socket.recv(1 << 16)
            if not data:
                raise ConnectionError("the guest is gone")
            answer += data
        status, _, output = bytes(answer).partition(b" ")
        text = base64.b64decode(output).decode("utf-8", "replace").strip()
        assert not check or status == b"0", f"{command!r} in the guest: status {status.decode()}: {text}"
        return text

    def until(self, condition: str, timeout: float = 120.0) -> None:
        """Wait until a shell condition holds."""
        end = time.monotonic() + timeout
        while self.sh(f"({condition}) && echo yes || echo no", check=False).splitlines()[-1:] != ["yes"]:
            assert time.monotonic() < end, f"never true in the guest: {condition}"
            time.sleep(0.1)

    @property
    def used(self) -> bool:
        """Whether a command has been tried."""
        return self._socket is not None

    def close(self) -> None:
        """Let go of the port. May be called again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
