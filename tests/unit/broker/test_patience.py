from __future__ import annotations

from typing import Any, cast

import pytest

from guestwire.broker import patience
from guestwire.broker.turns import Job
from guestwire.wire.messages import Request


def job(name: str, *, void: bool = False) -> Job:
    made = Job(cast("Any", None), Request(name, None))
    made.void = void
    return made


@pytest.mark.parametrize("name", ["guest-fsfreeze-freeze", "guest-fsfreeze-thaw", "guest-fstrim"])
def test_what_waits_for_disks_has_its_time_even_when_nobody_waits(name: str) -> None:
    for void in (False, True):
        assert patience.of(job(name, void=void), 30) == patience.LONG_TIMEOUT


def test_others_have_the_guest_s_time_and_less_when_nobody_waits() -> None:
    assert patience.of(job("guest-ping"), 30) == 30
    assert patience.of(job("guest-ping", void=True), 30) == patience.VOID
