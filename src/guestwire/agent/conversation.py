"""One host on one line: the protocol's state, and the lock that keeps answers whole."""

from __future__ import annotations

from _collections import deque
from _thread import allocate_lock

from guestwire.wire.agent import AgentProtocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from guestwire.agent.baton import Turn
    from guestwire.agent.channels.base import Line
    from guestwire.agent.upload import Upload
    from guestwire.wire.agent import Event

MAX_POSTED = 512  # buffers


class Conversation:
    """`inbox` holds events that are not served yet; it outlives a reader that is deposed among them."""

    def __init__(self, line: Line, streams: Mapping[str, str]) -> None:
        self.line = line
        self.protocol = AgentProtocol(streams)
        self.inbox: deque[Event] = deque()
        self.upload: Upload | None = None
        self._lock = allocate_lock()
        self._outbox: list[bytes | memoryview] = []
        self._partial = False  # the first part of an answer is out, its end is not

    @property
    def partial(self) -> bool:
        """True while a streamed answer is half sent: nothing else may be sent but after an abandonment."""
        return self._partial

    def post(self, buffers: Sequence[bytes | memoryview]) -> None:
        """Send a quick answer; the reader's own. While more requests wait in the inbox it waits for theirs."""
        if self.inbox and len(self._outbox) < MAX_POSTED:
            self._outbox += buffers
        elif self._outbox:
            self._outbox += buffers
            self.flush()
        else:
            with self._lock:
                self.line.write(*buffers)

    def flush(self) -> None:
        """Send what was posted, in one write."""
        if self._outbox:
            with self._lock:
                self.line.write(b"".join(self._outbox))
                self._outbox.clear()

    def answer(self, turn: Turn, buffers: Sequence[bytes | memoryview], last: bool = True) -> bool:
        """Send one answer, or with `last` False a part of one. False: nobody reads it, or wants it, any more."""
        with self._lock:
            if turn.abandoned:
                return False
            self._partial = not last
            return self.line.write(*buffers)

    def cut(self, turn: Turn) -> None:
        """End a half-sent answer of an abandoned turn, so that the next one starts on a line of its own."""
        with self._lock:
            if turn.conversation is self and self._partial:
                self._partial = False
                self.line.write(b"\n")

    def close(self) -> None:
        """Close the line, once nobody is writing to it."""
        with self._lock:
            self.line.close()
