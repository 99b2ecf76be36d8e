"""Who may run what. QEMU's rules for both lists, and the frozen state above them."""

from __future__ import annotations

from guestwire.agent.gate import ALLOWED_WHEN_FROZEN, Gate


def test_everything_is_permitted_without_lists() -> None:
    assert Gate().permits("guest-ping", ())
    assert Gate(allow=[]).permits("guest-ping", ())


def test_an_allow_list_denies_the_rest() -> None:
    gate = Gate(allow=["guest-ping"])
    assert gate.permits("guest-ping", ())
    assert not gate.permits("guest-info", ())


def test_the_block_list_wins() -> None:
    assert not Gate(allow=["guest-ping"], block=["guest-ping"]).permits("guest-ping", ())


def test_frozen_overrides_both_lists() -> None:
    gate = Gate(allow=["guest-exec"], block=["guest-ping"])
    gate.frozen = True
    assert gate.permits("guest-ping", (ALLOWED_WHEN_FROZEN,))
    assert not gate.permits("guest-exec", ())
    gate.frozen = False
    assert gate.permits("guest-exec", ())
