"""A guest's page."""

from __future__ import annotations

from typing import Any

from guestwire.cli.top.app import Top
from guestwire.cli.top.guest import _busy, _process, _short, _written
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
    def lines(**named: float | None) -> list[dict[str, Any]]:
        return [{"name": name.replace("_", " "), "values": [value]} for name, value in named.items()]

    assert _busy("cpu", lines(user=0.5, system=0.25, iowait=0.125, steal=None)) == [0.75]
    assert _busy("memory", lines(used=4.0, buffers=1.0, cached=2.0, free=3.0)) == [4.0]
    assert _busy("load", [{"name": f"{n} min", "values": [float(n)]} for n in (1, 5, 15)]) == [1.0]
    assert _busy("pressure", lines(CPU_waiting=0.1, memory_stalled=0.4)) == [0.4]
    assert _busy("network", lines(eth0_receive=1.0, eth0_transmit=2.0)) == [3.0]
    assert _busy("cpu", lines(user=None)) == [None]
    assert _busy("cpu", []) == []


def test_a_process_and_a_long_name() -> None:
    told = {"pid": 7, "cpu_seconds": 93784.0, "resident_bytes": 2048, "state": "S", "name": "sshd"}
    assert _process(told) == (7, "1d 2h", "2.0K", "S", "sshd")
    assert _process({}) == ("-", "-", "-", "-", "-")
    assert len(_short("/" + "x" * 200)) == 34
    assert _short("/var") == "/var"


def test_units() -> None:
    assert _written(0.5, "ratio") == "50%"
    assert _written(2048, "bytes") == "2.0K"
    assert _written(2048, "bytes_per_second") == "2.0K/s"
    assert _written(0.0123, "seconds") == "12.3 ms"
    assert _written(1.5, "count") == "1.50"
