import json

from guestwire.monitor.export.sd import targets


def test_targets():
    web, odd = json.loads(targets([("uuid", "web"), ("u2", "a/b c")], "127.0.0.1:8790"))[::-1]
    assert web == {
        "targets": ["127.0.0.1:8790"],
        "labels": {
            "__metrics_path__": "/guests/web/metrics", "guest": "web", "instance": "web", "guest_id": "uuid",
        },
    }  # fmt: skip
    assert odd["labels"]["__metrics_path__"] == "/guests/u2/metrics"
    assert targets([], "x:1") == "[]"
