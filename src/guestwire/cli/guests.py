"""The guests that a command line names: by name, by glob against discovery, or by an address that needs none."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from guestwire.client import address as addresses
from guestwire.errors import ConfigError, GuestwireError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from guestwire.client import GuestAgent
    from guestwire.client.driver import Driver
    from guestwire.discovery import Found, Located

_CHOSEN = ("broker", "list")  # discovery's sources in which a person has given the names
_TIMEOUT = 10.0  # seconds for a call, as the client has it
_SETTLING = 1.0  # seconds that an interrupted call gets to leave the channel empty; another Ctrl-C ends them


class Guest(NamedTuple):
    """A guest and where its agent is."""

    name: str
    address: str


def find(words: Sequence[str]) -> list[Guest]:
    """The guests that `words` name, each once, in their order. Raises `ConfigError` for one that names none.

    A word is an address, a name, a glob such as `web*`, or several names and globs with commas between. Discovery is
    asked only for names.
    """
    split = _split(words)
    found: dict[str, Guest] = {}
    host: Found | None = None
    for word in split:
        place = addresses.parse(word)
        if not isinstance(place, addresses.GuestName):
            found.setdefault(str(place), Guest(str(place), str(place)))
            continue
        if host is None:
            host = _host_of(word) if len(split) == 1 and not _is_glob(word) else discovered()
        for guest in _matching(word, host) if _is_glob(word) else [_reachable(host.get(word))]:
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


def discovered(sources: Sequence[str] | None = None) -> Found:
    """What discovery finds on this host, from all sources or from some."""
    from guestwire import discovery

    return discovery.find(sources=sources)


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


def _host_of(name: str) -> Found:
    """Enough of the host to find one guest: the names that people gave are looked at first, which is quick."""
    chosen = discovered(_CHOSEN)
    return chosen if any(guest.name == name for guest in chosen.guests) else discovered()


def _matching(pattern: str, host: Found) -> list[Guest]:
    """Guests that have no way to an agent (shut off, perhaps) are left out, unless there are no others."""
    matching = host.match(pattern)
    if not matching:
        raise ConfigError(f"no guest of this host matches {pattern!r}: `guestwire ls` lists them")
    return [_reachable(each) for each in matching if each.address] or [_reachable(matching[0])]


def _reachable(guest: Located) -> Guest:
    if guest.address is None:
        raise ConfigError(f"guest {guest.name!r} cannot be reached: {guest.reason or 'no address is known'}")
    return Guest(guest.name, guest.address)
