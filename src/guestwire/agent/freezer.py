"""Freezing and thawing of filesystems, and the lease that ends a freeze.

Laws that hold whatever goes wrong:

- what a failed freeze has frozen is thawed before it answers, and the thaw hook runs when the freeze hook
has; - a thaw never waits for a freeze that is stuck in the kernel: it thaws the rest, and what the stuck
call freezes in
  the end is thawed by the thread that was stuck in it;
- the mark on disk is made before the first filesystem is frozen and removed after the last one is thawed;
- `status` is "frozen" only when the freeze is complete, so a host may trust it before it takes a snapshot.
"""

from __future__ import annotations

from _thread import allocate_lock
from time import monotonic

from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from guestwire.agent.state import AgentState
    from guestwire.agent.system.linux.freeze import Freezing
    from guestwire.agent.system.linux.mounts import Device, Filesystem

# A lease that could not thaw everything tries again so much later at the earliest, seconds.
_RETRY = 10.0


class _Target:
    """A filesystem to freeze. Its descriptor thaws it even when its path is gone; `held` once we have frozen it."""

    __slots__ = ("device", "fd", "held", "name")

    def __init__(self, device: Device, path: bytes, fd: int) -> None:
        self.device = device
        self.name = path.decode("utf-8", "replace")
        self.fd = fd
        self.held = False


class _Freeze:
    """One freeze, from its hook to its thaw. `at` is what the kernel is freezing now."""

    __slots__ = ("at", "called_off", "complete", "held")

    def __init__(self, held: Sequence[_Target] = (), complete: bool = False) -> None:
        self.held = list(held)
        self.complete = complete
        self.at: _Target | None = None
        self.called_off = False


class Freezer:
    """`deadline`: monotonic seconds at which the freeze thaws by itself, None when no lease runs.

    `wake` tells the warden that there is a new deadline. `system` names the package of what the OS can do.
    """

    def __init__(
        self,
        agent: AgentState,
        wake: Callable[[], None] = lambda: None,
        system: str = "guestwire.agent.system.linux",
    ) -> None:
        self.deadline: float | None = None
        self._agent = agent
        self._wake = wake
        self._system_name = system
        self._system: Freezing | None = None
        self._thawing = allocate_lock()  # one thaw at a time: an explicit one, or the lease's
        self._hooking = allocate_lock()  # one hook at a time
        self._lock = allocate_lock()  # guards what follows; nothing that may block is called under it
        self._freeze: _Freeze | None = None
        self._releasing = False
        self._stuck: set[Device] = set()
        self._lease: float | None = None

    def status(self) -> str:
        """ "frozen" or "thawed"."""
        freeze = self._freeze
        complete = freeze is None or freeze.complete
        return "frozen" if self._agent.gate.frozen and complete else "thawed"

    def begin_frozen(self) -> None:
        """Start frozen: an earlier agent has ended and left its mark."""
        self._agent.gate.frozen = True
        self._agent.log.suspended = True
        self._start_lease()

    def freeze(self, wanted: Collection[bytes] | None = None) -> int:
        """Freeze all filesystems, or those with a mount point in `wanted`; how many there were to freeze.

        CommandError when the hook or one of them fails; then none is left frozen.
        """
        freeze = self._begin()
        try:
            self._hook("freeze")
        except CommandError:
            self._end(freeze)
            raise
        try:
            count = self._freeze_all(freeze, wanted)
        except (CommandError, OSError):
            try:
                self._undo(freeze)
            except CommandError as second:
                self._agent.log.warning(str(second))
            raise
        if not count:
            self._undo(freeze)
        return count

    def thaw(self) -> int:
        """Thaw all filesystems, whoever has frozen them; how many there were to thaw.

        CommandError when the hook fails, or when one that this agent has frozen can't be thawed: it stays
        frozen.
        """
        with self._thawing:
            return self._release(self._os().order())

    def expire(self) -> None:
        """Thaw because the lease has run out; called by the warden in a thread of its own."""
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
                told = f"the freeze has lasted longer than --freeze-timeout, but the thaw failed: {error}"
            else:
                told = f"the freeze has lasted longer than --freeze-timeout: thawed {count} filesystems"
        self._agent.log.warning(told)

    # The steps of a freeze.

    def _begin(self) -> _Freeze:
        with self._lock:
            if self._freeze is not None or self._releasing or self._agent.gate.frozen:
                raise CommandError("filesystems are already being frozen or thawed")
            freeze = self._freeze = _Freeze()
        return freeze

    def _end(self, freeze: _Freeze) -> None:
        with self._lock:
            if self._freeze is freeze:
                self._freeze = None

    def _freeze_all(self, freeze: _Freeze, wanted: Collection[bytes] | None) -> int:
        targets = self._open_all(wanted)
        try:
            self._enter(freeze)
            for target in targets:
                self._freeze_one(freeze, target)
            with self._lock:
                self._check_on(freeze)
                freeze.complete = bool(freeze.held)
                if freeze.complete:
                    self._start_lease()
                return len(freeze.held)
        finally:
            for target in targets:
                if not target.held:
                    self._os().close(target.fd)

    def _open_all(self, wanted: Collection[bytes] | None) -> list[_Target]:
        """All are opened before the first is frozen: the way to one may lead through another."""
        system = self._os()
        targets: list[_Target] = []
        for filesystem in system.order(wanted):
            try:
                fd = system.open(filesystem)
            except OSError as error:
                for target in targets:
                    system.close(target.fd)
                name = filesystem.path.decode("utf-8", "replace")
                raise CommandError.from_os(f"failed to open {name}", error) from None
            if fd is not None:
                targets.append(_Target(filesystem.device, filesystem.path, fd))
        return targets

    def _enter(self, freeze: _Freeze) -> None:
        """From here on the agent counts as frozen, for itself and for one that is started after it."""
        agent = self._agent
        agent.log.account("guest-fsfreeze called")
        with self._lock:
            self._check_on(freeze)
            try:
                agent.persist.mark_frozen()
            except OSError as error:
                agent.log.warning(f"the frozen mark can't be made, a restart would not know of it: {error}")
            agent.gate.frozen = True
            agent.log.suspended = True
            self._start_lease()

    def _freeze_one(self, freeze: _Freeze, target: _Target) -> None:
        with self._lock:
            self._check_on(freeze)
            if target.device in self._stuck:
                raise CommandError(
                    f"failed to freeze {target.name}: an earlier freeze of it has not returned"
                )
            freeze.at = target
        frozen, fault = False, None
        try:
            frozen = self._os().freeze(target.fd)
        except OSError as error:
            fault = error
        with self._lock:
            freeze.at = None
            called_off = freeze.called_off
            if frozen and not called_off:
                freeze.held.append(target)
                target.held = True
        if called_off:
            self._take_back(target, frozen)
        if fault is not None:
            raise CommandError.from_os(f"failed to freeze {target.name}", fault)
        self._check_on(freeze)

    def _take_back(self, target: _Target, frozen: bool) -> None:
        """A thaw has come while the kernel was freezing this one: nobody else will thaw it."""
        try:
            if frozen:
                self._os().thaw(target.fd)
        except OSError as error:
            self._agent.log.warning(f"failed to thaw {target.name}: {error.strerror}")
        finally:
            with self._lock:
                self._stuck.discard(target.device)

    def _check_on(self, freeze: _Freeze) -> None:
        if freeze.called_off:
            raise CommandError("the freeze has been called off by a thaw")

    # The steps of a thaw.

    def _undo(self, freeze: _Freeze) -> None:
        """Thaw what this freeze has frozen, unless a thaw has come before."""
        with self._thawing:
            if not freeze.called_off:
                self._release(())

    def _release(self, mounted: Sequence[Filesystem]) -> int:
        """Thaw what we hold and what is `mounted` (in freezing order), become thawed and run the hook."""
        held = self._call_off()
        count, left = self._thaw_all(held, mounted)
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

    def _call_off(self) -> list[_Target]:
        with self._lock:
            self._releasing = True
            self._lease = self.deadline = None
            freeze, self._freeze = self._freeze, None
            if freeze is None:
                return []
            freeze.called_off = True
            if freeze.at is not None:
                self._stuck.add(freeze.at.device)
            return freeze.held

    def _thaw_all(
        self, held: Sequence[_Target], mounted: Sequence[Filesystem]
    ) -> tuple[int, dict[_Target, str]]:
        """How many were thawed, and those that we hold but can't thaw; the last frozen is the first thawed."""
        system = self._os()
        ours = {target.device: target for target in held}
        by_device = {one.device: one for one in mounted}
        devices = [target.device for target in reversed(held) if target.device not in by_device]
        devices += [one.device for one in reversed(mounted)]
        devices = [device for device in devices if device not in self._stuck]

        def thaw(device: Device) -> bool:
            target = ours.get(device)
            return system.thaw_mounted(by_device[device]) if target is None else system.thaw(target.fd)

        answers = dict(zip(devices, system.thaw_each(thaw, devices)))
        left = {
            ours[device]: str(answer.strerror)
            for device, answer in answers.items()
            if isinstance(answer, OSError) and device in ours
        }
        return sum(answer is True for answer in answers.values()), left

    def _keep(self, left: Sequence[_Target] | dict[_Target, str]) -> None:
        """Go on frozen with what could not be thawed; another thaw, or the lease, may have more luck."""
        with self._lock:
            self._freeze = _Freeze(list(left), complete=True)
            self._releasing = False
            self._start_lease(_RETRY)

    def _leave(self) -> None:
        agent = self._agent
        with self._lock:
            agent.gate.frozen = False
            agent.log.suspended = False
            self._releasing = False
        try:
            agent.persist.clear_frozen()
        except OSError as error:
            agent.log.warning(f"the frozen mark can't be removed, a restart would begin frozen: {error}")
        agent.log.account("guest-fsthaw called")

    # Both.

    def _start_lease(self, least: float = 0.0) -> None:
        timeout = self._agent.config.freeze_timeout
        if timeout:
            self._lease = self.deadline = monotonic() + max(timeout, least)
            self._wake()

    def _hook(self, verb: str) -> None:
        """Run the hook program; what it says goes to the log."""
        hook = self._agent.config.fsfreeze_hook
        if not hook:
            return
        log = self._agent.log
        with self._hooking:
            try:
                output = self._os().run_hook(hook, verb, self._agent.config.hook_timeout)
            except CommandError as error:
                log.warning(f"fsfreeze hook {verb}: {error.desc}")
                raise
        for line in output.decode("utf-8", "replace").splitlines():
            log.info(f"fsfreeze hook {verb}: {line}")

    def _os(self) -> Freezing:
        """What the OS can do; loaded at the first freeze or thaw."""
        if self._system is None:
            module = __import__(self._system_name + ".freeze", fromlist=["Freezing"])
            self._system = module.Freezing(self._agent.root)
        return self._system
