"""What survives a restart of the agent: the handle counter and the frozen mark.

Both files are the C agent's, in name and form, so that one agent can take over from the other:
`STATEDIR/qga.state` (`[global]` / `fd_counter=N`) and `STATEDIR/qga.state.isfrozen` (empty, while frozen).
"""

from __future__ import annotations

import os

from guestwire.agent import keyfile
from guestwire.errors import CommandError, ConfigError, StartError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_FIRST_HANDLE = 1000
_INT_MAX = 2**31 - 1


class Persist:
    """The state in `statedir`. While `frozen`, when the frozen mark stands, the counter stays in memory."""

    def __init__(self, statedir: str) -> None:
        self.path = os.path.join(os.path.abspath(statedir), "qga.state")
        self.mark = self.path + ".isfrozen"
        self.frozen = os.path.lexists(self.mark)
        self._found_frozen = self.frozen
        self._counter = _FIRST_HANDLE
        self._unsaved = False
        self._waiting: list[Callable[[], None]] = []

    def load(self) -> None:
        """Read the counter; a missing file is made unless frozen. StartError if impossible."""
        try:
            with open(self.path, "rb", buffering=0) as file:
                data = file.read()
        except FileNotFoundError:
            if self.frozen:
                self._unsaved = True
            else:
                self._create()
            return
        except OSError as error:
            raise StartError(f"cannot read state file {self.path}: {os.strerror(error.errno or 0)}") from None
        try:
            state = keyfile.parse(data, self.path)
        except ConfigError as error:
            raise StartError(f"broken state file, remove it to start anew: {error}") from None
        try:
            counter = state.integer("global", "fd_counter")
        except ConfigError:
            counter = 0  # what the C agent makes of it
        self._counter = _FIRST_HANDLE if counter is None else max(counter, 0)

    def next_handle(self) -> int:
        """The next file handle, from 1000 on, never repeated over restarts (but after 2^31 of them).

        CommandError when the counter cannot be stored.
        """
        handle = self._counter
        self._counter = handle + 1 if handle < _INT_MAX else _FIRST_HANDLE
        if self.frozen:
            self._unsaved = True
            return handle
        try:
            self._save()
        except OSError:
            self._counter = handle
            raise CommandError("failed to commit persistent state to disk") from None
        return handle

    def found_frozen(self) -> bool:
        """True when the mark was there at start: the agent begins frozen."""
        return self._found_frozen

    def mark_frozen(self) -> None:
        """Make the frozen mark; called just before the first filesystem is frozen. OSError if impossible."""
        os.close(os.open(self.mark, os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600))
        self.frozen = True

    def clear_frozen(self) -> None:
        """Remove the frozen mark and store what had to wait; called after the thaw. OSError if impossible."""
        try:
            os.unlink(self.mark)
        except FileNotFoundError:
            pass  # removed by hand, which is one way to recover
        self.frozen = False
        waiting, self._waiting = self._waiting, []
        if self._unsaved:
            waiting.insert(0, self._save)
        for action in waiting:
            action()

    def when_thawed(self, action: Callable[[], None]) -> None:
        """Have `action` done at the end of the freeze that the agent began in: files it must not write before."""
        self._waiting.append(action)

    def _create(self) -> None:
        try:
            self._save()
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise StartError(
                f"cannot write state file {self.path}: {reason}; choose a folder with --statedir"
            ) from None

    def _save(self) -> None:
        """Replace the file in one step: whoever reads it sees the old or the new one, whole."""
        new = f"{self.path}.{os.getpid()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
        fd = os.open(new, flags, 0o600)
        try:
            os.write(fd, b"[global]\nfd_counter=%d\n" % self._counter)
        finally:
            os.close(fd)
        os.replace(new, self.path)
        self._unsaved = False
