import json

import pytest

from guestwire.errors import ConfigError
from guestwire.monitor.notify.message import Notification
from guestwire.monitor.notify.webhook import Webhook


def test_a_webhook(sink, make_alert):
    notification = Notification((("guest", "web"),), (make_alert(),), ())
    assert Webhook(sink.url + "/hook", {"Authorization": "Bearer t"}).send(notification).ok
    ((path, headers, body),) = sink.posts
    assert (path, headers["Authorization"], headers["Content-Type"]) == (
        "/hook",
        "Bearer t",
        "application/json",
    )
    assert json.loads(body) == notification.data()


def test_a_bad_address():
    with pytest.raises(ConfigError):
        Webhook("web.example")
