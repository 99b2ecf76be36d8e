"""Freezing and thawing of filesystems, and the lease that ends a freeze.

Laws that hold whatever goes wrong:

- what a failed freeze has frozen is thawed before it answers, and the thaw hook runs when the freeze hook has;
- a thaw never waits for a freeze that is stuck in the kernel: it thaws the rest, and what the stuck call freezes in
  the end is thawed by the thread that was stuck in it;
- the mark on disk is made before the first filesystem is frozen and removed after the last one is thawed;
- `status` is "frozen" only when the freeze is complete, so a host may trust it before it takes a snapshot;
- when the system itself ends a freeze (Windows does after ten seconds), the agent thaws and the next thaw tells it.
"""

from __future__ import annotations

import sys
from _thread import allocate_lock
from time import monotonic

from guestwire.agent import platform
from guestwire.agent.attempt import Attempt
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from guestwire.agent.attempt import Target
    from guestwire.agent.freezable import Device, Filesystem, Freezing
    from guestwire.agent.state import AgentState

# A lease that could not thaw everything tries again so much later at the earliest, seconds.
_RETRY = 10.0
_EXPIRED = "the freeze has lasted longer than --freeze-timeout"
# What a hook timeout of 0 stands for, seconds.
_NO_LIMIT = 1e6


class Freezer:
    """`deadline`: monotonic seconds at which the freeze thaws by itself, None when no lease runs.

    `wake` tells the warden that there is a new deadline.
    """

    def __init__(self, agent: AgentState, wake: Callable[[], None]) -> None:
        self.deadline: float | None = None
        self._agent = agent
        self._wake = wake
        self._no_bytecode = sys.dont_write_bytecode
        self._system: Freezing | None = None
        self._thawing = allocate_lock()  # one thaw at a time: an explicit one, or the lease's
        self._hooking = allocate_lock()  # one hook at a time
        self._marking = allocate_lock()  # the mark on disk and the frozen state change together
        self._lock = allocate_lock()  # guards what follows; nothing that may block is called under it
        self._attempt: Attempt | None = None
        self._releasing = False
        self._stuck: set[Device] = set()
        self._lease: float | None = None
        self._broken: str | None = None  # why the system has ended the freeze before the thaw

    def status(self) -> str:
        """ "frozen" or "thawed"."""
        attempt = self._attempt
        complete = attempt is None or attempt.complete
        return "frozen" if self._agent.gate.frozen and complete else "thawed"

    def begin_frozen(self) -> None:
        """Start frozen: an earlier agent has ended and left its mark."""
        self._write_nothing(True)
        self._agent.gate.frozen = True
        self._start_lease()

    def freeze(self, wanted: Collection[bytes] | None = None) -> int:
        """Freeze all filesystems, or those with a mount point in `wanted`; how many there were to freeze.

        CommandError when the hook or one of them fails; then none is left frozen.
        """
        system = self._os()
        attempt = self._begin()
        try:
            self._hook("freeze")
        except CommandError:
            self._end(attempt)
            raise
        try:
            count = attempt.run(system, wanted, self._enter)
        except (CommandError, OSError):
            try:
                self._undo(attempt)
            except CommandError as second:
                self._agent.log.warning(str(second))
            raise
        if not count:
            self._undo(attempt)
        return count

    def thaw(self) -> int:
        """Thaw all filesystems, whoever has frozen them; how many there were to thaw.

        CommandError when the hook fails, or when one that this agent has frozen can't be thawed: it stays frozen.
        """
        with self._thawing:
            count = self._release(self._os().order())
            broken, self._broken = self._broken, None
        if broken is not None:
            raise CommandError(f"the filesystems were not frozen until the thaw: {broken}")
        return count

    def expire(self) -> None:
        """Thaw because the lease has run out or the system has ended the freeze.

        Called by the warden in a thread of its own.
        """
        with self._thawing:
            lease = self._lease
            if lease is None:
                return
            if monotonic() < lease:  # another freeze has begun meanwhile
                self.deadline = lease
                self._wake()
                return
            try:
                count = self._release(self._os().order())
            except (CommandError, OSError) as error:
                told = f"{self._broken or _EXPIRED}, but the thaw failed: {error}"
            else:
                told = f"{self._broken or _EXPIRED}: thawed {count} filesystems"
        self._agent.log.warning(told)

    # The steps of a freeze.

    def _begin(self) -> Attempt:
        with self._lock:
            if self._attempt is not None or self._releasing or self._agent.gate.frozen:
                raise CommandError("filesystems are already being frozen or thawed")
            attempt = self._attempt = Attempt(self._lock, self._stuck, self._agent.log)
            self._broken = None
        return attempt

    def _end(self, attempt: Attempt) -> None:
        with self._lock:
            if self._attempt is attempt:
                self._attempt = None

    def _enter(self, attempt: Attempt) -> None:
        """From here on the agent counts as frozen, for itself and for one that is started after it."""
        agent = self._agent
        agent.log.account("guest-fsfreeze called")
        with self._marking:
            with self._lock:
                attempt.check()
            try:
                if self._os().outlasts_agent:
                    agent.persist.mark_frozen()
            except OSError as error:
                agent.log.warning(f"the frozen mark can't be made, a restart would not know of it: {error}")
            with self._lock:
                attempt.check()  # a thaw that has come meanwhile waits to remove the mark
                self._write_nothing(True)
                agent.gate.frozen = True
                self._start_lease()

    # The steps of a thaw.

    def _undo(self, attempt: Attempt) -> None:
        """Thaw what the attempt has frozen, unless a thaw has come before."""
        with self._thawing:
            if not attempt.called_off:
                self._release(())

    def _release(self, mounted: Sequence[Filesystem]) -> int:
        """Thaw what we hold and what is `mounted` (in freezing order), become thawed and run the hook."""
        held = self._call_off()
        count, left = self._thaw_all(held, mounted)
        self._broken = self._os().broken() or self._broken
        for target in held:
            if target not in left:
                self._os().close(target.fd)
        if left:
            self._keep(left)
            faults = "; ".join(f"failed to thaw {target.name}: {why}" for target, why in left.items())
            raise CommandError(faults)
        self._leave()
        self._hook("thaw")
        return count

    def _call_off(self) -> list[Target]:
        with self._lock:
            self._releasing = True
            self._lease = self.deadline = None
            attempt, self._attempt = self._attempt, None
            return [] if attempt is None else attempt.call_off()

    def _thaw_all(
        self, held: Sequence[Target], mounted: Sequence[Filesystem]
    ) -> tuple[int, dict[Target, str]]:
        """How many were thawed, and those that we hold but can't thaw; the last frozen is the first thawed."""
        system = self._os()
        ours = {target.device: target for target in held}
        by_device = {one.device: one for one in mounted}
        devices = [target.device for target in reversed(held) if target.device not in by_device]
        devices += [one.device for one in reversed(mounted)]
        devices = [device for device in devices if device not in self._stuck]

        def thaw(device: Device) -> int:
            target = ours.get(device)
            return system.thaw_mounted(by_device[device]) if target is None else system.thaw(target.fd)

        answers = dict(zip(devices, system.thaw_each(thaw, devices)))
        left = {
            ours[device]: str(answer.strerror)
            for device, answer in answers.items()
            if isinstance(answer, OSError) and device in ours
        }
        return sum(answer for answer in answers.values() if isinstance(answer, int)), left

    def _keep(self, left: Iterable[Target]) -> None:
        """Go on frozen with what could not be thawed; another thaw, or the lease, may have more luck."""
        with self._lock:
            attempt = self._attempt = Attempt(self._lock, self._stuck, self._agent.log)
            attempt.held = list(left)
            attempt.complete = True
            self._releasing = False
            self._start_lease(_RETRY)

    def _leave(self) -> None:
        agent = self._agent
        with self._marking:
            try:
                agent.persist.clear_frozen()
            except OSError as error:
                agent.log.warning(f"the frozen mark can't be removed, a restart would begin frozen: {error}")
            self._write_nothing(False)
            with self._lock:
                agent.gate.frozen = False
                self._releasing = False
        agent.log.account("guest-fsthaw called")

    # Both.

    def _write_nothing(self, frozen: bool) -> None:
        """No log, and no compiled file of a module that is loaded now: either could wait for the thaw for ever."""
        self._agent.log.suspended = frozen
        sys.dont_write_bytecode = frozen or self._no_bytecode

    def _start_lease(self, least: float = 0.0) -> None:
        timeout = self._agent.config.freeze_timeout
        if timeout:
            self._lease = self.deadline = monotonic() + max(timeout, least)
            self._wake()

    def _hurry(self) -> None:
        """The system has ended the freeze: have the warden thaw at once."""
        self._lease = self.deadline = monotonic()
        self._wake()

    def _hook(self, verb: str) -> None:
        """Run the hook program; what it says goes to the log."""
        hook = self._agent.config.fsfreeze_hook
        if not hook:
            return
        log = self._agent.log
        with self._hooking:
            try:
                output = self._os().run_hook(hook, verb, self._agent.config.hook_timeout or _NO_LIMIT)
            except CommandError as error:
                log.warning(f"fsfreeze hook {verb}: {error.desc}")
                raise
        for line in output.decode("utf-8", "replace").splitlines():
            log.info(f"fsfreeze hook {verb}: {line}")

    def _os(self) -> Freezing:
        """What the OS can do; loaded at the first freeze or thaw."""
        if self._system is None:
            name = f"guestwire.agent.system.{platform.current()}.freeze"
            module = __import__(name, fromlist=["Freezing"])
            self._system = module.Freezing(self._agent.root)
            self._system.when_broken(self._hurry)
        return self._system
