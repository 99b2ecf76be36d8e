import json

from guestwire.monitor.catalogue import METRICS, kind_of
from guestwire.monitor.export.otlp import NAMES, request
from guestwire.monitor.samples import Kind, labels_of

LATEST = {
    ("node_cpu_seconds_total", labels_of(cpu="0", mode="idle")): (5000, 12.5),
    ("node_cpu_seconds_total", labels_of(cpu="0", mode="user")): (5000, 2.5),
    ("node_load1", ()): (5000, 0.5),
    ("node_boot_time_seconds", ()): (5000, 100.0),
    ("node_load5", ()): (1000, 0.5),
    ("node_disk_read_bytes_total", labels_of(device="vda")): (5000, 7.0),
}


def test_names_are_of_metrics_there_are():
    for name, mapped in NAMES.items():
        assert name in METRICS
        assert mapped.counter == (kind_of(name) is Kind.COUNTER)


def test_a_request():
    data = json.loads(request([("uuid", "web", LATEST, 2000), ("u2", "old", {}, 0)]))
    (resource,) = data["resourceMetrics"]
    assert {"key": "host.name", "value": {"stringValue": "web"}} in resource["resource"]["attributes"]
    metrics = {metric["name"]: metric for metric in resource["scopeMetrics"][0]["metrics"]}
    assert set(metrics) == {"system.cpu.time", "system.cpu.load_average.1m", "system.disk.io"}
    cpu = metrics["system.cpu.time"]["sum"]
    assert (cpu["isMonotonic"], cpu["aggregationTemporality"], len(cpu["dataPoints"])) == (True, 2, 2)
    assert cpu["dataPoints"][0] == {
        "timeUnixNano": "5000000000", "asDouble": 12.5, "startTimeUnixNano": "100000000000",
        "attributes": [
            {"key": "cpu.logical_number", "value": {"intValue": "0"}},
            {"key": "cpu.mode", "value": {"stringValue": "idle"}},
        ],
    }  # fmt: skip
    assert {"key": "disk.io.direction", "value": {"stringValue": "read"}} in metrics["system.disk.io"]["sum"][
        "dataPoints"
    ][0]["attributes"]
    assert "gauge" in metrics["system.cpu.load_average.1m"]
