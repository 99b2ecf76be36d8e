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


def block_signals() -> None:
    """To be called before any thread starts: all threads inherit the mask."""
    pthread_sigmask(SIG_BLOCK, SIGNALS)


def watch(loop: Loop, state: AgentState) -> int:
    """Wait until the agent is to end; returns its exit status."""
    while True:
        deadline = state.freezer.deadline
        patience = _FOREVER if deadline is None else max(0.0, deadline - monotonic())
        signal = sigtimedwait(SIGNALS, patience)
        if signal is None:
            if deadline is not None and monotonic() >= deadline:
                state.freezer.deadline = None  # before expire(), which may set a new one
                start_new_thread(state.freezer.expire, ())
        elif signal.si_signo == SIGCHLD:
            state.jobs.reap()
        elif signal.si_signo == SIGALRM:
            loop.relieve()
            if loop.failed is not None:
                state.log.error(loop.failed)
                return 1
        elif not state.gate.frozen:
            return 0
