"""Whom to watch: guests come and go, are renamed and change state; identity is what stays."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class GuestState(enum.StrEnum):
    """What the host knows about a guest. All but RUNNING are states, not failures."""

    RUNNING = "running"
    PAUSED = "paused"
    MIGRATING = "migrating"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Target:
    """One guest: `identity` is its UUID where there is one, else its name; `address` where its agent is.

    `address` is empty where there is no way to an agent. `pid` is QEMU's process on this host, `qmp` the address of
    its monitor where others may use it, `balloon` the bytes that the host says the guest is left.
    """

    identity: str
    name: str
    address: str
    state: GuestState = GuestState.RUNNING
    pid: int | None = None
    uuid: str | None = None
    qmp: str = ""
    balloon: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a new look at the host brought."""

    added: tuple[Target, ...]
    changed: tuple[Target, ...]
    removed: tuple[Target, ...]


class Targets:
    """The guests known now, by identity."""

    def __init__(self) -> None:
        self.known: dict[str, Target] = {}

    def update(self, found: Iterable[Target]) -> Change:
        """Take in all guests that are there now. Of two with one identity the first counts."""
        now: dict[str, Target] = {}
        for target in found:
            now.setdefault(target.identity, target)
        before, self.known = self.known, now
        return Change(
            tuple(target for identity, target in now.items() if identity not in before),
            tuple(target for identity, target in now.items() if before.get(identity, target) != target),
            tuple(target for identity, target in before.items() if identity not in now),
        )
