import pytest

from guestwire.errors import StartError
from guestwire.monitor.samples import Kind
from guestwire.monitor.store import schema
from guestwire.monitor.store.compact import compact, retain, settle
from guestwire.monitor.store.reader import Reader
from guestwire.monitor.store.tiers import DAY, MINUTES

T0 = 1_700_006_400
MS = T0 * 1000


@pytest.fixture
def reader(store):
    made = Reader.of(store)
    yield made
    made.close()


def feed(store, make_poll, start, end, step=10):
    for at in range(start, end, step):
        store.append(make_poll(at, load=float(at), received=float(at * 100)))
        if at % 1800 == 1800 - step:
            compact(store, store.registry.guests["web"], (T0 + at + step) * 1000)
    store.flush()


def of(reader, name):
    (series,) = reader.series(reader.guests()["web"][0], name)
    return series


def test_what_is_known(store, reader, make_poll):
    store.append(make_poll(0, received=1), name="Web")
    store.flush()
    assert reader.guests() == {"web": (1, "Web")}
    assert [(s.name, s.labels, s.kind) for s in reader.series(1)] == [
        ("node_load1", (), Kind.GAUGE),
        ("node_network_receive_bytes_total", (("device", "eth0"),), Kind.COUNTER),
    ]
    assert reader.series(1, "nothing") == []


def test_raw_over_memory_and_blocks(store, reader, make_poll):
    feed(store, make_poll, 0, 5000)
    track = reader.raw(of(reader, "node_load1"), MS + 1_000_000, MS + 4_500_000)
    assert list(track.columns[0]) == list(range(1000, 4501, 10))
    assert not reader.raw(of(reader, "node_load1"), 0, 5).times


def test_fine_buckets_come_from_samples(store, reader, make_poll):
    feed(store, make_poll, 0, 4000)
    buckets = reader.buckets(of(reader, "node_load1"), MS + 1_200_000, MS + 3_000_000, 60_000)
    assert buckets.step == 60_000
    assert list(buckets.starts[:2]) == [MS + 1_200_000, MS + 1_260_000]
    assert (buckets.low[0], buckets.high[0], buckets.average[0], buckets.last[0]) == (1200, 1250, 1225, 1250)


def test_a_counter_is_read_as_a_rate(store, reader, make_poll):
    feed(store, make_poll, 0, 4000)
    series = of(reader, "node_network_receive_bytes_total")
    for step in (30_000, 300_000, 600_000, 3_600_000):
        buckets = reader.buckets(series, MS + 1_200_000, MS + 4_000_000, step)
        assert set(buckets.average) == {100.0}
        assert set(buckets.high) == {100.0}


@pytest.mark.parametrize("settled", [False, True])
def test_wide_buckets_come_from_every_tier_and_memory(store, reader, make_poll, settled):
    feed(store, make_poll, 0, 93_000, step=60)
    if settled:
        settle(store, MINUTES, MS + 93_000_000)
    buckets = reader.buckets(of(reader, "node_load1"), MS, MS + 93_000_000, 3_600_000)
    assert len(buckets.starts) == 26
    assert list(buckets.last)[:2] == [3540, 7140]
    assert list(buckets.low) == [n * 3600 for n in range(26)]
    five = reader.buckets(of(reader, "node_load1"), MS, MS + 93_000_000, 300_000)
    assert list(five.low) == [n * 300 for n in range(310)]


def test_the_step_grows_where_raw_samples_are_gone(store, reader, make_poll):
    assert reader.step_for(MS, 90_000, MS + DAY) == 90_000
    assert reader.step_for(MS, 90_000, MS + 3 * DAY) == 300_000
    assert reader.step_for(MS, 90_000, MS + 31 * DAY) == 3_600_000
    assert reader.step_for(MS, 700_000, MS) == 600_000
    assert reader.step_for(MS, 0, MS) == 1
    feed(store, make_poll, 0, 3600)
    retain(store, MS + 3 * DAY)
    buckets = reader.buckets(of(reader, "node_load1"), MS, MS + 3_600_000, 60_000, now=MS + 3 * DAY)
    assert buckets.step == 300_000
    assert len(buckets.starts) == 12


def test_nothing_there(store, reader, make_poll):
    feed(store, make_poll, 0, 100)
    for step in (60_000, 300_000, 3_600_000):
        assert not reader.buckets(of(reader, "node_load1"), MS - DAY, MS - DAY + 10_000, step).starts


def test_a_clock_that_went_back_loses_nothing(store, reader, make_poll):
    for at in (*range(1000, 2000, 10), *range(0, 1005, 10)):
        store.append(make_poll(at, load=float(at)))
    compact(store, store.registry.guests["web"], MS + 600_000)
    store.flush()
    track = reader.raw(of(reader, "node_load1"), MS, MS + 3_000_000)
    assert list(track.columns[0]) == list(range(0, 2000, 10))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(StartError, match="cannot read"):
        Reader.offline(tmp_path / "none.db")
    (tmp_path / "junk.db").write_bytes(b"junk" * 999)
    with pytest.raises(StartError, match="cannot read"):
        Reader.offline(tmp_path / "junk.db")
    db = schema.connect(tmp_path / "old.db")
    schema.migrate(db, 0, target=1)
    db.close()
    with pytest.raises(StartError, match="no guestwire store of version"):
        Reader.offline(tmp_path / "old.db")
