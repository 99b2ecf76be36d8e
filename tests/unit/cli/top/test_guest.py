"""A guest's page."""

from __future__ import annotations

from guestwire.cli.top.app import Top
from guestwire.cli.top.guest import _busy, _written
from guestwire.cli.top.source import Daemon

from .conftest import screen_of, until


async def test_a_page_is_opened_and_left(daemon: Daemon) -> None:
    app = Top(daemon)
    async with app.run_test(size=(80, 30)) as pilot:
        await until(lambda: "3 guests" in screen_of(app), lambda: screen_of(app))
        await pilot.press("slash", *"web1", "enter", "enter")
        await until(lambda: "/dev/vda1" in screen_of(app), lambda: screen_of(app))
        text = screen_of(app)
        assert "web1 · up · Debian 12" in text
        assert "10.0.0.5" in text
        await until(lambda: "25%" in screen_of(app), lambda: screen_of(app))
        await pilot.press("escape")
        await until(lambda: "3 guests" in screen_of(app), lambda: screen_of(app))


async def test_tabs_tell_the_rest(daemon: Daemon) -> None:
    app = Top(daemon)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(lambda: "3 guests" in screen_of(app), lambda: screen_of(app))
        await pilot.press("slash", *"web1", "enter", "enter")
        await until(lambda: "/dev/vda1" in screen_of(app), lambda: screen_of(app))
        await pilot.press("right", "right")
        await until(lambda: "512/s" in screen_of(app) and "eth0" in screen_of(app), lambda: screen_of(app))
        await pilot.press("right", "right")
        await until(lambda: "no-command" in screen_of(app), lambda: screen_of(app))


async def test_a_silent_guest_says_why(daemon: Daemon) -> None:
    app = Top(daemon)
    async with app.run_test(size=(80, 30)) as pilot:
        await until(lambda: "3 guests" in screen_of(app), lambda: screen_of(app))
        await pilot.press("slash", *"db1", "enter", "enter")
        await until(lambda: "silent" in screen_of(app) and "CPU" in screen_of(app), lambda: screen_of(app))


def test_what_is_used_is_summed() -> None:
    series = [{"name": "user", "values": [0.1, None]}, {"name": "idle", "values": [0.9, 0.9]}]
    assert _busy(series) == [0.1, None]
    assert _busy([{"name": "1m", "values": [2.0]}, {"name": "5m", "values": [3.0]}]) == [2.0]
    assert _busy([]) == []


def test_units() -> None:
    assert _written(0.5, "ratio") == "50%"
    assert _written(2048, "bytes") == "2.0K"
    assert _written(2048, "bytes_per_second") == "2.0K/s"
    assert _written(0.0123, "seconds") == "12.3 ms"
    assert _written(1.5, "count") == "1.50"
