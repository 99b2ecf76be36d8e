"""The broker's own requests: files of clients that have left are closed, and what was frozen is thawed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.broker.requests import line_of
from guestwire.broker.turns import THAW, Job, Priority
from guestwire.wire.messages import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from guestwire.broker.answers import Answer

_TRIES = 5  # of what has no answer; a thaw is tried for ever
_MOST_OWED = 4096


class Cleaner:
    """One guest's. What could not be asked is asked again when the guest is back (`try_again`)."""

    priority = Priority.PERSON
    owner = None

    def __init__(self, submit: Callable[[Job], None]) -> None:
        self._submit = submit
        self._owed: list[Job] = []
        self._thawing = False

    def clean(self, requests: Iterable[Request]) -> None:
        """Ask these, whatever comes back."""
        for request in requests:
            self._submit(Job(self, request, line_of(request)))

    def thaw(self) -> None:
        """Thaw, until it has been done."""
        if not self._thawing:
            self._thawing = True
            self.clean([Request(THAW, None)])

    def try_again(self) -> None:
        """The guest is back."""
        owed, self._owed = self._owed, []
        for job in owed:
            self._submit(job)

    def refusal(self, request: Request) -> Answer | None:
        """The broker may do everything."""
        return None

    def answer(self, job: Job, answer: Answer | None) -> None:
        """Keep what has to be asked again."""
        thaw = job.name == THAW
        if answer is not None and not answer.reached:
            job.tries += 1
            if (thaw or job.tries < _TRIES) and len(self._owed) < _MOST_OWED:
                self._owed.append(job)
                return
        if thaw:
            self._thawing = False

    def __str__(self) -> str:
        return "broker"
