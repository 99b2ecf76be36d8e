import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from guestwire.errors import StartError
from guestwire.monitor.samples import Limits, Poll, Sample
from guestwire.monitor.store import store as module
from guestwire.monitor.store.compact import compact, forget, settle
from guestwire.monitor.store.reader import Reader
from guestwire.monitor.store.store import Store
from guestwire.monitor.store.tiers import MINUTES

T0 = 1_700_006_400
SRC = Path(module.__file__).parents[3]


def values(path, name="node_load1", guest="web"):
    reader = Reader.offline(path)
    number = reader.guests()[guest][0]
    (series,) = reader.series(number, name)
    track = reader.raw(series, 0, 1 << 60)
    reader.close()
    return dict(zip(track.times, track.columns[0], strict=True))


def test_samples_survive_a_restart(tmp_path, make_poll):
    store = Store(tmp_path / "s.db")
    assert store.append(make_poll(0, received=5), name="web server") == 2
    store.append(make_poll(10, load=2.5, received=7))
    assert store.flush()
    store.close()
    store = Store(tmp_path / "s.db")
    assert store.latest("web")["node_load1", ()] == ((T0 + 10) * 1000, 2.5)
    assert store.registry.guests["web"].name == "web server"
    store.append(make_poll(20, load=3))
    store.close()
    assert list(values(tmp_path / "s.db").values()) == [1, 2.5, 3]


def test_latest_of_a_stranger(store):
    assert store.latest("nobody") == {}


def test_bad_values_and_double_series_are_left_out(store):
    samples = [Sample("a", (), float("nan")), Sample("b", (), 1), Sample("b", (), 2), Sample("c d", (), 1)]
    assert store.append(Poll("web", T0, samples)) == 1
    assert store.latest("web") == {("b", ()): (T0 * 1000, 2)}
    assert store.append(Poll("web", T0, [])) == 0


def test_a_huge_poll_is_cut(tmp_path):
    store = Store(tmp_path / "s.db", limits=Limits(samples_per_poll=10))
    assert store.append(Poll("web", T0, [Sample(f"x{i}", (), i) for i in range(1000)])) == 10
    store.close()


def test_a_second_writer_is_refused(store):
    with pytest.raises(StartError, match="another guestwire writes"):
        Store(store.path)


def test_kill_9_loses_nothing_acknowledged(tmp_path):
    path = tmp_path / "s.db"
    program = f"""
import sys
sys.path.insert(0, {str(SRC)!r})
from pathlib import Path
from guestwire.monitor.samples import Poll, Sample
from guestwire.monitor.store.compact import compact, trim_log
from guestwire.monitor.store.store import Store
from guestwire.monitor.store.tiers import MINUTES
store = Store(Path({str(path)!r}))
for i in range(1000000):
    store.append(Poll("web", {T0} + i * 10, [Sample("node_load1", (), i)]))
    if not store.flush():
        raise SystemExit("flush failed")
    print(i, flush=True)
    if i % 37 == 0:
        compact(store, store.registry.guests["web"], ({T0} + i * 10) * 1000)
        trim_log(store)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as child:
        last = -1
        for line in child.stdout:
            last = int(line)
            if last == 500:
                os.kill(child.pid, signal.SIGKILL)
    assert last >= 500
    found = list(values(path).values())
    assert found[: last + 1] == list(range(last + 1))
    store = Store(path)  # and it goes on
    store.append(Poll("web", T0 + 10**8, [Sample("node_load1", (), -1)]))
    store.close()
    assert len(values(path)) == len(found) + 1


def test_a_full_disk_is_survived_and_said(store, make_poll):
    store.append(make_poll(0))
    assert store.flush()
    (pages,) = store.db.execute("PRAGMA page_count").fetchone()
    store.db.execute(f"PRAGMA max_page_count = {pages}")
    noise = [Sample(f"x{i}", (), i * 1.1) for i in range(900)]
    for at in range(1, 30):
        store.append(Poll("web", T0 + at, [*make_poll(at, load=at).samples, *noise]))
        store.flush()
    assert "full" in store.trouble
    assert not compact(store, store.registry.guests["web"], (T0 + 10_000) * 1000)
    store.db.execute("PRAGMA max_page_count = 1000000")
    assert store.flush()
    assert store.trouble is None
    assert store.lost == 0
    store.flush()
    assert list(values(store.path).values()) == [1, *range(1, 30)]


def test_what_waits_for_a_disk_is_bounded(store, make_poll, monkeypatch):
    monkeypatch.setattr(module, "PENDING_LIMIT", 200)
    monkeypatch.setattr(module, "HEAD_ROWS_LIMIT", 20)
    store.db.execute("PRAGMA query_only = 1")
    for at in range(100):
        store.append(make_poll(at, load=at))
        assert not store.flush()
    assert store.lost > 50
    assert "readonly" in store.trouble
    store.db.execute("PRAGMA query_only = 0")
    assert store.flush()
    kept = list(values(store.path).values())
    assert kept[-1] == 99
    assert len(kept) < 50


def test_a_backup_while_running(store, make_poll, tmp_path):
    for at in range(0, 1000, 10):
        store.append(make_poll(at, load=at))
    store.flush()
    stop = threading.Event()

    def write():
        at = 1000
        while not stop.is_set():
            store.append(make_poll(at))
            store.flush()
            at += 10

    writer = threading.Thread(target=write)
    writer.start()
    try:
        store.backup(tmp_path / "copy.db")
    finally:
        stop.set()
        writer.join()
    assert list(values(tmp_path / "copy.db").values())[:100] == list(range(0, 1000, 10))
    with pytest.raises(StartError, match="exists"):
        store.backup(tmp_path / "copy.db")


def test_an_error_in_a_transaction_undoes_it(store):

    def fail():
        with store.transaction():
            store.db.execute("INSERT INTO note VALUES ('a', 'b')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not store.db.execute("SELECT * FROM note").fetchall()
    with pytest.raises(sqlite3.Error), store.transaction():
        store.db.execute("SELECT * FROM nothing")
    assert "nothing" in store.trouble


def test_polls_go_on_while_the_disk_is_slow(store, make_poll):
    with store.disk:
        writer = threading.Thread(target=lambda: [store.append(make_poll(at)) for at in range(50)])
        writer.start()
        writer.join(timeout=10)
        assert not writer.is_alive()
    assert store.flush()


def test_appending_and_compacting_at_once_loses_nothing(store, make_poll):
    done = threading.Event()

    def tidy():
        while not done.is_set():
            entry = store.registry.guests.get("web")
            if entry is not None:
                compact(store, entry, (T0 + 10**7) * 1000)

    tidier = threading.Thread(target=tidy)
    tidier.start()
    try:
        for at in range(0, 20_000, 10):
            store.append(make_poll(at, load=at))
            if at % 50 == 0:
                store.flush()
    finally:
        done.set()
        tidier.join()
    store.flush()
    assert list(values(store.path).values()) == list(range(0, 20_000, 10))


def test_a_note_is_kept_with_the_next_flush(tmp_path):
    store = Store(tmp_path / "s.db")
    assert store.noted("k") is None
    store.note("k", "1")
    assert store.noted("k") == "1"
    store.db.execute("PRAGMA query_only = 1")
    assert not store.flush()
    store.note("k", "2")
    assert store.noted("k") == "2"
    store.db.execute("PRAGMA query_only = 0")
    assert store.flush()
    store.close()
    store = Store(tmp_path / "s.db")
    assert store.noted("k") == "2"
    assert store.used >= 4096
    store.close()


def test_a_note_takes_no_disk(tmp_path):
    """Whatever holds the disk, the event loop does not wait for it."""
    store = Store(tmp_path / "s.db")
    done = threading.Event()

    def loop():
        store.note("k", "1")
        store.append(Poll("web", T0, [Sample("a", (), 1.0)]))
        done.set()

    with store.disk:
        other = threading.Thread(target=loop)
        other.start()
        assert done.wait(30)
    other.join()
    store.close()


def sample(name, value, **labels):
    return Sample(name, tuple(labels.items()), value)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e301, 10**400, True, "5", None])
def test_a_known_poll_with_an_unusable_value(tmp_path, bad):
    store = Store(tmp_path / "s.db")
    for at, value in ((0, 1.0), (10, 2), (20, bad), (30, 4.0)):
        poll = Poll("web", T0 + at, [sample("a", 5.0 + at), sample("b", value, device="vda")])
        assert store.append(poll) == (1 if value is bad else 2)
    store.close()
    assert list(values(tmp_path / "s.db", "a").values()) == [5, 15, 25, 35]
    assert list(values(tmp_path / "s.db", "b").values()) == [1, 2, 4]


def test_polls_that_alternate_change_or_double(tmp_path):
    store = Store(tmp_path / "s.db")
    fast, slow = [sample("a", 1.0), sample("b", 2.0)], [sample("a", 1.0), sample("b", 2.0), sample("c", 3.0)]
    other, twice = [sample("a", 1.0), sample("d", 9.0)], [sample("a", 1.0), sample("a", 7.0)]
    for at, samples in enumerate((fast, slow, fast, slow, other, fast, twice, fast)):
        store.append(Poll("web", T0 + at, samples))
    entry = store.registry.guests["web"]
    assert {len(shape.keys) for shape in entry.shapes.values()} == {2, 3}
    store.close()
    assert list(values(tmp_path / "s.db", "a").values()) == [1, 1, 1, 1, 1, 1, 7, 1]
    assert list(values(tmp_path / "s.db", "b")) == [(T0 + at) * 1000 for at in (0, 1, 2, 3, 5, 7)]
    assert list(values(tmp_path / "s.db", "d")) == [(T0 + 4) * 1000]


def test_what_is_remembered_of_a_guest_that_flaps_is_bounded(tmp_path):
    store = Store(tmp_path / "s.db", limits=Limits(series_per_guest=50))
    for at in range(40):
        dirty = Sample("dirty", (("mountpoint", "/\n" * 1000),), 1.0)
        store.append(Poll("web", T0 + at, [sample(f"x{number}", 1.0, a=str(at % 3)) for number in range(at)]))
        store.append(Poll("web", T0 + at, [sample("a", 1.0), dirty]))
    entry = store.registry.guests["web"]
    assert len(entry.shapes) <= 4
    assert all(
        len(text) <= 256 for shape in entry.shapes.values() for _, pairs in shape.keys for _, text in pairs
    )
    store.close()


def test_a_shape_does_not_outlive_its_layout(tmp_path, make_poll):
    store = Store(tmp_path / "s.db")
    for at in range(0, 700, 10):
        store.append(make_poll(at, received=at))
    entry = store.registry.guests["web"]
    assert compact(store, entry, (T0 + 1200) * 1000)
    assert entry.shapes == {}
    store.append(make_poll(1210, received=5))
    store.close()
    assert len(values(tmp_path / "s.db")) == 71


def change(path, statement, *values):
    with sqlite3.connect(path) as db:
        db.execute(statement, values)
    db.close()


def filled(path, make_poll, seconds=40):
    store = Store(path)
    for at in range(0, seconds, 10):
        store.append(make_poll(at, load=at, received=at))
        store.flush()
    return store


def test_a_damaged_log_entry_costs_its_second(tmp_path, make_poll, caplog):
    path = tmp_path / "s.db"
    filled(path, make_poll).close()
    change(path, "UPDATE log SET data = ? WHERE seq = 2", b"damaged")
    store = Store(path)
    store.append(make_poll(40, load=40))
    store.close()
    assert "log entry 2" in caplog.text
    assert list(values(path).values()) == [0, 20, 30, 40]


@pytest.mark.parametrize("statement", ["UPDATE series SET guest = 77", "UPDATE series SET labels = '{'"])
def test_a_store_that_makes_no_sense_is_refused_with_a_cure(tmp_path, make_poll, statement):
    path = tmp_path / "s.db"
    filled(path, make_poll).close()
    change(path, statement)
    for _ in range(2):  # nothing stays locked
        with pytest.raises(StartError, match=r"damaged: .*backup"):
            Store(path)


def test_scrambled_pages_are_refused_with_a_cure(tmp_path, make_poll):
    path = tmp_path / "s.db"
    filled(path, make_poll).close()
    data = path.read_bytes()
    path.write_bytes(data[:8192] + b"\x55" * (len(data) - 8192))
    with pytest.raises(StartError, match=r"damaged: .*backup"):
        Store(path)
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StartError, match=r"damaged: .*backup"):
        Store(path)


def test_damaged_blocks_are_gaps_and_stop_no_housekeeping(tmp_path, make_poll, caplog):
    path = tmp_path / "s.db"
    store = filled(path, make_poll, 7200)
    entry = store.registry.guests["web"]
    assert compact(store, entry, (T0 + 3600) * 1000)
    for damage in (b"x", b"\1\1\0\0\1\0\0\0", None):
        (data,) = store.db.execute("SELECT data FROM block WHERE tier = 0 LIMIT 1").fetchone()
        store.db.execute("UPDATE block SET data = ?", (data[: len(data) // 2] if damage is None else damage,))
        reader = Reader.of(store)
        for series in reader.series(entry.id):
            track = reader.raw(series, 0, 1 << 60)
            assert len(track.times) >= 360
            assert reader.buckets(series, T0 * 1000, (T0 + 7200) * 1000, 300_000).starts
        reader.close()
    assert "charts have a gap" in caplog.text
    assert compact(store, entry, (T0 + 7200) * 1000)
    forget(store, entry)
    assert settle(store, MINUTES, (T0 + 200_000) * 1000)
    assert "its stretch of history is lost" in caplog.text
    store.close()
