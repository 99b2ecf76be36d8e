import sqlite3

import pytest

from guestwire.errors import StartError
from guestwire.monitor.store import schema


def tables(db):
    return {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_new_file(tmp_path):
    db = schema.open_store(tmp_path / "data" / "s.db")
    assert db.execute("PRAGMA user_version").fetchone() == (schema.CURRENT,)
    assert {"guest", "series", "log", "block", "alert", "silence"} <= tables(db)
    assert db.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    db.close()


def test_a_file_of_version_1_keeps_its_rows(tmp_path):
    path = tmp_path / "s.db"
    old = schema.connect(path)
    schema.migrate(old, 0, target=1)
    assert "alert" not in tables(old)
    old.execute("INSERT INTO guest (id, identity, name, first_seen) VALUES (1, 'u', 'web', 5)")
    old.close()
    db = schema.open_store(path)
    assert db.execute("PRAGMA user_version").fetchone() == (schema.CURRENT,)
    assert db.execute("SELECT identity, name FROM guest").fetchall() == [("u", "web")]
    assert "alert" in tables(db)
    db.close()


def test_a_newer_file_is_refused(tmp_path):
    path = tmp_path / "s.db"
    db = schema.open_store(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StartError, match="newer guestwire"):
        schema.open_store(path)


def test_another_programs_database_is_refused(tmp_path):
    path = tmp_path / "s.db"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE mine (x)")
    db.close()
    with pytest.raises(StartError, match="not a guestwire store"):
        schema.open_store(path)


def test_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "s.db"
    path.write_bytes(b"hello " * 500)
    with pytest.raises(StartError, match="cannot open the store"):
        schema.open_store(path)


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "s.db"
    db = schema.connect(path)
    schema.migrate(db, 0, target=1)
    monkeypatch.setattr(schema, "MIGRATIONS", ("", "", "CREATE TABLE a (x); CREATE TABLE guest (x);"))
    with pytest.raises(sqlite3.Error):
        schema.migrate(db, 1, target=2)
    assert "a" not in tables(db)
    assert db.execute("PRAGMA user_version").fetchone() == (1,)
    db.close()


def test_odd_characters_in_a_path(tmp_path):
    path = tmp_path / "a?b#c%20" / "s.db"
    schema.open_store(path).close()
    assert path.exists()


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "s.db").mkdir()
    with pytest.raises(StartError, match="its folder must be one that this user may write"):
        schema.open_store(tmp_path / "s.db")
