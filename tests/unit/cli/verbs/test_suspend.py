"""`guestwire suspend`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.cli.verbs.test_shutdown import Off


@pytest.mark.parametrize(
    ("options", "asked", "said"),
    [
        ([], "guest-suspend-ram", "suspends to ram\n"),
        (["--mode", "disk"], "guest-suspend-disk", "suspends to disk\n"),
        (["--mode", "hybrid"], "guest-suspend-hybrid", "suspends to ram and disk\n"),
    ],
)
def test_every_mode(
    options: list[str], asked: str, said: str, stand_in: Callable[..., Any], run: Callable[..., Any]
) -> None:
    names = ("guest-suspend-ram", "guest-suspend-disk", "guest-suspend-hybrid")
    guest = stand_in("web1", Off(dict.fromkeys(names)))
    assert run("suspend", "web1", *options) == (0, said, "")
    assert guest.calls[-1][0] == asked
