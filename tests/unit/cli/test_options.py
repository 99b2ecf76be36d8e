"""Options that verbs share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("value", ["nan", "0", "-1", "soon"])
def test_what_is_no_timeout(run: Callable[..., Any], value: str) -> None:
    said = run("info", "unix:/nonexistent", "--timeout", value)
    assert said.status == 2
    assert "'--timeout'" in said.err


def test_no_end_is_one(run: Callable[..., Any]) -> None:
    assert run("info", "unix:/nonexistent", "--timeout", "inf").status == 1
