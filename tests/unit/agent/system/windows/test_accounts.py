from __future__ import annotations

from guestwire.agent.system.windows.accounts import refusal
from guestwire.agent.system.windows.win32 import failure


def test_refusals_in_words() -> None:
    assert refusal(2221).strerror == "the user name could not be found"
    assert refusal(2351).strerror == "NetUserSetInfo failed with 2351"


def test_an_errors_full_stop_is_cut() -> None:
    assert (
        failure("failed to do it", OSError(5, "Access is denied.")).desc
        == "failed to do it: Access is denied"
    )
