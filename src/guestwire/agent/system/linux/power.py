"""Shutting down and suspending by the programs that a distribution has for it, or by /sys/power/state."""

from __future__ import annotations

import os

from guestwire.agent.system.linux.helper import helper_status, run_helper
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Mode: the program that does it without asking, and the option of shutdown(8).
PROGRAMS = {
    "powerdown": ("/sbin/poweroff", "-P"),
    "halt": ("/sbin/halt", "-H"),
    "reboot": ("/sbin/reboot", "-r"),
}
_MESSAGE = "hypervisor initiated shutdown"
# A suspend that does its work in the foreground writes all memory to disk first. Seconds; sleep is not counted.
_SUSPEND_LIMIT = 600.0


def shut_down(root: str, mode: str) -> None:
    """Begin to halt, power down or reboot. `root` is a path in front of /sbin. CommandError when the program fails."""
    program, option = PROGRAMS[mode]
    argv = [root + program]
    if not os.access(argv[0], os.X_OK):
        argv = [root + "/sbin/shutdown", "-h", option, "+0", _MESSAGE]
    run_helper(argv, "shutdown")


class Mode:
    """One way to suspend, and its names: in systemd, in pm-utils and in /sys/power/state (None: not there)."""

    __slots__ = ("_pm", "_state", "_unit", "_verb")

    def __init__(self, unit: str, verb: str, pm: str, state: str | None) -> None:
        self._unit = unit
        self._verb = verb
        self._pm = pm
        self._state = state

    def ways(self, root: str) -> tuple[tuple[Callable[[], bool], Callable[[], None]], ...]:
        """(is it supported, do it), best first. `root` is a path in front of /sys and of the programs."""
        return (
            (lambda: self._systemd_has(root), lambda: _run(root, "systemctl", self._verb)),
            (lambda: self._pm_has(root), lambda: _run(root, "pm-" + self._pm)),
            (lambda: self._kernel_has(root), lambda: self._ask_kernel(root)),
        )

    def _systemd_has(self, root: str) -> bool:
        """`systemctl status` of a unit that exists but does not run exits with 1 to 3 (LSB), of none with 4."""
        return _ask(root, "systemctl", "status", self._unit) in (1, 2, 3)

    def _pm_has(self, root: str) -> bool:
        return _ask(root, "pm-is-supported", "--" + self._pm) == 0

    def _kernel_has(self, root: str) -> bool:
        try:
            with open(root + "/sys/power/state", "rb") as file:
                return self._state is not None and self._state.encode() in file.read().split()
        except OSError:
            return False

    def _ask_kernel(self, root: str) -> None:
        """The write returns when the machine has woken up."""
        fd = os.open(root + "/sys/power/state", os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(fd, str(self._state).encode())
        finally:
            os.close(fd)


DISK = Mode("systemd-hibernate", "hibernate", "hibernate", "disk")
RAM = Mode("systemd-suspend", "suspend", "suspend", "mem")
HYBRID = Mode("systemd-hybrid-sleep", "hybrid-sleep", "suspend-hybrid", None)


def _find(root: str, program: str) -> str:
    """Where PATH has the program, all of it under `root`; CommandError when nowhere."""
    for directory in os.environ.get("PATH", os.defpath).split(":"):
        path = f"{root}{directory}/{program}"
        if directory.startswith("/") and os.access(path, os.X_OK):
            return path
    raise CommandError(f"there is no program {program}")


def _ask(root: str, program: str, *arguments: str) -> int | None:
    """The exit status of a program that answers by it, None when it is not there."""
    try:
        return helper_status([_find(root, program), *arguments])
    except CommandError:
        return None


def _run(root: str, program: str, *arguments: str) -> None:
    run_helper([_find(root, program), *arguments], "suspend", timeout=_SUSPEND_LIMIT)


def suspend(root: str, mode: Mode) -> None:
    """Suspend in the first way that works; `root` as in `Mode.ways`.

    CommandError when there is none, or of the last one that failed.
    """
    fault: CommandError | None = None
    for supported, do in mode.ways(root):
        if not supported():
            continue
        try:
            do()
        except OSError as error:
            fault = CommandError.from_os("failed to write /sys/power/state", error)
        except CommandError as error:
            fault = error
        else:
            return
    raise fault or CommandError("the requested suspend mode is not supported by the guest")
