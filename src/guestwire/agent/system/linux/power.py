"""Shutting down and suspending by the programs that a distribution has for it, or by /sys/power/state."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from guestwire.agent.system.linux.helper import helper_status, run_helper
from guestwire.errors import CommandError

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
        """(is it supported, do it), best first. `root` is a path in front of /sys."""
        systemd = ["systemctl", self._verb]
        pm_utils = ["pm-" + self._pm]
        return (
            (self._systemd_has, lambda: run_helper(systemd, "suspend", timeout=_SUSPEND_LIMIT)),
            (self._pm_has, lambda: run_helper(pm_utils, "suspend", timeout=_SUSPEND_LIMIT)),
            (lambda: self._kernel_has(root), lambda: self._ask_kernel(root)),
        )

    def _systemd_has(self) -> bool:
        """`systemctl status` of a unit that exists but does not run exits with 1 to 3 (LSB), of none with 4."""
        return helper_status(["systemctl", "status", self._unit]) in (1, 2, 3)

    def _pm_has(self) -> bool:
        return helper_status(["pm-is-supported", "--" + self._pm]) == 0

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


def suspend(root: str, mode: Mode) -> None:
    """Suspend in the first way that works. CommandError when none is there, or of the last that failed."""
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
