from __future__ import annotations

from guestwire.agent.version import QEMU_VERSION


def test_it_is_three_numbers_as_clients_parse_it() -> None:
    assert [part.isdigit() for part in QEMU_VERSION.split(".")] == [True, True, True]
