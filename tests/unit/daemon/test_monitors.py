from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guestwire.client.address import UnixAddress
from guestwire.daemon import monitors, qmp
from guestwire.daemon.monitors import Monitors
from guestwire.daemon.qmp import View
from guestwire.monitor.targets import GuestState, Target

from .test_qmp import monitor

if TYPE_CHECKING:
    import pytest


def target(place: Path | str, name: str = "web", **more: object) -> Target:
    return Target(name, name, "unix:/a", qmp=f"unix:{place}" if place else "", **more)  # type: ignore[arg-type]


async def test_state_and_balloon_come_from_there(tmp_path: Path) -> None:
    async with monitor(tmp_path / "q", {"return": {"status": "paused"}}, {"return": {"actual": 7 << 20}}):
        (seen,) = await Monitors().look([target(tmp_path / "q")])
    assert (seen.state, seen.balloon) == (GuestState.PAUSED, 7 << 20)


async def test_what_is_not_told_stays(tmp_path: Path) -> None:
    async with monitor(tmp_path / "q", {"return": {"status": "?"}}):
        (seen,) = await Monitors().look([target(tmp_path / "q", state=GuestState.MIGRATING, balloon=5)])
    assert (seen.state, seen.balloon) == (GuestState.MIGRATING, 5)


async def test_guests_without_one_or_off_are_not_asked(tmp_path: Path) -> None:
    async with monitor(tmp_path / "q") as there:
        given = [target("", "a"), target(tmp_path / "q", "b", state=GuestState.OFF)]
        assert await Monitors().look(given) == given
        assert there.visits == 0


async def test_one_that_does_not_answer_is_asked_less_and_less(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    answers = False

    async def ask(address: UnixAddress, patience: float = 0) -> View | None:
        asked.append(look)
        return View(GuestState.RUNNING, None) if answers else None

    monkeypatch.setattr(qmp, "ask", ask)
    looking = Monitors()
    for look in range(200):  # noqa: B007 (ask notes it)
        assert len(await looking.look([target("/q")])) == 1
    assert asked[:4] == [0, 2, 6, 14]
    assert max(b - a for a, b in zip(asked, asked[1:], strict=False)) == monitors._LONGEST_PAUSE + 1
    answers = True
    for look in range(200, 300):  # noqa: B007 (ask notes it)
        await looking.look([target("/q")])
    assert asked[-10:] == list(range(290, 300))


async def test_guests_that_are_gone_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(address: UnixAddress, patience: float = 0) -> None:
        return None

    monkeypatch.setattr(qmp, "ask", ask)
    looking = Monitors()
    await looking.look([target(f"/{number}", str(number)) for number in range(100)])
    await looking.look([target("/1", "1")])
    assert list(looking._known) == ["unix:/1"]
