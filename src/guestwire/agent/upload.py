"""An argument that is taken while it arrives. Nothing of it counts until the whole request has."""

from __future__ import annotations

from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Upload:
    """What a command with a streamed argument hands out: `feed` the text, then `finish` or `abort`.

    This base takes everything and does nothing; a subclass does the work in `_take`. A fault in a piece is kept and
    told by `finish`, because the answer belongs to the end of the request.
    """

    def __init__(self) -> None:
        self._fault: CommandError | OSError | None = None

    @classmethod
    def refused(cls, fault: CommandError) -> Upload:
        """An upload that swallows its text and fails at the end."""
        upload = cls()
        upload._fault = fault
        return upload

    def feed(self, text: bytes) -> None:
        """The next piece of the argument's text, as ASCII."""
        if self._fault is None:
            try:
                self._take(text)
            except (OSError, CommandError) as fault:
                self._fault = fault

    def finish(self, **arguments: Any) -> Any:
        """The request is whole: the command's result. CommandError undoes all, like `abort`."""
        if self._fault is not None:
            raise self._fault
        return self._result(**arguments)

    def abort(self) -> None:
        """The request never became whole: leave no trace of it."""

    def _take(self, text: bytes) -> None:
        raise NotImplementedError

    def _result(self, **arguments: Any) -> Any:
        raise NotImplementedError
