import re

from guestwire.monitor.catalogue import METRICS, help_of, kind_of
from guestwire.monitor.samples import Kind


def test_every_metric_is_well_named_and_explained():
    for name, metric in METRICS.items():
        assert re.fullmatch(r"(node|guestwire)_[a-zA-Z0-9_]+", name)
        assert metric.help.endswith(".")
        assert not name.endswith("_total") or metric.kind is Kind.COUNTER


def test_a_site_s_own_metric():
    assert kind_of("backup_runs_total") is Kind.COUNTER
    assert kind_of("backup_age_seconds") is Kind.GAUGE
    assert help_of("backup_age_seconds")


def test_a_known_metric():
    assert kind_of("node_vmstat_oom_kill") is Kind.COUNTER
    assert "Load" in help_of("node_load1")
