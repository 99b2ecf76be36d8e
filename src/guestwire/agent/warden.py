"""The main thread: it waits for signals and timers, and does no work that could block it.

Signals are taken with sigtimedwait(), not with handlers, so a runner that is stuck in the kernel cannot keep the
agent from ending on SIGTERM. SIGTERM and SIGINT are ignored while filesystems are frozen, as in QEMU.
"""

from __future__ import annotations

from _signal import SIG_BLOCK, SIGALRM, SIGCHLD, SIGINT, SIGTERM, pthread_sigmask, sigtimedwait
from _thread import start_new_thread
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.loop import Loop
    from guestwire.agent.state import AgentState

SIGNALS = (SIGALRM, SIGCHLD, SIGINT, SIGTERM)
_FOREVER = 3600.0

# Seconds after which an ended program is collected that nobody has asked for. Not at once: a host that waits for its
# end asks now, and its answer should not have to wait for this thread.
REAP_DELAY = 0.2


def block_signals() -> None:
    """To be called before any thread starts: all threads inherit the mask."""
    pthread_sigmask(SIG_BLOCK, SIGNALS)


def watch(loop: Loop, state: AgentState) -> int:
    """Wait until the agent is to end; returns its exit status."""
    reap_at: float | None = None
    while True:
        lease = state.freezer.deadline
        signal = sigtimedwait(SIGNALS, _patience(lease, reap_at))
        if signal is None:
            now = monotonic()
            if lease is not None and now >= lease:
                state.freezer.deadline = None  # before expire(), which may set a new one
                start_new_thread(state.freezer.expire, ())
            if reap_at is not None and now >= reap_at:
                reap_at = None
                state.jobs.reap()
        elif signal.si_signo == SIGCHLD:
            reap_at = reap_at or monotonic() + REAP_DELAY
        elif signal.si_signo == SIGALRM:
            loop.relieve()
            if loop.failed is not None:
                state.log.error(loop.failed)
                return 1
        elif not state.gate.frozen:
            return 0


def _patience(*deadlines: float | None) -> float:
    """Seconds until the next deadline."""
    waiting = [deadline for deadline in deadlines if deadline is not None]
    return max(0.0, min(waiting) - monotonic()) if waiting else _FOREVER
