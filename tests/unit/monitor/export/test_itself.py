from guestwire.monitor.export.exposition import Exposition
from guestwire.monitor.export.itself import add_alerts, add_process, add_store
from guestwire.monitor.rules.state import Alert, State
from guestwire.monitor.samples import Poll, Sample
from guestwire.monitor.store.store import Store


def test_itself(tmp_path):
    store = Store(tmp_path / "s.db")
    store.append(Poll("web", 1.0, [Sample("x", (), 1)]))
    exposition = Exposition()
    add_process(exposition)
    add_store(exposition, store)
    add_alerts(exposition, [Alert("R", "web", (), State.FIRING, 0, 1)] * 2)
    text = exposition.text()
    store.close()
    for line in (
        "# TYPE process_cpu_seconds_total counter", "guestwire_store_guests 1", "guestwire_store_series 1",
        "guestwire_store_trouble 0", 'guestwire_alerts{alertname="R",state="firing"} 2', "process_open_fds ",
    ):  # fmt: skip
        assert line in text


def test_without_proc(tmp_path):
    exposition = Exposition()
    add_process(exposition, tmp_path)
    assert "resident" not in exposition.text()
