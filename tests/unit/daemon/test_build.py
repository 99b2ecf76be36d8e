from pathlib import Path

import pytest

from guestwire.daemon.build import _unsilenced, check, guard, lookout_of, monitor_of, outboxes_of
from guestwire.daemon.config import Config, Endpoint, Export, Notify
from guestwire.daemon.lookout import Lookout
from guestwire.errors import ConfigError
from guestwire.monitor.export import itself
from guestwire.monitor.export.exposition import Exposition
from guestwire.monitor.rules import memory
from guestwire.monitor.rules.nodes import Matcher
from guestwire.monitor.samples import Poll, Sample


def test_the_defaults_are_well():
    assert check(Config()) > 10


def test_other_machines_need_a_token():
    with pytest.raises(ConfigError, match="set a token"):
        guard(Config(listen=("0.0.0.0", 1)))
    guard(Config(listen=("0.0.0.0", 1), token="t"))
    guard(Config(listen=("localhost", 1)))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what Apprise imports
def test_each_channel_has_a_queue():
    told = Notify(webhooks=("http://a", "http://b"), apprise=("json://localhost",))
    found = outboxes_of(Config(notify=told))
    assert [outbox.channel.name for outbox in found] == ["webhook", "webhook", "apprise"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "config",
    [
        Config(rules=(Path("/none"),)),
        Config(notify=Notify(webhooks=("x",))),
        Config(notify=Notify(apprise=("zzz",))),
    ],
)
def test_a_mistake_is_found(config):
    with pytest.raises(ConfigError):
        check(config)


def test_everything_that_is_told_hangs_on_the_monitor(tmp_path):
    config = Config(
        data_dir=tmp_path,
        notify=Notify(
            webhooks=("http://127.0.0.1:1",),
            alertmanagers=("http://127.0.0.1:1",),
            quiet_hours=("22:00-07:00",),
            group_by=("alertname",),
        ),
        export=Export((Endpoint("http://127.0.0.1:1/w"),), (Endpoint("http://127.0.0.1:1/o"),)),
    )
    monitor = monitor_of(config)
    monitor.take(Poll("u", 1000.0, [Sample("node_load1", (), 1.0)]), "web")
    exposition = Exposition()
    itself.add_monitor(exposition, monitor)
    text = exposition.text()
    assert 'guestwire_export_queue_bytes{endpoint="1",kind="remote_write"} 0' in text
    assert 'guestwire_export_queue_bytes{endpoint="1",kind="otlp"} 0' in text
    assert "guestwire_alertmanager_sent_total" in text
    assert 'guestwire_notifications_waiting{channel="webhook-1"} 0' in text
    assert "guestwire_rule_errors 0" in text
    assert monitor._grouper.by == ("alertname",)
    monitor.close()
    assert len(list(tmp_path.glob("remote-write-*.db"))) == len(list(tmp_path.glob("otlp-*.db"))) == 1


def test_a_silenced_alert_does_not_reach_alertmanagers(tmp_path):
    monitor = monitor_of(Config(data_dir=tmp_path))
    monitor.take(Poll("u", 1000.0, [Sample("guestwire_guest_silent", (("reason", "silent"),), 1.0)]), "web")
    for now in (1000.0, 1060.0, 1125.0, 1185.0):
        monitor.take(Poll("u", now, [Sample("guestwire_guest_silent", (("reason", "silent"),), 1.0)]), "web")
        list(monitor.engine.run(now))
    assert [alert.rule for alert in _unsilenced(monitor)] == ["AgentSilent"]
    memory.add_silence(monitor.store, [Matcher("guest", "=", "web")], 0, 1e11, author="me", comment="")
    assert _unsilenced(monitor) == []
    monitor.close()


def test_a_reload_remembers_who_was_seen():
    first = lookout_of(Config())
    assert lookout_of(Config(), first).seen is first.seen
    alone = lookout_of(Config(discover=False), first)
    assert isinstance(alone, Lookout)
    assert alone.look({}) == []
