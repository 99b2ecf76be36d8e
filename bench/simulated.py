"""Hundreds of simulated guests in one process: agents with the bulk command, on a bare epoll loop.

    python bench/simulated.py FOLDER COUNT

Each listens on FOLDER/NUMBER.sock. Counters grow from poll to poll. Ended by SIGTERM, it writes FOLDER/asked, the
number of requests and of bulk requests after the first two polls of each connection.
"""

from __future__ import annotations

import contextlib
import json
import re
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import Any

VARIANTS = 32  # answers made beforehand: simulating must cost nearly nothing
_SYNC = re.compile(rb'"id" *: *(\d+)')


def answers(template: dict[str, Any]) -> list[bytes]:
    """One answer after the other, with counters and levels that move."""
    return [json.dumps({"return": _moved(template, number)}).encode() + b"\n" for number in range(VARIANTS)]


def _moved(value: Any, number: int) -> Any:
    if isinstance(value, dict):
        return {key: _moved(item, number) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, number) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float) or value == 0:
        return value
    return value + type(value)(number * max(1, abs(value) // 10_000))


class Agents:
    """All of them."""

    def __init__(self, folder: Path, count: int, template: dict[str, Any]) -> None:
        self._folder = folder
        self._bulk = answers(template)
        names = ["guest-sync-delimited", "guest-info", "guestwire-get-metrics", "guest-get-osinfo"]
        commands = [{"name": name, "enabled": True, "success-response": True} for name in names]
        self._info = (
            json.dumps({"return": {"version": "9.0", "supported_commands": commands}}).encode() + b"\n"
        )
        self._selector = selectors.DefaultSelector()
        self.asked = self.bulk = 0
        for number in range(count):
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.bind(str(folder / f"{number}.sock"))
            line.listen(4)
            self._selector.register(line, selectors.EVENT_READ, None)

    def run(self) -> None:
        (self._folder / "ready").touch()
        while True:
            for key, _ in self._selector.select():
                line: Any = key.fileobj
                if key.data is None:
                    self._selector.register(line.accept()[0], selectors.EVENT_READ, [0])
                else:
                    self._serve(line, key.data)

    def _serve(self, line: socket.socket, turn: list[int]) -> None:
        data = line.recv(65536)
        if not data:
            self._selector.unregister(line)
            line.close()
            return
        for request in filter(None, data.replace(b"\xff", b"").split(b"\n")):
            with contextlib.suppress(BrokenPipeError):
                line.sendall(self._answer(request, turn))

    def _answer(self, request: bytes, turn: list[int]) -> bytes:
        self.asked += turn[0] > 1  # what begins a conversation is not counted
        sync = _SYNC.search(request)
        if b"guest-sync" in request and sync:
            return b'\xff{"return": ' + sync[1] + b"}\n"
        if b"guestwire-get-metrics" in request:
            self.bulk += turn[0] > 1
            turn[0] += 1
            return self._bulk[turn[0] % VARIANTS]
        if b"guest-info" in request:
            return self._info
        return b'{"return": {}}\n'


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    agents = Agents(folder, count, json.loads((folder / "template.json").read_text()))

    def end(*_: object) -> None:
        (folder / "asked").write_text(f"{agents.asked} {agents.bulk}")
        sys.exit()

    signal.signal(signal.SIGTERM, end)
    agents.run()


if __name__ == "__main__":
    main()
