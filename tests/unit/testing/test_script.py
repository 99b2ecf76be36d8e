from guestwire.testing import Script


def test_answers_in_order_and_then_not_at_all():
    script = Script(b"one", [b"t", b"wo"])
    assert list(script.receive(b'{"execute": "a"}\n{"execute": "b"}\n')) == [b"one", b"t", b"wo"]
    assert list(script.receive(b'{"execute": "c"}\n')) == []
    assert [request["execute"] for request in script.requests] == ["a", "b", "c"]


def test_answers_resyncs_unless_told_otherwise():
    request = b'\xff{"execute": "guest-sync", "arguments": {"id": 5}}\n'
    assert list(Script(b"x").receive(request)) == [b'\xff{"return": 5}\n']
    assert list(Script(b"x", sync=False).receive(request)) == [b"x"]


def test_greets():
    assert list(Script(greeting=b"hi").connected()) == [b"hi"]
    assert list(Script().connected()) == []
