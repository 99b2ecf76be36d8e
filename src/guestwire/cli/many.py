"""One piece of work on one guest or on many at once, with the results shown as they come."""

from __future__ import annotations

import queue
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from guestwire.cli import guests
from guestwire.cli.clean import clean
from guestwire.cli.output import Document, draw, print_json
from guestwire.cli.status import FAILED, OK
from guestwire.errors import ChannelClosed, CommandError, GuestwireError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from guestwire.cli.guests import Guest
    from guestwire.cli.options import Common
    from guestwire.client import GuestAgent

T = TypeVar("T")


class Outcome(NamedTuple):
    """What became of one guest: a value, or the error that ended the work."""

    guest: Guest
    value: Any = None
    error: Exception | None = None


def each(
    words: Sequence[str],
    common: Common,
    work: Callable[[GuestAgent], T],
    show: Callable[[T], Document] | None = None,
    *,
    status: Callable[[T], int] | None = None,
) -> int:
    """Do `work` on every guest that `words` name, print what it returns, and return the exit status.

    For people `show` makes a document of each value; programs get the value itself, which msgspec must be able to
    write. One guest named as such gives its bare value with --json; globs and lists give an array of
    `{"guest", "result"}` and `{"guest", "error"}`. One guest's failure does not stop the others. The exit status is
    the largest: `status(value)`, and 1 for a failure.
    """
    chosen = guests.find(words)
    if guests.is_one(words) and not common.jsonl:
        with guests.connected(chosen[0], common.timeout) as agent:
            value = work(agent)
        if common.json:
            print_json(value)
        else:
            draw(show(value) if show else None)
        return status(value) if status else OK
    worst = OK
    collected = []
    for outcome in outcomes(chosen, common, work):
        if common.json:
            collected.append(envelope(outcome))
        else:
            _tell(outcome, common, show)
        if outcome.error is not None:
            worst = max(worst, FAILED)
        elif status:
            worst = max(worst, status(outcome.value))
    if common.json:
        print_json(collected)
    return worst


def outcomes(chosen: Sequence[Guest], common: Common, work: Callable[[GuestAgent], T]) -> Iterator[Outcome]:
    """The outcomes of the guests, in the order in which they are ready. Ctrl-C ends every call under way."""
    crew = _Crew(chosen, common, work)
    try:
        yield from crew.results()
    except BaseException:
        crew.stop()
        raise


def envelope(outcome: Outcome) -> dict[str, Any]:
    """An outcome for programs."""
    if outcome.error is None:
        return {"guest": outcome.guest.name, "result": outcome.value}
    fault: dict[str, Any] = {"type": type(outcome.error).__name__, "text": str(outcome.error)}
    if isinstance(outcome.error, CommandError):
        fault |= {"class": outcome.error.error_class, "desc": outcome.error.desc}
    return {"guest": outcome.guest.name, "error": fault}


def _tell(outcome: Outcome, common: Common, show: Callable[[Any], Document] | None) -> None:
    if common.jsonl:
        print_json(envelope(outcome), indent=0)
    elif outcome.error is not None:
        print(f"guestwire: {clean(str(outcome.error))}", file=sys.stderr)
    else:
        document = show(outcome.value) if show else None
        if isinstance(document, str):
            document = f"{outcome.guest.name}: {document}"
        elif document is not None:
            print(f"{clean(outcome.guest.name)}:")
        draw(document)
    sys.stdout.flush()


class _Crew:
    """The threads that work on guests, `common.parallel` of them."""

    def __init__(self, chosen: Sequence[Guest], common: Common, work: Callable[[GuestAgent], Any]) -> None:
        self._work = work
        self._timeout = common.timeout
        self._waiting: queue.SimpleQueue[Guest] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()
        self._busy: set[GuestAgent] = set()
        self._stopping = False
        self._count = len(chosen)
        for guest in chosen:
            self._waiting.put(guest)
        size = min(common.parallel, self._count)
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(size)]

    def results(self) -> Iterator[Outcome]:
        """Start, and give the outcomes."""
        for thread in self._threads:
            thread.start()
        for _ in range(self._count):
            outcome = self._done.get()
            if not isinstance(outcome, Outcome):
                raise outcome
            yield outcome

    def stop(self) -> None:
        """End the calls under way, and wait until what they must still do (thaw, close a file) is done."""
        self._stopping = True
        for agent in list(self._busy):
            agent.interrupt()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _serve(self) -> None:
        while not self._stopping:
            try:
                guest = self._waiting.get_nowait()
            except queue.Empty:
                return
            self._done.put(self._do(guest))

    def _do(self, guest: Guest) -> Outcome | BaseException:
        try:
            with guests.connected(guest, self._timeout) as agent:
                self._busy.add(agent)
                try:
                    if self._stopping:
                        raise ChannelClosed("interrupted", guest=guest.name)
                    return Outcome(guest, self._work(agent))
                finally:
                    self._busy.discard(agent)
        except (GuestwireError, OSError) as error:
            return Outcome(guest, error=error)
        except BaseException as error:  # a fault of ours: it ends the verb, in the main thread
            return error
