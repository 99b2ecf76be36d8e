import json

from guestwire.monitor.notify.alertmanager import Alertmanager
from guestwire.monitor.rules.state import State


def test_alerts_are_posted(sink, make_alert):
    manager = Alertmanager(sink.url + "/")
    alerts = [
        make_alert(),
        make_alert("Hot", state=State.RESOLVED, since=150.0),
        make_alert("New", state=State.PENDING),
    ]
    assert manager.send(alerts, 200.0).ok
    ((path, _, body),) = sink.posts
    assert path == "/api/v2/alerts"
    firing, over = json.loads(body)
    assert firing["labels"]["alertname"] == "Full"
    assert (firing["startsAt"], firing["endsAt"]) == ("1970-01-01T00:01:40.000Z", "1970-01-01T00:07:20.000Z")
    assert over["endsAt"] == "1970-01-01T00:02:30.000Z"


def test_nothing_to_post(sink):
    assert Alertmanager(sink.url).send([], 0.0) is None
    assert sink.posts == []
