"""Who reads the channel and who runs commands.

In peace one thread does both. A command that takes longer than `PATIENCE` is *deposed*: it keeps the turn (it is
still the one command that runs), but a new reader takes over the channel. The reader answers commands that may run
out of band and queues the others. Then either

- the command returns: its thread answers, works off the queue and ends; or
- a resync arrives, or the host leaves: the turn is *abandoned*. Its late answer is dropped, the queue too, and the
  reader runs commands itself again. An abandoned command that never returns counts as stuck; their number is bounded.

Every change of hands happens under one lock, in this file.
"""

from __future__ import annotations

from _collections import deque
from _thread import allocate_lock
from time import monotonic

from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.conversation import Conversation
    from guestwire.wire.agent import Event

PATIENCE = 0.05  # seconds before a running command loses the channel
MAX_STUCK = 8
MAX_QUEUED = 1024


class Turn:
    """The right to run commands, from one event until its answer is out (or nobody wants it)."""

    __slots__ = ("abandoned", "conversation", "deposed", "event", "started")

    def __init__(self, conversation: Conversation, event: Event) -> None:
        self.conversation = conversation
        self.event = event
        self.started = monotonic()
        self.deposed = False
        self.abandoned = False

    def name(self) -> str:
        """The command's name, for people."""
        return getattr(self.event, "name", None) or "an upload"


class Baton:
    """`seat` is the reader's right to read: a thread may read only while the seat it was given is this one."""

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._turn: Turn | None = None
        self._queue: deque[Event] = deque()
        self._stuck: list[Turn] = []
        self.seat = object()

    def begin(self, conversation: Conversation, event: Event) -> Turn:
        """Take the turn; only the reader may, and only when `defer` said that it is free.

        Raises CommandError when too many commands are stuck already.
        """
        if len(self._stuck) >= MAX_STUCK:
            raise CommandError(self._stuck_text())
        turn = self._turn = Turn(conversation, event)
        return turn

    def end(self, turn: Turn) -> bool:
        """Give the turn back. True: the thread is still the reader. False: it has been deposed, see `next_queued`."""
        with self._lock:
            if turn.deposed:
                return False
            self._turn = None
            return True

    def next_queued(self, turn: Turn) -> Turn | None:
        """After the answer of a deposed turn: the turn for the next queued event, or None: the thread ends."""
        with self._lock:
            if turn in self._stuck:
                self._stuck.remove(turn)
            if turn.abandoned:
                return None
            if not self._queue:
                self._turn = None
                return None
            following = self._turn = Turn(turn.conversation, self._queue.popleft())
            following.deposed = True
            return following

    def defer(self, event: Event) -> bool:
        """Queue an event behind the running command. False: none is running, the reader may run it itself."""
        if self._turn is None:
            return False
        with self._lock:
            if not self.running:  # it has ended meanwhile
                return False
            if len(self._queue) >= MAX_QUEUED:
                raise CommandError(f"{MAX_QUEUED} requests already wait for {self._turn.name()}")
            self._queue.append(event)
            return True

    def depose(self) -> object | None:
        """Called when the alarm rings: the new reader's seat if the running command has used up its time."""
        with self._lock:
            turn = self._turn
            if turn is None or turn.deposed or monotonic() - turn.started < PATIENCE * 0.9:
                return None
            turn.deposed = True
            self.seat = object()
            return self.seat

    def abandon(self) -> Turn | None:
        """Nobody wants the running command's answer any more. Returns its turn, None when none runs."""
        with self._lock:
            turn, self._turn = self._turn, None
            self._queue.clear()
            if turn is not None:
                turn.abandoned = True
                self._stuck.append(turn)
            return turn

    @property
    def running(self) -> Turn | None:
        """The turn that is taken now."""
        return self._turn

    @property
    def stuck(self) -> int:
        """How many abandoned commands have not returned."""
        return len(self._stuck)

    def _stuck_text(self) -> str:
        now = monotonic()
        names = ", ".join(f"{turn.name()} ({now - turn.started:.0f} s)" for turn in self._stuck)
        return f"{len(self._stuck)} commands have not returned, no more are started: {names}"
