"""A guest that sends what it is told, to test what a program makes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from guestwire.testing.channel import Piece

CLOSE = None
"""A piece that ends the channel."""


class Script:
    """Answers the n-th request with the n-th of `answers`, and none after the last.

    An answer is bytes, or a sequence of pieces: bytes that arrive in one read, a float for a delay in seconds, `CLOSE`.
    `greeting` arrives on connecting. Resyncs are answered as an agent answers them and do not count, unless `sync` is
    False. `requests` keeps what was asked, parsed.
    """

    def __init__(
        self, *answers: bytes | Sequence[Piece], greeting: bytes | Sequence[Piece] = b"", sync: bool = True
    ) -> None:
        self._answers = list(answers)
        self._greeting = greeting
        self._sync = sync
        self.requests: list[dict[str, Any]] = []

    def connected(self) -> Iterable[Piece]:
        """See `Peer`."""
        return _pieces(self._greeting)

    def receive(self, data: bytes) -> Iterable[Piece]:
        """See `Peer`."""
        for line in data.splitlines():
            request = json.loads(line.lstrip(b"\xff"))
            if self._sync and request["execute"] in ("guest-sync", "guest-sync-delimited"):
                yield b'\xff{"return": %d}\n' % request["arguments"]["id"]
            else:
                self.requests.append(request)
                yield from _pieces(self._answers.pop(0) if self._answers else b"")


def _pieces(answer: bytes | Sequence[Piece]) -> Iterable[Piece]:
    if isinstance(answer, bytes):
        return [answer] if answer else []
    return answer
