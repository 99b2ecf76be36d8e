from pathlib import Path

import pytest

from guestwire.daemon.build import check, guard, outboxes_of
from guestwire.daemon.config import Config
from guestwire.errors import ConfigError


def test_the_defaults_are_well():
    assert check(Config()) > 10


def test_other_machines_need_a_token():
    with pytest.raises(ConfigError, match="set a token"):
        guard(Config(listen=("0.0.0.0", 1)))
    guard(Config(listen=("0.0.0.0", 1), token="t"))
    guard(Config(listen=("localhost", 1)))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what Apprise imports
def test_each_channel_has_a_queue():
    found = outboxes_of(Config(webhooks=("http://a", "http://b"), apprise=("json://localhost",)))
    assert [outbox.channel.name for outbox in found] == ["webhook", "webhook", "apprise"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "config", [Config(rules=(Path("/none"),)), Config(webhooks=("x",)), Config(apprise=("zzz",))]
)
def test_a_mistake_is_found(config):
    with pytest.raises(ConfigError):
        check(config)
