import math

import pytest

from guestwire.monitor.export import exposition as module
from guestwire.monitor.export.exposition import Exposition, guests_text, number, spell, wants_openmetrics
from guestwire.monitor.samples import Kind, labels_of

NOW = 1_000_000
WEB = {
    ("node_load1", ()): (NOW, 0.5),
    ("node_cpu_seconds_total", labels_of(cpu="0", mode="idle")): (NOW - 10_000, 12.0),
    ("node_vmstat_oom_kill", ()): (NOW, 1.0),
    ("node_load5", ()): (NOW - 400_000, 9.0),
}


def test_classic():
    exposition = Exposition()
    exposition.add_guest(WEB, NOW)
    assert exposition.text() == (
        "# HELP node_cpu_seconds_total CPU time, by CPU and mode.\n"
        "# TYPE node_cpu_seconds_total counter\n"
        'node_cpu_seconds_total{cpu="0",mode="idle"} 12\n'
        "# HELP node_load1 Load, average of one minute.\n"
        "# TYPE node_load1 gauge\n"
        "node_load1 0.5\n"
        "# HELP node_vmstat_oom_kill Processes that the kernel killed for want of memory.\n"
        "# TYPE node_vmstat_oom_kill untyped\n"
        "node_vmstat_oom_kill 1\n"
    )


def test_openmetrics():
    exposition = Exposition(openmetrics=True)
    exposition.add("own_total", (), 3, kind=Kind.COUNTER, text="a\nb")
    text = guests_text([("web", WEB), ("db", WEB)], NOW, exposition)
    assert "# TYPE node_cpu_seconds counter\n" in text
    assert "# TYPE node_vmstat_oom_kill unknown\n" in text
    assert 'node_load1{guest="web"} 0.5\nnode_load1{guest="db"} 0.5\n' in text
    assert "# HELP own a\\nb\n# TYPE own counter\nown_total 3\n" in text
    assert text.endswith("# EOF\n")
    assert text.count("# TYPE node_load1 ") == 1


def test_labels_are_escaped():
    assert spell("x", labels_of(a='q"\\\n')) == 'x{a="q\\"\\\\\\n"}'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.1, "0.1"),
        (1e15, "1000000000000000.0"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


def test_accept():
    assert wants_openmetrics("application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert not wants_openmetrics("text/plain")


def test_pieces_are_the_whole(monkeypatch):
    exposition = Exposition(openmetrics=True)
    for turn in range(5000):
        exposition.add("x", labels_of(a=str(turn)), turn, kind=Kind.GAUGE, text="x")
    exposition.add_guest(WEB, NOW, guest="\udcff")
    pieces = list(exposition.pieces())
    assert len(pieces) > 1
    assert b"".join(pieces) == exposition.text().encode("utf-8", "replace")


def test_remembered_labels_are_bounded(monkeypatch):
    monkeypatch.setattr(module, "_KNOWN_LIMIT", 3)
    for turn in range(10):
        latest = {("x", labels_of(device=f"vd{turn}")): (NOW, 1.0), ("y", ()): (NOW - 5, 2.0)}
        lines, until = module.lines_of(latest, NOW, guest="g")
        assert lines == {"x": f'x{{guest="g",device="vd{turn}"}} 1\n', "y": 'y{guest="g"} 2\n'}
        assert until == NOW - 5 + module.FRESH
    assert len(module._known) <= 3
