import sys
import types

import pytest

from guestwire.errors import ConfigError
from guestwire.monitor.notify.message import Notification
from guestwire.monitor.notify.services import Apprise
from guestwire.monitor.rules.state import State


@pytest.fixture
def told(monkeypatch):
    """A stand-in for the package: tells what it was told."""
    calls = []

    class Fake:
        def add(self, url):
            return "://" in url

        def notify(self, **said):
            calls.append(said)
            return said["notify_type"] != "info"

    module = types.ModuleType("apprise")
    module.Apprise = Fake
    monkeypatch.setitem(sys.modules, "apprise", module)
    return calls


def test_through_apprise(told, make_alert):
    channel = Apprise(["json://localhost"])
    assert channel.send(Notification((), (make_alert(),), ())).ok
    assert channel.send(Notification((), (), (make_alert(state=State.RESOLVED),))).ok
    assert channel.send(Notification((), (make_alert(severity="info"),), ())).worth_retrying
    assert [call["notify_type"] for call in told] == ["warning", "success", "info"]
    assert told[0]["title"].startswith("[warning]")


def test_a_bad_address_is_not_repeated(told):
    with pytest.raises(ConfigError, match="address 2 is not one") as error:
        Apprise(["json://x", "secret"])
    assert "secret" not in str(error.value)


def test_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError, match="pip install apprise"):
        Apprise([])
