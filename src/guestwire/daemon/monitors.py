"""QEMU's own word beside discovery's: guests whose monitors may be asked get their state and balloon from there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from guestwire.client.address import UnixAddress, parse
from guestwire.daemon import qmp
from guestwire.monitor.targets import GuestState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from guestwire.monitor.targets import Target

_AT_ONCE = 64
_LONGEST_PAUSE = 32  # looks


@dataclass(slots=True)
class _Experience:
    """With one monitor: `skip` looks go by without it, after the last `pause` that did not answer."""

    skip: int = 0
    pause: int = 0


class Monitors:
    """Asks them, the ones that do not answer less and less often."""

    def __init__(self) -> None:
        self._known: dict[str, _Experience] = {}

    async def look(self, targets: Iterable[Target]) -> list[Target]:
        """The same targets, with what their monitors say."""
        given = list(targets)
        addresses = {target.qmp for target in given}
        self._known = {place: found for place, found in self._known.items() if place in addresses}
        turn = asyncio.Semaphore(_AT_ONCE)
        return list(await asyncio.gather(*(self._look(target, turn) for target in given)))

    async def _look(self, target: Target, turn: asyncio.Semaphore) -> Target:
        if not target.qmp or target.state is GuestState.OFF:
            return target
        experience = self._known.setdefault(target.qmp, _Experience())
        if experience.skip:
            experience.skip -= 1
            return target
        address = parse(target.qmp)
        assert isinstance(address, UnixAddress)
        async with turn:
            view = await qmp.ask(address)
        if view is None:
            experience.skip = experience.pause = min(2 * experience.pause + 1, _LONGEST_PAUSE)
            return target
        experience.pause = 0
        state = target.state if view.state is None else view.state
        return replace(target, state=state, balloon=target.balloon if view.balloon is None else view.balloon)
