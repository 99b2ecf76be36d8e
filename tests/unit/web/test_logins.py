import sqlite3
from dataclasses import replace

from guestwire.monitor.store.store import Store
from guestwire.web import logins as module
from guestwire.web.logins import Logins
from guestwire.web.roles import Role
from guestwire.web.settings import Settings, User

SETTINGS = Settings(users={"alice": User("$argon2id$1", Role.OPERATOR)}, login_hours=1)


def test_a_login_outlives_a_restart_and_ends(tmp_path):
    store, now = Store(tmp_path / "h.db"), [1000.0]
    secret, caller = Logins(store, SETTINGS, lambda: now[0]).begin("alice")
    assert (caller.name, caller.role) == ("alice", Role.OPERATOR)
    again = Logins(store, SETTINGS, lambda: now[0])
    assert again.find(secret) == caller
    assert again.find("x") is None
    assert secret not in str(store.db.execute("SELECT * FROM note").fetchall())
    now[0] += 3601
    assert again.find(secret) is None
    store.close()


def test_logging_out_and_losing_the_account(tmp_path):
    store = Store(tmp_path / "h.db")
    logins = Logins(store, SETTINGS)
    secret, _ = logins.begin("alice")
    other = replace(SETTINGS, users={"alice": User("$argon2id$2", Role.ADMIN)})
    assert Logins(store, other).find(secret) is None, "a new password ends old logins"
    assert Logins(store, Settings()).find(secret) is None, "the user is gone"
    logins.end(secret)
    assert logins.find(secret) is None
    logins.end(secret)
    assert Logins(store, SETTINGS).find(secret) is None
    store.close()


def test_logins_are_bounded_and_a_full_disk_stops_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LOGINS", 2)
    store = Store(tmp_path / "h.db")
    logins = Logins(store, SETTINGS)
    first, _ = logins.begin("alice")
    logins.begin("alice")
    logins.begin("alice")
    assert logins.find(first) is None

    def full():
        raise sqlite3.OperationalError("disk is full")

    monkeypatch.setattr(store, "transaction", full)
    secret, _ = logins.begin("alice")
    assert logins.find(secret) is not None
    store.close()
