"""One piece of work on one guest or on many at once, with the results shown as they come."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeVar

from guestwire.cli import guests
from guestwire.cli.clean import clean
from guestwire.cli.output import Document, complain, draw, print_json, told
from guestwire.cli.status import FAILED, OK
from guestwire.errors import CommandError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from guestwire.cli.crew import Connect, Outcome
    from guestwire.cli.guests import Guest
    from guestwire.cli.options import Common
    from guestwire.client import GuestAgent

T = TypeVar("T")


def each(
    words: Sequence[str],
    common: Common,
    work: Callable[[GuestAgent], T],
    show: Callable[[T], Document] | None = None,
    *,
    status: Callable[[T], int] | None = None,
    connect: Connect = guests.connected,
) -> int:
    """Do `work` on every guest that `words` name, print what it returns, and return the exit status.

    For people `show` makes a document of each value; programs get the value itself, which msgspec must be able to
    write. One guest named as such gives its bare value with --json; globs and lists give an array of
    `{"guest", "result"}` and `{"guest", "error"}`. One guest's failure does not stop the others. The exit status is
    the largest: `status(value)`, and 1 for a failure.
    """
    chosen = guests.find(words)
    if guests.is_one(words) and not common.jsonl:
        with connect(chosen[0], common.timeout) as agent:
            value = work(agent)
        if common.json:
            print_json(value)
        elif show:
            _draw(chosen[0], show, value)
        return status(value) if status else OK
    worst = OK
    collected = []
    for outcome in outcomes(chosen, common, work, connect):
        if common.json:
            collected.append(envelope(outcome))
        elif not _tell(outcome, common, show):
            worst = max(worst, FAILED)
        if outcome.error is not None:
            worst = max(worst, FAILED)
        elif status:
            worst = max(worst, status(outcome.value))
    if common.json:
        print_json(collected)
    return worst


def outcomes(
    chosen: Sequence[Guest],
    common: Common,
    work: Callable[[GuestAgent], T],
    connect: Connect = guests.connected,
) -> Iterator[Outcome]:
    """The outcomes of the guests, in the order in which they are ready. Ctrl-C ends every call under way."""
    from guestwire.cli.crew import Crew

    crew = Crew(chosen, common, work, connect)
    try:
        yield from crew.results()
    except BaseException:
        crew.stop()
        raise


def envelope(outcome: Outcome) -> dict[str, Any]:
    """An outcome for programs."""
    if outcome.error is None:
        return {"guest": outcome.guest.name, "result": outcome.value}
    return {"guest": outcome.guest.name, "error": fault(outcome.error)}


def fault(error: Exception) -> dict[str, Any]:
    """An error for programs; `class` and `desc` are the agent's own words, where it has refused."""
    said: dict[str, Any] = {"type": type(error).__name__, "text": told(error)}
    if isinstance(error, CommandError):
        said |= {"class": error.error_class, "desc": error.desc}
    return said


def _tell(outcome: Outcome, common: Common, show: Callable[[Any], Document] | None) -> bool:
    """Print an outcome; False when its value cannot be shown."""
    fine = True
    if common.jsonl:
        print_json(envelope(outcome), indent=0)
    elif outcome.error is not None:
        complain(outcome.error)
    elif show:
        try:
            _draw(outcome.guest, show, outcome.value, several=True)
        except ProtocolError as error:
            complain(error)
            fine = False
    sys.stdout.flush()
    return fine


def _draw(guest: Guest, show: Callable[[Any], Document], value: Any, several: bool = False) -> None:
    """Print a value for people, under the guest's name where there are several."""
    try:
        document = show(value)
        if several and isinstance(document, str):
            document = f"{guest.name}: {document}"
        elif several and document is not None:
            print(f"{clean(guest.name)}:")
        draw(document)
    except OverflowError:
        raise ProtocolError(
            "a figure in the guest's answer is larger than any can be", guest=guest.name
        ) from None
