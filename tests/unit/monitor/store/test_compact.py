import pytest

from guestwire.monitor.store.block import Block
from guestwire.monitor.store.compact import compact, due, forget, retain, settle, trim_log, used_bytes
from guestwire.monitor.store.store import Store
from guestwire.monitor.store.tiers import DAY, HOUR, MINUTE, MINUTES, RAW

T0 = 1_700_006_400
HOURS = 2


def feed(store, make_poll, start, end, step=10):
    for at in range(start, end, step):
        store.append(make_poll(at, load=at % 7, received=float(at * 100)))
        store.flush()


def blocks(store, tier):
    query = "SELECT data FROM block WHERE tier = ? ORDER BY start"
    return [Block(data) for (data,) in store.db.execute(query, (tier,))]


def counts(store, table="log"):
    return store.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_only_old_heads_are_due(store, make_poll):
    feed(store, make_poll, 0, 60)
    assert not list(due(store, (T0 + 60) * 1000))
    assert [entry.identity for entry in due(store, (T0 + 1860) * 1000)] == ["web"]
    assert list(due(store, (T0 - 1000) * 1000)), (
        "samples of the future, after the clock went back, go out too"
    )


def test_rows_move_from_the_log_into_blocks(store, make_poll):
    feed(store, make_poll, 0, 1000)
    assert compact(store, store.registry.guests["web"], (T0 + 1000) * 1000)
    trim_log(store)
    (raw,) = blocks(store, RAW)
    (five,) = blocks(store, MINUTES)
    assert len(raw.read(1).times) == 90
    assert list(raw.read(1).columns[0]) == [at % 7 for at in range(0, 900, 10)]
    assert list(five.read(2).columns[2]) == [100, 100, 100], "the counter's rate"
    assert counts(store) == 10
    assert not compact(store, store.registry.guests["web"], (T0 + 1000) * 1000)


def test_the_log_is_trimmed_whole_when_nothing_needs_it(store, make_poll):
    feed(store, make_poll, 0, 300)
    compact(store, store.registry.guests["web"], (T0 + 5000) * 1000)
    trim_log(store)
    assert counts(store) == 0
    assert counts(store, "layout") == 0
    path = store.path
    store.close()
    again = Store(path)
    again.append(make_poll(6000))
    again.flush()
    again.close()
    last = Store(path)
    assert last.latest("web")["node_load1", ()] == ((T0 + 6000) * 1000, 1)
    last.close()


def test_the_rate_across_two_blocks(store, make_poll):
    for start in (0, 300, 600):
        feed(store, make_poll, start, start + 300)
        compact(store, store.registry.guests["web"], (T0 + start + 300) * 1000)
    assert [list(b.read(2).columns[0]) for b in blocks(store, MINUTES)] == [[100], [100], [100]]
    assert [b.read(2).columns[4][0] for b in blocks(store, MINUTES)] == [30, 30, 30]


def test_a_finished_day_becomes_one_block_and_hours(store, make_poll):
    for start in range(0, 90_000, 1800):
        feed(store, make_poll, start, start + 1800, step=60)
        compact(store, store.registry.guests["web"], (T0 + start + 1800) * 1000)
    now = (T0 + 90_000) * 1000
    assert settle(store, MINUTES, now)
    assert not settle(store, MINUTES, now)
    merged, *rest = blocks(store, MINUTES)
    assert len(merged.read(1).times) == 288
    assert len(rest) == 2
    (hours,) = blocks(store, HOURS)
    assert len(hours.read(1).times) == 24
    assert set(hours.read(2).columns[2]) == {100.0}
    assert settle(store, HOURS, now + 60 * DAY)
    assert len(blocks(store, HOURS)) == 1
    assert not settle(store, HOURS, now + 60 * DAY)


def test_a_lone_block_is_rolled_up_too(store, make_poll):
    feed(store, make_poll, 0, 600)
    compact(store, store.registry.guests["web"], (T0 + 600) * 1000)
    assert settle(store, MINUTES, (T0 + 90_000) * 1000)
    assert list(blocks(store, HOURS)[0].read(1).columns[4]) == [60]


def test_every_tier_has_its_time(store, make_poll):
    feed(store, make_poll, 0, 600)
    compact(store, store.registry.guests["web"], (T0 + 600) * 1000)
    now = T0 * 1000 + DAY
    settle(store, MINUTES, now)
    for days, left in ((1, (1, 1, 1)), (3, (0, 1, 1)), (32, (0, 0, 1)), (402, (0, 0, 0))):
        retain(store, T0 * 1000 + days * DAY)
        assert tuple(len(blocks(store, tier)) for tier in range(3)) == left


def test_a_bound_in_bytes_takes_the_oldest_raw_blocks(store, make_poll):
    import random

    rng = random.Random(1)
    for start in range(0, 40 * 300, 300):
        for at in range(start, start + 300, 2):
            store.append(make_poll(at, load=rng.random(), received=rng.random() * 1e9))
        compact(store, store.registry.guests["web"], (T0 + start + 300) * 1000)
        trim_log(store)
    limit = used_bytes(store.db) * 7 // 10
    assert retain(store, T0 * 1000, limit_bytes=limit) > 0
    assert used_bytes(store.db) <= limit
    assert blocks(store, RAW)
    assert len(blocks(store, MINUTES)) == 40
    assert retain(store, T0 * 1000, limit_bytes=0) > 0
    assert not blocks(store, MINUTES)
    assert store.db.execute("PRAGMA freelist_count").fetchone() == (0,), (
        "the room went back to the file system"
    )


@pytest.mark.parametrize("span", [MINUTE, HOUR])
def test_nothing_to_do(store, span):
    assert not settle(store, MINUTES, T0 * 1000 + span)
    trim_log(store)
    assert retain(store, T0 * 1000) == 0


def test_series_of_which_nothing_is_left_are_forgotten(store, make_poll):
    store.append(make_poll(0, received=1.0))
    store.append(make_poll(10))
    entry = store.registry.guests["web"]
    now = round((T0 + 3600) * 1000)
    assert compact(store, entry, now)
    assert forget(store, entry) == 0, "blocks still hold both"
    store.append(make_poll(4000))
    store.db.execute("DELETE FROM block")
    assert forget(store, entry) == 1
    assert [name for name, _ in entry.series] == ["node_load1"]
    store.append(make_poll(4010, received=5.0))
    store.flush()
    assert store.db.execute("SELECT count(*) FROM series").fetchone() == (2,)
