"""`GuestAgent`: the blocking client."""

from __future__ import annotations

from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from guestwire.client.driver import Driver
from guestwire.client.files import open_guest_file
from guestwire.client.methods import Conversations
from guestwire.client.recipes.freezing import FREEZE_TIMEOUT, THAW_TIMEOUT, freeze, reach, thaw
from guestwire.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class GuestAgent(Conversations, Driver):
    """A guest's agent, called from plain code. Threads may share one: their calls take turns.

    `address` is a text of `guestwire.client.address`, a parsed one, or a transport. Nothing is opened before the first
    call. `timeout` is for each call, in seconds, resync included; `max_reply` bounds one answer, in bytes. `name` is
    what errors call the guest.
    """

    @contextmanager
    def frozen(
        self,
        mountpoints: Sequence[str] | None = None,
        *,
        timeout: float = FREEZE_TIMEOUT,
        thaw_timeout: float = THAW_TIMEOUT,
    ) -> Iterator[int]:
        """Freeze filesystems (all, or those mounted at `mountpoints`) while the body runs; gives how many are frozen.

        They are thawed at the end, whatever ends it, and also when the freeze itself times out. Thawing goes on
        for `thaw_timeout` seconds before it gives up and says so.
        """
        self.drive(reach(self.session))
        thawing = True
        try:
            try:
                count = self.drive(freeze(self.session, mountpoints, timeout=timeout))
            except CommandError:
                thawing = False  # the agent refused, so this call has frozen nothing
                raise
            yield count
        finally:
            if thawing:
                self._thaw(thaw_timeout)

    def _thaw(self, timeout: float) -> None:
        try:
            self.drive(thaw(self.session, timeout=timeout))
        except KeyboardInterrupt:  # one impatient Ctrl-C must not leave a guest frozen; a second one may
            self.drive(thaw(self.session, timeout=timeout))
            raise

    def open(
        self,
        path: str,
        mode: str = "r",
        *,
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[Any]:
        """Open a file of the guest as `open` opens one of the host, with the same arguments; text is UTF-8."""
        return open_guest_file(
            self, path, mode, buffering=buffering, encoding=encoding, errors=errors, newline=newline
        )
