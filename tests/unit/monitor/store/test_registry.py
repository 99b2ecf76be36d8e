import sqlite3

import pytest

from guestwire.monitor.samples import Limits
from guestwire.monitor.store import schema
from guestwire.monitor.store.registry import REFUSED, Registry


@pytest.fixture
def db(tmp_path):
    made = schema.open_store(tmp_path / "s.db")
    yield made
    made.close()


def write(db: sqlite3.Connection, registry: Registry) -> None:
    for statement, values in registry.rows:
        db.execute(statement, values)
    registry.rows.clear()


def test_guests_and_series_survive(db):
    registry = Registry(db)
    web = registry.guest("uuid-1", 5, "web")
    number = registry.series(web, "node_load1", ())
    other = registry.series(web, "node_cpu_seconds_total", (("cpu", "0"),))
    layout = registry.layout(web, (number, other), b"\1\0\0\0\2\0\0\0")
    write(db, registry)
    again = Registry(db)
    assert again.guests["uuid-1"].name == "web"
    assert again.guests["uuid-1"].series == web.series
    assert again.series(again.guests["uuid-1"], "node_load5", ()) == other + 1
    assert again.layout(again.guests["uuid-1"], (number,), b"\1\0\0\0") == layout + 1


def test_a_rename_keeps_the_guest(db):
    registry = Registry(db)
    first = registry.guest("uuid-1", 5, "web")
    assert registry.guest("uuid-1", 6, "www") is first
    assert registry.guest("uuid-1", 7) is first
    write(db, registry)
    assert db.execute("SELECT name FROM guest").fetchall() == [("www",)]


def test_a_dirty_label_is_cleaned_once_and_is_one_series(db):
    registry = Registry(db)
    web = registry.guest("web", 5)
    raw = (("mountpoint", "/a\n"),)
    number = registry.series(web, "node_filesystem_files", raw)
    assert web.aliases["node_filesystem_files", raw] == number
    assert registry.series(web, "node_filesystem_files", raw) == number
    assert registry.series(web, "node_filesystem_files", (("mountpoint", "/a\t"),)) == number
    assert len(web.series) == 1


def test_a_guest_has_only_so_many_series(db):
    registry = Registry(db, Limits(series_per_guest=2))
    web = registry.guest("web", 5)
    numbers = [registry.series(web, f"x{i}", ()) for i in range(4)]
    assert numbers[2:] == [REFUSED, REFUSED]
    assert registry.refused == 2
    assert registry.series(web, "x0", ()) == numbers[0]
    assert registry.series(web, "no good", ()) == REFUSED
    registry.forget_series(web, {numbers[0]})
    assert registry.series(web, "x9", ()) != REFUSED


def test_layouts_are_forgotten(db):
    registry = Registry(db)
    web = registry.guest("web", 5)
    number = registry.layout(web, (1,), b"")
    assert registry.layout(web, (1,), b"") == number
    registry.forget_layouts(web, [number])
    write(db, registry)
    assert not web.layouts
    assert not db.execute("SELECT * FROM layout").fetchall()
