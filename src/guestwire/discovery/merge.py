"""One guest that several sources know becomes one; two guests with one name get two.

The same guest: the same process, address or UUID in different sources. One source never merges with itself: two
processes that claim one UUID are two, so that a stranger's cannot hide behind the real one.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from guestwire.discovery.located import Located

Value = TypeVar("Value")


def merge(by_source: Sequence[Sequence[Located]]) -> list[Located]:
    """All guests, each once and with a name of its own, by name. Sources come most trusted first."""
    groups: list[list[Located]] = []
    index: dict[tuple[str, object], list[Located]] = {}
    for guests in by_source:
        pairs = _paired(guests, index)
        for guest in guests:
            if id(guest) not in pairs:
                groups.append(pairs.setdefault(id(guest), []))
        for guest in guests:
            pairs[id(guest)].append(guest)
            for key in _marks(guest):
                index.setdefault(key, pairs[id(guest)])
    return sorted(_named(_identified([_union(group) for group in groups])), key=lambda guest: guest.name)


def _paired(
    guests: Iterable[Located], index: Mapping[tuple[str, object], list[Located]]
) -> dict[int, list[Located]]:
    """The earlier sightings that guests of one source belong to, the surest marks first; by id of the guest."""
    pairs: dict[int, list[Located]] = {}
    taken: set[int] = set()
    for kind in ("pid", "address", "uuid", "broker"):
        for guest in guests:
            for key in (*_marks(guest), ("broker", guest.name)):
                group = index.get(key) if key[0] == kind else None
                if group is not None and id(guest) not in pairs and id(group) not in taken:
                    pairs[id(guest)] = group
                    taken.add(id(group))
    return pairs


def _marks(guest: Located) -> Iterator[tuple[str, object]]:
    """What tells that two sightings are one guest. A broker's guest of which no more is known goes by its name."""
    if guest.pid:
        yield "pid", guest.pid
    for address in (guest.upstream, guest.address):
        if address:
            yield "address", _plain(address)
    if guest.uuid:
        yield "uuid", guest.uuid
    if guest.source == "broker" and not guest.upstream:
        yield "broker", guest.name


def _plain(address: str) -> str:
    """The address with links followed: /var/run is /run on most systems."""
    scheme, _, path = address.partition(":")
    return f"unix:{os.path.realpath(path)}" if scheme == "unix" else address


def _union(group: list[Located]) -> Located:
    """The most trusted sighting, completed by the others."""
    first = group[0]
    if len(group) == 1:
        return replace(first, sources=(first.source,))
    reachable = next((guest for guest in group if guest.address), first)
    state = next((guest.state for guest in group if guest.state != "unknown"), "unknown")
    return replace(
        first,
        address=reachable.address,
        reason=reachable.reason if reachable.address else _first(guest.reason for guest in group) or "",
        uuid=_first(guest.uuid for guest in group),
        state=state,
        pid=_first(guest.pid for guest in group),
        uid=next((guest.uid for guest in group if guest.uid is not None), None),
        agent=_first(guest.agent for guest in group) or "",
        qmp=_monitor(group),
        balloon=_first(guest.balloon for guest in group),
        aliases=tuple(dict.fromkeys(alias for guest in group for alias in guest.aliases)),
        sources=tuple(dict.fromkeys(guest.source for guest in group)),
    )


def _monitor(group: list[Located]) -> str:
    """QEMU's monitor; libvirt holds those of its domains."""
    if any(guest.source == "libvirt" for guest in group):
        return ""
    return _first(guest.qmp for guest in group) or ""


def _first(values: Iterable[Value]) -> Value | None:
    return next((value for value in values if value), None)


def _identified(guests: list[Located]) -> list[Located]:
    """A UUID that several claim stays with the one that a more trusted source knows; else it is nobody's."""
    claims: dict[str, list[Located]] = {}
    for guest in guests:
        if guest.uuid:
            claims.setdefault(guest.uuid, []).append(guest)
    owners = {id(each[0]) for each in claims.values() if len(each) == 1 or each[0].source != each[1].source}
    return [guest if id(guest) in owners else replace(guest, uuid=None) for guest in guests]


def _named(guests: list[Located]) -> Iterator[Located]:
    """Names are unique: the more trusted source keeps one; equals of one source all get a mark behind it."""
    best: dict[str, str] = {}
    for guest in guests:
        best.setdefault(guest.name, guest.source)
    equals = Counter((guest.name, guest.source) for guest in guests)
    used = {guest.name for guest in guests}
    for guest in guests:
        name = guest.name
        if best[name] != guest.source or equals[name, guest.source] > 1:
            alone = equals[name, guest.source] == 1
            mark = guest.source if alone else str(guest.pid or guest.uuid or guest.source)
            name = _free(f"{name}@{mark}", used)
            used.add(name)
        yield replace(guest, name=name, aliases=tuple(alias for alias in guest.aliases if alias != name))


def _free(name: str, used: set[str]) -> str:
    number, free = 2, name
    while free in used:
        free = f"{name}.{number}"
        number += 1
    return free
