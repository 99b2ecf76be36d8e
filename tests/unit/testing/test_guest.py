import json

import pytest

from guestwire.errors import CommandError
from guestwire.testing import FakeGuest


def ask(guest, name, **arguments):
    request = {
        "execute": name,
        "arguments": {key.replace("_", "-"): value for key, value in arguments.items()},
    }
    (line,) = guest.receive(json.dumps(request).encode())
    answer = json.loads(line.lstrip(b"\xff"))
    if "error" in answer:
        raise CommandError(answer["error"]["desc"])
    return answer["return"]


def test_speaks_as_an_agent_does():
    guest = FakeGuest()
    assert guest.connected() == []
    assert guest.receive(b'{"execute": "guest-pi') == []
    assert guest.receive(b'ng", "id": 5}') == [b'{"return": {}, "id": 5}\n']
    stray, synced = guest.receive(b'{"ha\xff{"execute": "guest-sync-delimited", "arguments": {"id": 7}}')
    assert b"JSON parse error" in stray
    assert synced == b'\xff{"return": 7}\n'


def test_answers_are_values_functions_or_exceptions():
    guest = FakeGuest(
        {
            "guest-a": 1,
            "guest-b": lambda arguments: arguments["some-n"] + 1,
            "guest-c": CommandError("broken"),
        }
    )
    assert ask(guest, "guest-a") == 1
    assert ask(guest, "guest-b", some_n=1) == 2
    with pytest.raises(CommandError, match="broken"):
        ask(guest, "guest-c")
    assert guest.calls == [("guest-a", {}), ("guest-b", {"some-n": 1}), ("guest-c", {})]


def test_knows_what_it_lacks_and_what_is_forbidden():
    guest = FakeGuest(disabled=["guest-ping"])
    with pytest.raises(CommandError, match="has not been found"):
        ask(guest, "guest-nope")
    with pytest.raises(CommandError, match="has been disabled"):
        ask(guest, "guest-ping")
    listed = {each["name"]: each["enabled"] for each in ask(guest, "guest-info")["supported_commands"]}
    assert listed["guest-ping"] is False
    assert listed["guest-sync"] is True


def test_has_files():
    guest = FakeGuest(files={"/f": b"hello"})
    handle = ask(guest, "guest-file-open", path="/f", mode="r+")
    assert ask(guest, "guest-file-read", handle=handle, count=2) == {
        "count": 2,
        "buf-b64": "aGU=",
        "eof": False,
    }
    assert ask(guest, "guest-file-seek", handle=handle, offset=0, whence="end")["position"] == 5
    assert ask(guest, "guest-file-write", handle=handle, buf_b64="ISE=", count=1)["count"] == 1
    assert ask(guest, "guest-file-flush", handle=handle) == {}
    assert guest.files == {"/f": b"hello!"}
    assert guest.open_files == ["/f"]
    ask(guest, "guest-file-close", handle=handle)
    assert guest.open_files == []
    with pytest.raises(CommandError, match="handle '1001' has not been found"):
        ask(guest, "guest-file-read", handle=handle)
    with pytest.raises(CommandError, match="No such file"):
        ask(guest, "guest-file-open", path="/nope")
