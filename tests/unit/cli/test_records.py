import click
import pytest

from guestwire.cli import records
from guestwire.daemon.config import Config
from guestwire.errors import ConfigError, StartError
from guestwire.monitor.samples import Poll, Sample
from guestwire.monitor.store.store import Store


@pytest.fixture
def config(tmp_path):
    store = Store(tmp_path / "history.db")
    for identity, name in (("u1", "web1"), ("u2", "web2"), ("u3", "twin"), ("u4", "twin")):
        store.append(Poll(identity, 1000.0, [Sample("node_load1", (), 1.0)]), name)
    store.close()
    return Config(data_dir=tmp_path)


def test_guests_go_by_name_or_identity(config):
    reader = records.opened(config)
    assert set(records.guests_of(reader, None)) == {"u1", "u2", "u3", "u4"}
    assert records.one_guest(reader, "u2")[1] == "web2"
    assert records.one_guest(reader, "web1")[1] == "web1"
    with pytest.raises(ConfigError, match=r"2 guests were named 'twin': give the identity \(u3, u4\)"):
        records.one_guest(reader, "twin")
    with pytest.raises(ConfigError, match="did you mean 'web1'"):
        records.one_guest(reader, "wbe1")
    with pytest.raises(ConfigError, match=r"no history of a guest 'zzz'$"):
        records.one_guest(reader, "zzz")
    reader.close()


def test_no_history_is_said(tmp_path):
    with pytest.raises(ConfigError, match="has `guestwire serve` run"):
        records.opened(Config(data_dir=tmp_path / "none"))
    (tmp_path / "history.db").write_text("nonsense " * 99)
    with pytest.raises(StartError, match="cannot read the store"):
        records.opened(Config(data_dir=tmp_path))


def test_durations():
    kind = records.Duration()
    assert kind.convert("1h30m", None, None) == 5400
    assert kind.convert(5.0, None, None) == 5
    with pytest.raises(click.BadParameter, match="no duration"):
        kind.convert("soon", None, None)
