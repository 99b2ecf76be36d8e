"""What discovery hands on: guests, and the faults of sources. Names come from strangers and are made harmless here."""

from __future__ import annotations

import difflib
import fnmatch
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from guestwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_NAME = 64  # characters; QEMU and libvirt allow more, a table does not
MAX_REASON = 200
MAX_GUESTS = 10_000  # of one source

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NOT_IN_NAMES = frozenset(" /:@*?[]\\'\"")


@dataclass(frozen=True, slots=True)
class Located:
    """A guest and where its agent is.

    `address` is one that `client.address.parse` takes; None says that there is no way to an agent, and `reason` why.
    `state` is the domain's: running, paused, off, crashed, suspended, migrating or unknown. `agent` is the source's
    own word about the agent (the broker's state; libvirt's connected or disconnected), `since` when that began
    (Unix time). `pid` and `uid` are QEMU's process and its owner. `qmp` is the address of QEMU's monitor where it is
    open to others, `balloon` the bytes that libvirt says the guest is left. `upstream` is the address behind a
    broker's socket. `aliases` are further names that lead here; `sources` all that know the guest, most trusted first.
    """

    name: str
    source: str
    address: str | None = None
    reason: str = ""
    uuid: str | None = None
    state: str = "unknown"
    pid: int | None = None
    uid: int | None = None
    agent: str = ""
    since: float | None = None
    upstream: str | None = None
    qmp: str = ""
    balloon: int | None = None
    aliases: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """What stays when the guest is renamed or restarted: its UUID where there is one, else its name."""
        return self.uuid or self.name


@dataclass(frozen=True, slots=True)
class Fault:
    """A source, or one thing in it, that could not be read. `where` is a file, a process or a URI."""

    source: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.source}: {self.where}: {self.text}"


@dataclass(frozen=True, slots=True)
class Found:
    """The guests, sorted by name and each name once, and what went wrong while looking."""

    guests: list[Located] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def get(self, name: str) -> Located:
        """The guest of that name, alias or UUID. Raises ConfigError that says what is near."""
        for guest in self.guests:
            if guest.name == name:
                return guest
        found = [guest for guest in self.guests if name in guest.aliases or name.lower() == guest.uuid]
        if len(found) == 1:
            return found[0]
        if found:
            raise ConfigError(
                f"guest {name!r}: several are called so: {', '.join(each.name for each in found)}"
            )
        raise ConfigError(f"guest {name!r}: {self._nothing(name)}")

    def match(self, pattern: str) -> list[Located]:
        """The guests whose name fits a shell pattern."""
        return [guest for guest in self.guests if fnmatch.fnmatchcase(guest.name, pattern)]

    def _nothing(self, name: str) -> str:
        names = [guest.name for guest in self.guests]
        near = difflib.get_close_matches(name, names, 1)
        if near:
            return f"no guest of this host has that name; did you mean {near[0]!r}?"
        known = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        hint = f"these are known: {known}" if names else "no guest was found on this host"
        return f"no guest of this host has that name; {hint}" + self._trouble()

    def _trouble(self) -> str:
        if not self.faults:
            return ""
        more = f", and {len(self.faults) - 1} more" if self.faults[1:] else ""
        return f" (not all could be asked: {self.faults[0]}{more})"


def name_of(raw: str) -> str:
    """A name fit for a command line, a file and a terminal, whatever `raw` holds; empty stays empty."""
    cut = raw[:MAX_NAME]
    clean = "".join(c if c.isprintable() and c not in _NOT_IN_NAMES else "_" for c in cut)
    return "_" + clean[1:] if clean.startswith((".", "-")) else clean


def text_of(raw: str) -> str:
    """One line of a stranger's text, bounded and without control characters."""
    cut = raw[:MAX_REASON].strip()
    return cut if cut.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut)


def uuid_of(raw: str | None) -> str | None:
    """A UUID in lower case; None for anything else, also for the one that is all zeroes."""
    low = (raw or "").strip().lower()
    return low if _UUID.fullmatch(low) and low.strip("0-") else None


def aliases_of(*raw: str | None) -> tuple[str, ...]:
    """Those of `raw` that can be typed where a name stands, each once."""
    fit = [each for each in raw if each and each.isprintable() and len(each) <= MAX_NAME]
    return tuple(dict.fromkeys(each for each in fit if not {"/", ":"} & set(each)))


def bounded(source: str, where: str, guests: Iterable[Located]) -> tuple[list[Located], list[Fault]]:
    """The first of `guests` that one source may bring, and a fault when there are more."""
    kept = list(guests)
    if len(kept) <= MAX_GUESTS:
        return kept, []
    return kept[:MAX_GUESTS], [
        Fault(source, where, f"more than {MAX_GUESTS} guests; the others are left out")
    ]
