import json

import pytest

from guestwire.cli.verbs.metrics import human
from guestwire.testing import FakeGuest

LOAD = {"load1m": 0.5, "load5m": 0.25, "load15m": 0.125}


@pytest.fixture
def guest(stand_in):
    return stand_in("web1", FakeGuest({"guest-get-load": LOAD}))


def test_figures_and_what_is_unknown(run, guest):
    result = run("metrics", "web1")
    assert result.status == 0
    assert "node_load1 " in result.out
    assert "0.5" in result.out
    assert "guest-get" in result.out
    assert "node_memory_MemTotal_bytes" in result.out
    assert "no-command" in result.out


def test_json_names_one_prefix(run, guest):
    result = run("metrics", "web1", "--json", "--name", "node_load")
    told = json.loads(result.out)
    assert {each["name"]: each["value"] for each in told["samples"]} == {
        "node_load1": 0.5,
        "node_load5": 0.25,
        "node_load15": 0.125,
    }
    assert told["unknown"] == {}


def test_the_text_is_prometheus_s(run, guest):
    result = run("metrics", "web1", "--text")
    assert "# TYPE node_load1 gauge\nnode_load1 0.5\n" in result.out


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("node_memory_MemFree_bytes", 1536, "1.5 KiB"),
        ("node_cpu_seconds_total", 90, "1m 30s"),
        ("x_ratio", 0.5, "50.0%"),
        ("node_load1", 0.5, "0.5"),
    ],
)
def test_values_by_their_unit(name, value, text):
    assert human(name, value) == text


def test_a_time_is_shown_as_one():
    assert human("node_boot_time_seconds", 1.7e9).startswith("2023-11-1")
