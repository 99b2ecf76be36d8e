"""What we export, taken in by the real programs."""

import json
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from guestwire.monitor.catalogue import METRICS
from guestwire.monitor.export.exposition import CLASSIC, OPENMETRICS, Exposition, wants_openmetrics
from guestwire.monitor.export.itself import add_process, add_store
from guestwire.monitor.export.queue import Queue
from guestwire.monitor.export.remote_write import HEADERS, Batch
from guestwire.monitor.export.sd import targets
from guestwire.monitor.export.sender import Sender
from guestwire.monitor.notify.alertmanager import Alertmanager
from guestwire.monitor.rules.state import Alert, State
from guestwire.monitor.samples import Poll, Sample, labels_of
from guestwire.monitor.store.store import Store

from .conftest import free_port, get, get_json, program, running, until

ODD = 'quote " backslash \\ line\nend ü'


def poll(at, value=1.0):
    samples = [
        Sample("node_load1", (), value),
        Sample("node_cpu_seconds_total", labels_of(cpu="0", mode="idle"), 100.0 + value),
        Sample("node_vmstat_oom_kill", (), 0.0),
        Sample(
            "node_filesystem_avail_bytes",
            labels_of(device="/dev/vda1", fstype="ext4", mountpoint=ODD),
            2.0**40,
        ),
    ]
    return Poll("uuid", at, samples)


def test_promtool_accepts_the_exposition(tmp_path):
    promtool = program("promtool", "prometheus")
    store = Store(tmp_path / "s.db")
    store.append(poll(1000.0))
    exposition = Exposition()
    add_process(exposition)
    add_store(exposition, store)
    for guest in ("web", "db"):
        exposition.add_guest(store.latest("uuid"), 1_000_000, guest=guest)
    store.close()
    done = subprocess.run(
        [promtool, "check", "metrics", "--extended"],
        input=exposition.text(),
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "node_load1" in done.stdout


def test_remote_write_catches_up_after_an_outage(tmp_path, victoria):
    url, start = victoria
    queue = Queue(tmp_path / "queue.db")
    batch = Batch()
    now = int(time.time()) - 600
    for round_ in range(30):
        batch.add(poll(now + round_ * 10, float(round_)), "web")
        queue.put(batch.take())
    sender = Sender(queue, f"{url}/api/v1/write", HEADERS)
    assert sender.step() > 0
    assert sender.trouble
    assert queue.count == 30
    with start():
        while sender.step() is not None:
            assert sender.trouble is None
        query = f"{url}/api/v1/export?match[]=node_load1"
        line = until(lambda: get(query).strip())
        found = json.loads(line)
        assert found["values"] == list(range(30))
        assert found["timestamps"] == [(now + n * 10) * 1000 for n in range(30)]
        assert found["metric"] == {
            "__name__": "node_load1",
            "guest": "web",
            "instance": "web",
            "job": "guestwire",
        }
        odd = json.loads(get(f"{url}/api/v1/export?match[]=node_filesystem_avail_bytes"))
        assert odd["metric"]["mountpoint"] == ODD
    queue.close()


class Stand(BaseHTTPRequestHandler):
    """A stand-in for the daemon's HTTP side: /sd and one guest."""

    accepted: set[str] = set()  # noqa: RUF012

    def do_GET(self):
        address = "{}:{}".format(*self.server.server_address)
        if self.path == "/sd":
            kind, text = "application/json", targets([("uuid", "web server")], address)
        elif self.path == "/guests/web%20server/metrics":
            accept = self.headers.get("Accept", "")
            exposition = Exposition(openmetrics=wants_openmetrics(accept))
            self.accepted.add(accept)
            latest = {sample[:2]: (1000, sample.value) for sample in poll(1.0, 2.5).samples}
            exposition.add_guest(latest, 1000)
            kind, text = (OPENMETRICS if wants_openmetrics(accept) else CLASSIC), exposition.text()
        else:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def stand():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stand)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_prometheus_finds_and_scrapes_a_guest(tmp_path, stand):
    binary, port = program("prometheus", "prometheus"), free_port()
    config = {
        "global": {"scrape_interval": "1s"},
        "scrape_configs": [
            {
                "job_name": "guests",
                "http_sd_configs": [{"url": f"http://127.0.0.1:{stand}/sd", "refresh_interval": "1s"}],
            }
        ],
    }
    path = tmp_path / "prometheus.yml"
    path.write_text(json.dumps(config))
    url = f"http://127.0.0.1:{port}"
    flags = [
        f"--config.file={path}",
        f"--storage.tsdb.path={tmp_path}/tsdb",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with running([binary, *flags], f"{url}/-/ready"):
        (found,) = until(lambda: get_json(f"{url}/api/v1/query?query=node_load1")["data"]["result"], 40)
        assert found["value"][1] == "2.5"
        assert found["metric"] == {
            "__name__": "node_load1",
            "guest": "web server",
            "guest_id": "uuid",
            "instance": "web server",
            "job": "guests",
        }
        (target,) = get_json(f"{url}/api/v1/targets")["data"]["activeTargets"]
        assert target["health"] == "up", target["lastError"]
    assert any("openmetrics" in accept for accept in Stand.accepted)


def test_alertmanager_takes_and_ends_an_alert(alertmanager):
    manager = Alertmanager(alertmanager)
    now = time.time()
    alert = Alert("Full", "web", labels_of(mountpoint="/"), State.FIRING, now - 60, 0.5, summary="/ is full")
    assert manager.send([alert], now).ok
    (found,) = until(lambda: get_json(f"{alertmanager}/api/v2/alerts"))
    assert found["labels"] == {"alertname": "Full", "guest": "web", "severity": "warning", "mountpoint": "/"}
    assert found["annotations"]["summary"] == "/ is full"
    alert.state, alert.since = State.RESOLVED, now
    assert manager.send([alert], now).ok
    until(lambda: get_json(f"{alertmanager}/api/v2/alerts?active=true") == [])


def test_names_are_node_exporter_s(node_exporter):
    """Every node_ name of the catalogue that this machine's node_exporter can have has our type, but for what it
    does not say here: figures of hardware that is not there, and what its default collectors leave out.
    """
    theirs = dict(
        line.split()[2:4] for line in get(node_exporter).splitlines() if line.startswith("# TYPE node_")
    )
    absent = {name for name in METRICS if name.startswith("node_") and name not in theirs}
    optional = (
        "node_disk_",
        "node_filesystem_",
        "node_systemd_",
        "node_pressure_",
        "node_network_",
        "node_entropy_",
    )
    assert {name for name in absent if not name.startswith(optional)} <= {"node_cpu_guest_seconds_total"}
    for name, kind in theirs.items():
        if name in METRICS and kind != "untyped":
            assert METRICS[name].kind == kind, name
