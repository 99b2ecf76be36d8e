"""What can be set for each guest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GuestOptions:
    """`by_user`: files and programs belong to the user, not to the connection, and are given up `idle` seconds after
    the last use. `lease`: seconds after which a freeze ends. `timeout`: seconds that an answer may take.
    `merge`: whether equal reads at the same time are asked once.
    """

    by_user: bool = False
    idle: float = 300.0
    lease: float = 300.0
    timeout: float = 30.0
    merge: bool = True
