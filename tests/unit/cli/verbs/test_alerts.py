import json
import time

import pytest

from guestwire.cli.verbs import alerts
from guestwire.errors import ConfigError
from guestwire.monitor.rules import memory
from guestwire.monitor.rules.state import Alert, State
from guestwire.monitor.samples import Poll, Sample, labels_of
from guestwire.monitor.store.store import Store

ROOT = labels_of(mountpoint="/")


@pytest.fixture
def folder(tmp_path):
    store = Store(tmp_path / "history.db")
    now = time.time()
    for back in range(3600, 0, -10):
        free = 1.0 if 2400 > back > 600 else 50.0
        samples = [
            Sample("node_filesystem_avail_bytes", ROOT, free),
            Sample("node_filesystem_size_bytes", ROOT, 100.0),
            Sample("node_filesystem_readonly", ROOT, 0.0),
        ]
        store.append(Poll("u1", now - back, samples), "web1")
    fires = Alert("FilesystemFull", "web1", ROOT, State.FIRING, now - 60, 0.01, summary="/ is full")
    over = Alert("GuestRebooted", "web1", (), State.RESOLVED, now - 90, 1, summary="again")
    memory.save_alerts(store, [("u1", fires), ("u1", over)], [])
    store.close()
    return str(tmp_path)


def test_listed_with_what_fires_first(run, folder):
    result = run("alerts", "list", "--data-dir", folder)
    assert result.status == 0
    lines = result.out.splitlines()
    assert (
        lines[1].split()
        == [
            *["firing", "critical", "web1", "FilesystemFull", "1m", "0s", "/", "is", "full"],
        ]
        or "firing" in lines[1]
    )
    assert "resolved" in lines[2]
    told = json.loads(run("alerts", "list", "--json", "--guest", "web1", "--data-dir", folder).out)
    assert told[0]["rule"] == "FilesystemFull"
    assert told[0]["labels"] == {"mountpoint": "/"}


def test_a_silence_from_beginning_to_end(run, folder):
    words = ("silence", "guest=web1", "mountpoint=~/.*", "--for", "1h", "--comment", "disk swap")
    result = run("alerts", *words, "--data-dir", folder)
    assert result.out.startswith("silence 1 until ")
    assert "firing (silenced)" in run("alerts", "list", "--data-dir", folder).out
    (told,) = json.loads(run("alerts", "silences", "--json", "--data-dir", folder).out)
    assert told["matchers"] == "guest=web1 mountpoint=~/.*"
    assert "disk swap" in run("alerts", "silences", "--data-dir", folder).out
    assert run("alerts", "unsilence", "1", "--data-dir", folder).status == 0
    assert "no silences" in run("alerts", "silences", "--data-dir", folder).out
    again = run("alerts", "unsilence", "1", "--data-dir", folder)
    assert again.status == 2
    assert "no silence 1" in again.err


def test_a_rule_is_tried_on_history(run, folder):
    result = run("alerts", "test", "FilesystemFull", "--since", "1h", "--data-dir", folder)
    assert result.status == 0
    assert [line.split()[3] for line in result.out.splitlines()[1:]] == ["pending", "firing", "resolved"]
    told = json.loads(
        run("alerts", "test", "FilesystemFull", "--since", "1h", "--json", "--data-dir", folder).out
    )
    assert [event["state"] for event in told] == ["pending", "firing", "resolved"]
    assert told[0]["labels"]["mountpoint"] == "/"
    nothing = run("alerts", "test", "OomKill", "--since", "1h", "--data-dir", folder)
    assert "would have changed nothing on 1 guests" in nothing.out or nothing.status == 2


def test_a_rule_of_one_s_own(run, folder, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('[[rule]]\nname = "Half"\nexpr = "node_filesystem_avail_bytes < 60"\n')
    words = ("alerts", "test", "Half", "--rules", str(file), "--since", "30m", "--data-dir", folder)
    assert "firing" in run(*words).out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("test", "FilesystemFul"), "did you mean 'FilesystemFull'"),
        (("test", "FilesystemFull", "--since", "7d"), "kept for 48h"),
        (("silence", "web1"), "write LABEL=VALUE"),
        (("silence", "guest=~("), "no regular expression"),
        (("list", "--guest", "wbe1"), "did you mean 'web1'"),
    ],
)
def test_a_mistake_is_told(run, folder, words, says):
    result = run("alerts", *words, "--data-dir", folder)
    assert result.status == 2
    assert says in result.err


def test_the_group_alone_lists(run, tmp_path, monkeypatch):
    monkeypatch.setattr("guestwire.daemon.config.data_folder", lambda: tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    result = run("alerts")
    assert result.status in (0, 2)


def test_a_user_without_a_name(monkeypatch):
    def nobody():
        raise KeyError

    monkeypatch.setattr("getpass.getuser", nobody)
    assert alerts._user() == "unknown"


def test_matchers():
    found = alerts.matcher("guest!~web.*")
    assert (found.label, found.op, found.value) == ("guest", "!~", "web.*")
    with pytest.raises(ConfigError):
        alerts.matcher("=x")


def test_a_line_each_for_programs(run, folder):
    words = ("--jsonl", "--data-dir", folder)
    listed = [json.loads(line) for line in run("alerts", "list", *words).out.splitlines()]
    assert [each["rule"] for each in listed] == ["FilesystemFull", "GuestRebooted"]
    made = json.loads(run("alerts", "silence", "guest=web1", *words).out)
    assert made["until"] > time.time()
    (line,) = run("alerts", "silences", *words).out.splitlines()
    assert json.loads(line)["id"] == made["id"]
    assert json.loads(run("alerts", "unsilence", str(made["id"]), *words).out) == {"id": made["id"]}
    assert run("alerts", "silences", *words).out == ""
    for line in run("alerts", "test", "FilesystemFull", "--since", "1h", *words).out.splitlines():
        assert json.loads(line)["guest"] == "web1"
