"""The guests that a command line names: by name, by glob against discovery, or by an address that needs none."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from guestwire.client import address as addresses
from guestwire.errors import ConfigError, GuestwireError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from guestwire.client import GuestAgent
    from guestwire.client.driver import Driver

_TIMEOUT = 10.0  # seconds for a call, as the client has it
_SETTLING = 0.5  # seconds that an interrupted call gets to leave the channel empty


class Guest(NamedTuple):
    """A guest and where its agent is."""

    name: str
    address: str


def find(words: Sequence[str]) -> list[Guest]:
    """The guests that `words` name, each once, in their order. Raises `ConfigError` for one that names none.

    A word is an address, a name, a glob such as `web*`, or several names and globs with commas between. Discovery is
    asked only for names.
    """
    found: dict[str, Guest] = {}
    located: list[Any] | None = None
    for word in _split(words):
        place = addresses.parse(word)
        if not isinstance(place, addresses.GuestName):
            found.setdefault(str(place), Guest(str(place), str(place)))
            continue
        if located is None:
            located = discovered()
        for guest in _named(word, located):
            found.setdefault(guest.address, guest)
    return list(found.values())


def one(word: str) -> Guest:
    """The one guest that `word` names. Raises `ConfigError` when there are several."""
    found = find([word])
    if len(found) > 1:
        names = ", ".join(guest.name for guest in found)
        raise ConfigError(f"guest {word!r} are several here ({names}): name one")
    return found[0]


def is_one(words: Sequence[str]) -> bool:
    """Whether the words, as they are written, name a single guest."""
    split = _split(words)
    return len(split) == 1 and not _is_glob(split[0])


def discovered() -> list[Any]:
    """What discovery finds on this host: objects with `name`, `address` (None where there is no channel) and more."""
    try:
        discovery: Any = import_module("guestwire.discovery")
        find_guests = discovery.find
    except (ImportError, AttributeError):
        return []
    return list(find_guests().guests)


@contextmanager
def connected(guest: Guest, timeout: float | None = None) -> Iterator[GuestAgent]:
    """A client of the guest, closed at the end. An interrupted call leaves the channel empty if the agent lets it."""
    from guestwire.client import GuestAgent

    with GuestAgent(guest.address, timeout=timeout or _TIMEOUT, name=guest.name) as agent, _settled(agent):
        yield agent


@contextmanager
def connected_lean(guest: Guest, timeout: float | None = None) -> Iterator[Driver]:
    """The same with `execute` alone, which is imported in half the time."""
    from guestwire.client.driver import Driver

    with Driver(guest.address, timeout=timeout or _TIMEOUT, name=guest.name) as agent, _settled(agent):
        yield agent


@contextmanager
def _settled(agent: Driver) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        with suppress(GuestwireError, KeyboardInterrupt):
            agent.execute("guest-ping", timeout=_SETTLING)  # its resync takes the late answer off the channel
        raise


def _split(words: Sequence[str]) -> list[str]:
    parts: list[str] = []
    for word in words:
        is_names = "," in word and ":" not in word and "/" not in word
        parts += [part for part in word.split(",") if part] if is_names else [word]
    return parts


def _is_glob(word: str) -> bool:
    return any(letter in word for letter in "*?[") and ":" not in word and "/" not in word


def _named(word: str, located: list[Any]) -> list[Guest]:
    exact = [each for each in located if word in (each.name, getattr(each, "uuid", None))]
    matching = exact or [each for each in located if _is_glob(word) and fnmatchcase(each.name, word)]
    if not matching:
        what = "matches" if _is_glob(word) else "is called"
        raise ConfigError(
            f"no guest of this host {what} {word!r}: `guestwire ls` shows those that there are;"
            " an address such as unix:PATH needs no name"
        )
    reachable = [each for each in matching if each.address is not None]
    if not reachable:
        reason = getattr(matching[0], "reason", "") or "it has no agent channel"
        raise ConfigError(f"guest {matching[0].name!r} cannot be reached: {reason}")
    if exact and len(reachable) > 1:
        places = ", ".join(str(each.address) for each in reachable)
        raise ConfigError(f"several guests are called {word!r}: give the address of one ({places})")
    return [Guest(each.name, str(each.address)) for each in reachable]
