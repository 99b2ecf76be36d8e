import csv
import io
import json
import time

import pytest

from guestwire.cli.verbs.history import sparkline
from guestwire.monitor.samples import Poll, Sample, labels_of
from guestwire.monitor.store.store import Store


@pytest.fixture
def folder(tmp_path):
    store = Store(tmp_path / "history.db")
    now = time.time()
    for back in range(600, 0, -10):
        samples = [
            Sample("node_load1", (), back / 100),
            Sample("node_network_receive_bytes_total", labels_of(device="eth0"), 1e6 - back * 50),
            Sample("node_network_receive_bytes_total", labels_of(device="lo"), 0),
        ]
        store.append(Poll("u1", now - back, samples), "web1")
    store.close()
    return str(tmp_path)


def test_a_table_with_bars(run, folder):
    result = run("history", "web1", "node_load1", "--since", "15m", "--data-dir", folder)
    assert result.status == 0
    assert result.out.splitlines()[0].startswith("node_load1  ")
    assert "▁" in result.out.splitlines()[0]
    assert "average" in result.out.splitlines()[1]


def test_counters_are_per_second_and_labels_select(run, folder):
    series = 'node_network_receive_bytes_total{device="eth0"}'
    result = run("history", "web1", series, "--since", "15m", "--json", "--data-dir", folder)
    (told,) = json.loads(result.out)
    assert told["series"] == series
    rates = [bucket["average"] for bucket in told["buckets"] if bucket["average"]]
    assert rates
    assert all(abs(rate - 50) < 1 for rate in rates)


def test_csv(run, folder):
    name = "node_network_receive_bytes_total"
    result = run("history", "u1", name, "--csv", "--step", "60s", "--data-dir", folder)
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert {row["series"] for row in rows} == {f'{name}{{device="eth0"}}', f'{name}{{device="lo"}}'}
    assert all(float(row["at"]) > 1e9 for row in rows)


def test_sparklines(run, folder):
    result = run("history", "web1", "node_load1", "--sparkline", "--data-dir", folder)
    assert "█" in result.out
    assert "series" in result.out


def test_without_a_series_those_that_there_are(run, folder):
    result = run("history", "web1", "--data-dir", folder)
    assert "node_load1" in result.out
    assert "counter" in result.out
    assert {"series": "node_load1", "kind": "gauge"} in json.loads(
        run("history", "web1", "--json", "--data-dir", folder).out
    )


@pytest.mark.parametrize(
    ("series", "says"),
    [
        ("node_load2", "did you mean 'node_load"),
        ("zzz", "lists what there is"),
        ('node_load1{a="b"}', "has such labels"),
        ("node_load1 offset 5m", "is no series"),
        ("1 + 1", "is no series"),
        ("node_load1{", "1:"),
    ],
)
def test_a_mistake_is_one_clear_line(run, folder, series, says):
    result = run("history", "web1", series, "--data-dir", folder)
    assert result.status == 2
    assert says in result.err
    assert result.err.count("\n") == 1


def test_sparkline():
    assert sparkline([0, 7, float("nan"), 3.5]) == "▁█ ▅"
    assert sparkline([3, 3]) == "▁▁"
    assert sparkline([]) == sparkline([float("nan")]) == ""


def test_a_line_each_for_programs(run, folder):
    (line,) = run("history", "web1", "node_load1", "--jsonl", "--data-dir", folder).out.splitlines()
    assert json.loads(line)["series"] == "node_load1"
    lines = run("history", "web1", "--jsonl", "--data-dir", folder).out.splitlines()
    assert {"series": "node_load1", "kind": "gauge"} in [json.loads(line) for line in lines]
