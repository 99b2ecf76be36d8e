import pytest

from guestwire.errors import (
    ChannelClosed,
    CommandDisabled,
    CommandError,
    CommandNotFound,
    ConfigError,
    GuestTimeout,
    ProtocolError,
)
from guestwire.web.work.reach import problem_of


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CommandDisabled("Command x has been disabled: denied by the broker's policy"), 403),
        (CommandError("denied by the broker's policy: path"), 403),
        (CommandDisabled("Command x has been disabled"), 409),
        (CommandNotFound("no x"), 409),
        (ChannelClosed("web1: silent: nothing answers"), 409),
        (GuestTimeout("no answer"), 504),
        (ProtocolError("nonsense"), 502),
        (CommandError("failed"), 502),
        (ConfigError("no guest"), 503),
    ],
)
def test_a_guest_s_trouble_as_http_s(error, status):
    assert problem_of(error).status == status


def test_a_guest_s_words_are_cleaned_and_cut():
    detail = problem_of(CommandError("\x1b[2J\u202e" + "x" * 10_000)).detail
    assert "\x1b" not in detail
    assert "\u202e" not in detail
    assert len(detail) <= 500
