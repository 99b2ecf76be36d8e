"""The overview, driven by keys."""

from __future__ import annotations

from guestwire.cli.top.app import Top
from guestwire.cli.top.source import Daemon

from .conftest import screen_of, until


async def test_all_guests_in_eighty_columns(daemon: Daemon) -> None:
    app = Top(daemon)
    async with app.run_test(size=(80, 24)):
        await until(lambda: "3 guests, 1 up, 1 in trouble" in screen_of(app), lambda: screen_of(app))
        text = screen_of(app)
        assert max(map(len, text.splitlines())) <= 80
        web1 = next(line for line in text.splitlines() if line.startswith("web1"))
        assert "60%" in web1
        assert "89% /" in web1
        assert "silent" in next(line for line in text.splitlines() if line.startswith("db1"))
        assert "\u202e" not in text


async def test_keys_sort_search_and_turn(daemon: Daemon) -> None:
    app = Top(daemon)
    async with app.run_test(size=(140, 24)) as pilot:
        await until(lambda: "3 guests" in screen_of(app), lambda: screen_of(app))
        table = app.overview.table

        def order() -> list[str]:
            return [table.get_row_at(row)[0].plain[:4] for row in range(table.row_count)]

        await pilot.press("n")
        assert order()[1:] == ["db1", "web1"]
        await pilot.press("r")
        assert order()[:2] == ["web1", "db1"]
        await pilot.press("c")
        assert order()[0] == "web1"
        await pilot.press("slash", *"db1")
        assert order() == ["db1"]
        await pilot.press("enter")
        assert table.has_focus
        await pilot.press("slash", "escape")
        assert len(order()) == 3
        assert "SYSTEM" in screen_of(app)
        await pilot.resize_terminal(80, 24)
        await until(lambda: "SYSTEM" not in screen_of(app), lambda: screen_of(app))


async def test_the_cursor_stays_on_its_guest(daemon: Daemon) -> None:
    app = Top(daemon)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: "3 guests" in screen_of(app), lambda: screen_of(app))
        await pilot.press("n", "down", "down")
        table = app.overview.table
        assert table.get_row_at(table.cursor_row)[0].plain == "web1"
        await pilot.press("r")
        assert table.get_row_at(table.cursor_row)[0].plain == "web1"
