import pytest
from msgspec import Struct

from guestwire.client import codec
from guestwire.client.codec import Command, encode
from guestwire.errors import CommandDisabled, CommandError, CommandNotFound, ProtocolError


class Thing(Struct):
    size: int
    name: str | None = None


def test_a_request_is_one_line_of_json():
    assert encode("guest-ping") == b'{"execute":"guest-ping"}\n'
    assert encode("guest-x", {"text": "a\nb", "data": b"\0"}) == (
        b'{"execute":"guest-x","arguments":{"text":"a\\nb","data":"AA=="}}\n'
    )


def test_a_request_without_arguments_is_made_once():
    command = Command("guest-x")
    assert command.encode({}) is command.encode({"a": None}) is command.request


def test_results_are_typed():
    command = Command("guest-x", list[Thing])
    assert command.decode(b'{"return": [{"size": 1, "new": {}}]}\n') == [Thing(1)]


def test_results_of_any_type():
    assert Command("guest-x").decode(b'{"return": {"a": [1, 2.5, null]}}') == {"a": [1, 2.5, None]}


def test_no_result_is_none_whatever_the_guest_sends():
    for answer in (b'{"return": {}}\n', b'{"return": {}}\r\n', b'{"return": {"x": 1}}\n'):
        assert Command("guest-x", None).decode(answer) is None


def test_the_reason_of_a_refused_answer_names_the_place():
    with pytest.raises(ProtocolError, match=r"Expected `int`, got `str` - at `\$\.return\[0\]\.size`"):
        Command("guest-x", list[Thing]).decode(b'{"return": [{"size": "big"}]}')


@pytest.mark.parametrize(
    ("answer", "kind", "error_class"),
    [
        (b'{"error": {"class": "GenericError", "desc": "x"}}', CommandError, "GenericError"),
        (b'{"error": {"class": "CommandNotFound", "desc": "x"}}', CommandNotFound, "CommandNotFound"),
        (
            b'{"error": {"class": "CommandNotFound", "desc": "a has been disabled"}}',
            CommandDisabled,
            "CommandNotFound",
        ),
        (b'{"error": {"class": "Odd", "desc": "x", "data": {}}}', CommandError, "Odd"),
        (b'{"error": {"desc": "x"}}', CommandError, "GenericError"),
    ],
)
def test_error_answers_become_exceptions(answer, kind, error_class):
    with pytest.raises(CommandError) as caught:
        Command("guest-x", int).decode(answer)
    assert type(caught.value) is kind
    assert caught.value.error_class == error_class


def test_a_request_that_no_agent_takes_is_not_sent(monkeypatch):
    monkeypatch.setattr(codec, "LONGEST_REQUEST", 100)
    assert encode("guest-x", {"data": bytes(20)})
    with pytest.raises(ValueError, match="and no agent takes more than 100"):
        encode("guest-x", {"data": bytes(80)})
