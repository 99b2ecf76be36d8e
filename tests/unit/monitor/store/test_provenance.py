from guestwire.monitor.store.provenance import NAMES_LIMIT, Provenance
from guestwire.monitor.store.store import Store


def test_a_change_of_step_is_kept(store, make_poll):
    store.append(make_poll(0, sources={"node_load1": "guestwire-get-metrics"}))
    store.append(make_poll(10, sources={"node_load1": "guestwire-get-metrics"}))
    store.append(make_poll(100, unknown={"node_load1": "silent"}))
    store.flush()
    rows = store.db.execute("SELECT name, source, reason FROM provenance ORDER BY since").fetchall()
    assert rows == [("node_load1", "guestwire-get-metrics", ""), ("node_load1", "", "silent")]
    assert Provenance(store.db).of(1)["node_load1"][1:] == ("", "silent")
    assert store.provenance.of(99) == {}


def test_flapping_is_written_seldom(store, make_poll):
    for at in range(0, 120, 10):
        store.append(make_poll(at, sources={"node_load1": "a" if at % 20 else "b"}))
    store.flush()
    assert store.db.execute("SELECT count(*) FROM provenance").fetchone()[0] <= 3


def test_names_are_bounded(store, make_poll):
    store.append(make_poll(0, sources={f"n{i}": "x" * 1000 for i in range(2 * NAMES_LIMIT)}))
    assert len(store.provenance.of(1)) == NAMES_LIMIT
    assert max(len(source) for _, source, _ in store.provenance.of(1).values()) == 64
    assert isinstance(store, Store)


def test_a_clock_set_back_does_not_keep_a_change_unsaid(store, make_poll):
    store.append(make_poll(86_400, sources={"node_load1": "a"}))
    store.append(make_poll(0, unknown={"node_load1": "silent"}))
    assert store.provenance.of(1)["node_load1"][1:] == ("", "silent")
