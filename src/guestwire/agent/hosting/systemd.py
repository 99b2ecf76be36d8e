"""Telling systemd how the service is doing (sd_notify): READY, STATUS, STOPPING."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping


class Notifier:
    """Speaks to the socket that NOTIFY_SOCKET names; says nothing when there is none.

    The variable is removed: programs that the agent starts must not speak in its name.
    """

    def __init__(self, environ: MutableMapping[str, str] | None = None) -> None:
        self.address = (os.environ if environ is None else environ).pop("NOTIFY_SOCKET", "")

    def ready(self, status: str) -> None:
        """The agent is there; `status` is shown by `systemctl status`."""
        self.tell(f"READY=1\nSTATUS={status}\nMAINPID={os.getpid()}")

    def status(self, text: str) -> None:
        """What the agent is doing, in one line."""
        self.tell(f"STATUS={text}")

    def stopping(self) -> None:
        """The agent is about to end on purpose."""
        self.tell("STOPPING=1")

    def tell(self, state: str) -> None:
        """Send lines of `NAME=value`. Never blocks, never fails: a service manager that is gone is no fault."""
        if self.address[:1] not in ("/", "@"):
            return
        import _socket

        sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            address = "\0" + self.address[1:] if self.address[0] == "@" else self.address
            sock.sendto(state.encode("utf-8", "backslashreplace"), address)
        except OSError:
            pass
        finally:
            sock.close()
