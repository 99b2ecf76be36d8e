import sqlite3

import pytest

from guestwire.errors import StartError
from guestwire.monitor.store.beside import Beside


def test_it_writes_beside_the_daemon(store, make_poll):
    store.append(make_poll(0), "web")
    store.flush()
    beside = Beside(store.path)
    assert beside.guests() == {"web": (1, "web")}
    with beside.transaction():
        beside.db.execute("INSERT INTO note VALUES ('a', '1')")
    beside.close()
    assert store.db.execute("SELECT value FROM note WHERE key = 'a'").fetchone() == ("1",)


def test_a_failed_transaction_leaves_nothing(store):
    beside = Beside(store.path)

    def write():
        with beside.transaction():
            beside.db.execute("INSERT INTO note VALUES ('a', '1')")
            beside.db.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(StartError, match="no such table"):
        write()
    assert beside.db.execute("SELECT count(*) FROM note").fetchone() == (0,)
    beside.close()


def test_what_is_no_store_is_refused(tmp_path):
    file = tmp_path / "x.db"
    file.write_text("nonsense " * 99)
    with pytest.raises(StartError, match="cannot open"):
        Beside(file)
    with pytest.raises(StartError, match="cannot open"):
        Beside(tmp_path / "no" / "folder.db")
    other = tmp_path / "y.db"
    sqlite3.connect(other).execute("CREATE TABLE a (b)").connection.close()
    with pytest.raises(StartError, match="no guestwire store"):
        Beside(other)
