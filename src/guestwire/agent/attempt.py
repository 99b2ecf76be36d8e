"""One attempt to freeze filesystems: what it holds, and how it ends when a thaw comes in between.

FIFREEZE may never return. The thread that is stuck in it belongs to the attempt, and the attempt can be called off
from another thread; then the stuck thread undoes what the kernel did for it after all, and nobody waits for it.
"""

from __future__ import annotations

from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType
    from collections.abc import Callable, Collection

    from guestwire.agent.freezable import Device, Freezing
    from guestwire.agent.log import Log


class Target:
    """What is frozen in one go: on Linux a filesystem, on Windows all volumes together.

    Its descriptor thaws it even when its path is gone; `held` is how many filesystems we have frozen by it.
    """

    __slots__ = ("device", "fd", "held", "name")

    def __init__(self, device: Device, path: bytes, fd: int) -> None:
        self.device = device
        self.name = path.decode("utf-8", "replace")
        self.fd = fd
        self.held = 0


class Attempt:
    """`complete` once all is frozen; `at` is what the kernel is freezing now.

    `lock` guards all attributes, and `stuck`: the devices whose freeze has been called off but has not returned.
    """

    def __init__(self, lock: LockType, stuck: set[Device], log: Log) -> None:
        self._lock = lock
        self._stuck = stuck
        self._log = log
        self.held: list[Target] = []
        self.at: Target | None = None
        self.complete = False
        self.called_off = False

    def run(
        self, system: Freezing, wanted: Collection[bytes] | None, enter: Callable[[Attempt], None]
    ) -> int:
        """Freeze all, or the wanted; how many that were. `enter` is called before the first.

        CommandError when one fails or a thaw comes in between; what is `held` then is for the caller to thaw.
        """
        targets = self._open_all(system, wanted)
        try:
            enter(self)
            for target in targets:
                self._freeze(system, target)
            with self._lock:
                self.check()
                self.complete = bool(self.held)
                return sum(target.held for target in self.held)
        finally:
            for target in targets:
                if not target.held:
                    system.close(target.fd)

    def call_off(self) -> list[Target]:
        """End it (under the lock), complete or not; what it held is now the caller's to thaw and to close."""
        self.called_off = True
        if self.at is not None:
            self._stuck.add(self.at.device)
        return self.held

    def check(self) -> None:
        """CommandError when it has been called off (under the lock)."""
        if self.called_off:
            raise CommandError("the freeze has been called off by a thaw")

    def _open_all(self, system: Freezing, wanted: Collection[bytes] | None) -> list[Target]:
        """All are opened before the first is frozen: the way to one may lead through another."""
        targets: list[Target] = []
        for filesystem in system.order(wanted):
            try:
                fd = system.open(filesystem)
            except OSError as error:
                for target in targets:
                    system.close(target.fd)
                name = filesystem.path.decode("utf-8", "replace")
                raise CommandError.from_os(f"failed to open {name}", error) from None
            if fd is not None:
                targets.append(Target(filesystem.device, filesystem.path, fd))
        return targets

    def _freeze(self, system: Freezing, target: Target) -> None:
        with self._lock:
            self.check()
            if target.device in self._stuck:
                raise CommandError(
                    f"failed to freeze {target.name}: an earlier freeze of it has not returned"
                )
            self.at = target
        frozen = 0
        fault: CommandError | None = None
        try:
            frozen = system.freeze(target.fd)
        except OSError as error:
            fault = CommandError.from_os(f"failed to freeze {target.name}", error)
        except CommandError as error:
            fault = error
        with self._lock:
            self.at = None
            called_off = self.called_off
            if frozen and not called_off:
                self.held.append(target)
                target.held = frozen
        if called_off:
            self._take_back(system, target, frozen)
        if fault is not None:
            raise fault
        self.check()

    def _take_back(self, system: Freezing, target: Target, frozen: int) -> None:
        """A thaw has come while the kernel was freezing this one: nobody else will thaw it."""
        try:
            if frozen:
                system.thaw(target.fd)
        except OSError as error:
            self._log.warning(f"failed to thaw {target.name}: {error.strerror}")
        finally:
            with self._lock:
                self._stuck.discard(target.device)
