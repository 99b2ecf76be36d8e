"""guest-set-time on Windows."""

from __future__ import annotations

from guestwire.agent.system.windows.clock import set_clock
from guestwire.agent.system.windows.win32 import failure
from guestwire.errors import CommandError

_YEAR_2070 = 3_155_760_000_000_000_000  # nanoseconds
_RESYNC_SECONDS = 60


def guest_set_time(time: int | None = None) -> None:
    """Set the clock to `time` (nanoseconds since the epoch); without it, have w32tm(1) ask the time service.

    Windows lets no program read the hardware clock; its time service is what knows better than the clock.
    """
    if time is None:
        _resync()
        return
    if not 0 <= time < _YEAR_2070:
        raise CommandError("Invalid time")
    try:
        set_clock(time)
    except OSError as error:
        raise failure("Failed to set time to guest", error) from None


def _resync() -> None:
    import subprocess

    command = ["w32tm.exe", "/resync", "/nowait"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_RESYNC_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(f"Failed to set time to guest: w32tm: {error}") from None
    if done.returncode:
        told = " ".join(done.stdout.decode("utf-8", "replace").split())
        raise CommandError(f"Failed to set time to guest: w32tm ended with {done.returncode}: {told}")
