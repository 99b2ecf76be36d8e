"""Whom to watch: what the configuration lists and what discovery finds, as targets that keep their identity.

A guest that is seen no longer counts as shut off for a while: its figures end with that reason, and when it
comes back it is the same guest. A source that fails takes no guest away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from guestwire.monitor.targets import GuestState, Target

if TYPE_CHECKING:
    from guestwire.discovery import Found, Located

GONE = 3600.0  # seconds that a guest which is seen no longer is still a target
_STATES = {
    "paused": GuestState.PAUSED,
    "suspended": GuestState.PAUSED,
    "migrating": GuestState.MIGRATING,
    "off": GuestState.OFF,
    "crashed": GuestState.OFF,
}


class Lookout:
    """Puts looks at the host together. `find` is discovery; it blocks and does not fail."""

    def __init__(
        self,
        find: Callable[[], Found] | None,
        clock: Callable[[], float] = time.monotonic,
        seen: dict[str, tuple[Target, str, float]] | None = None,
        qmp: Mapping[str, str] | None = None,
    ) -> None:
        self.faults: list[str] = []
        self.seen = seen if seen is not None else {}
        self._find = find
        self._clock = clock
        self._qmp = qmp or {}

    def look(self, listed: Mapping[str, str]) -> list[Target]:
        """The targets now; `listed` are the configuration's guests by name."""
        found: list[Located] = []
        faulty: set[str] = set()
        if self._find is not None:
            looked = self._find()
            found, faulty = looked.guests, {fault.source for fault in looked.faults}
            self.faults = [str(fault) for fault in looked.faults]
        named, rest = _listed(listed, found)
        now = self._clock()
        fresh = {target.identity: target for target in named}
        for guest in rest:
            target = target_of(guest)
            if fresh.setdefault(target.identity, target) is target:
                self.seen[target.identity] = target, guest.source, now
        targets = [*fresh.values(), *self._missing(fresh, faulty, now)]
        return [self._with_monitor(target) for target in targets] if self._qmp else targets

    def _with_monitor(self, target: Target) -> Target:
        """The monitor that the configuration names for the guest, if it does and the guest is not off."""
        named = self._qmp.get(target.name)
        return target if named is None or target.state is GuestState.OFF else replace(target, qmp=named)

    def _missing(self, fresh: Mapping[str, Target], faulty: set[str], now: float) -> Iterable[Target]:
        for identity, (target, source, at) in list(self.seen.items()):
            if identity in fresh:
                continue
            if source in faulty:
                self.seen[identity] = target, source, now  # nobody knows: it stays as it was
                yield target
            elif now - at < GONE:
                yield replace(target, state=GuestState.OFF, pid=None, qmp="", balloon=None)
            else:
                del self.seen[identity]


def target_of(guest: Located, name: str | None = None, address: str | None = None) -> Target:
    """A guest that discovery found, under another name or address if the configuration gives it one."""
    state = _STATES.get(guest.state, GuestState.RUNNING)
    return Target(
        guest.identity,
        name or guest.name,
        address or guest.address or "",
        state,
        guest.pid,
        guest.uuid,
        guest.qmp,
        guest.balloon,
    )


def _listed(listed: Mapping[str, str], found: list[Located]) -> tuple[list[Target], list[Located]]:
    """Targets of the configuration's guests, and the found ones that are none of them.

    A listed guest that is also found (by its address, else by its name) has the identity of the one found.
    """
    by_address = {place: each for each in found for place in (each.address, each.upstream) if place}
    by_name = {each.name: each for each in found}
    targets, taken = [], set()
    for name, address in listed.items():
        same = by_address.get(address) or by_name.get(name)
        if same is not None and same.identity not in taken:
            taken.add(same.identity)
            targets.append(target_of(same, name, address))
        else:
            targets.append(Target(name, name, address))
    return targets, [each for each in found if each.identity not in taken]
