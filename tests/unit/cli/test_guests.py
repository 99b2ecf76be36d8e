"""How guests are named."""

from __future__ import annotations

import pytest

from guestwire import discovery
from guestwire.cli import guests
from guestwire.cli.guests import Guest
from guestwire.client import GuestAgent
from guestwire.discovery import Found, Located
from guestwire.errors import ConfigError
from guestwire.testing import FakeGuest
from tests.unit.cli.conftest import StandIn


@pytest.fixture
def host(stand_in: StandIn) -> None:
    for name in ("web1", "web2", "db"):
        stand_in(name, FakeGuest(), uuid=f"uuid-of-{name}")


def names(*words: str) -> list[str]:
    return [guest.name for guest in guests.find(words)]


def test_an_address_needs_no_discovery(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "discovered", lambda sources=None: pytest.fail("nobody asked for a name"))
    assert guests.find(["unix:/run/a.sock", "/run/a.sock", "tcp:h:1"]) == [
        Guest("unix:/run/a.sock", "unix:/run/a.sock"),
        Guest("tcp:h:1", "tcp:h:1"),
    ]


@pytest.mark.usefixtures("host")
def test_names_globs_lists_and_uuids() -> None:
    assert names("web*") == ["web1", "web2"]
    assert names("db,web2", "web[12]") == ["db", "web2", "web1"]
    assert names("uuid-of-db") == ["db"]
    assert guests.one("web1") == Guest("web1", "unix:/stand-in/web1")


@pytest.mark.usefixtures("host")
def test_what_names_no_guest_is_said() -> None:
    with pytest.raises(ConfigError, match=r"guest 'mail': no guest of this host has that name"):
        guests.find(["mail"])
    with pytest.raises(ConfigError, match=r"no guest of this host matches 'm\*'"):
        guests.find(["m*"])
    with pytest.raises(ConfigError, match="'web\\*' are several here \\(web1, web2\\): name one"):
        guests.one("web*")


def test_guests_without_a_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    located = [
        Located("off", "libvirt", reason="it is shut off"),
        Located("on", "libvirt", "unix:/a"),
        Located("mute", "qemu"),
    ]
    monkeypatch.setattr(guests, "discovered", lambda sources=None: Found([] if sources else located))
    with pytest.raises(ConfigError, match="guest 'off' cannot be reached: it is shut off"):
        guests.find(["off"])
    with pytest.raises(ConfigError, match="guest 'mute' cannot be reached: no address is known"):
        guests.find(["m*"])
    assert names("o*", "on") == ["on"]


def test_names_that_people_gave_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def discovered(sources: object = None) -> Found:
        asked.append(sources)
        return Found([Located("web1", "list", "unix:/a")])

    monkeypatch.setattr(guests, "discovered", discovered)
    assert names("web1") == ["web1"]
    assert asked == [("broker", "list")]
    assert names("web1", "web*") == ["web1"]
    assert asked[1:] == [None]


@pytest.mark.parametrize(
    ("words", "one"),
    [(["web1"], True), (["unix:/a[1],b"], True), (["web*"], False), (["a,b"], False), (["a", "b"], False)],
)
def test_whether_words_name_a_single_guest(words: list[str], one: bool) -> None:
    assert guests.is_one(words) is one


def test_discovery_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Found([Located("web1", "list", "unix:/a")])
    monkeypatch.setattr(discovery, "find", lambda sources=None: found)
    assert guests.discovered() is found


def interrupt(agent: GuestAgent) -> None:
    """As Ctrl-C in the middle of a call does."""
    agent.session.protocol.abandon()
    raise KeyboardInterrupt


def test_an_interrupted_call_settles_the_channel(stand_in: StandIn) -> None:
    guest = stand_in("web1", FakeGuest())
    with pytest.raises(KeyboardInterrupt), guests.connected(guests.one("web1"), 3) as agent:
        interrupt(agent)
    assert guest.calls == [("guest-ping", {})]
    assert agent.session.timeout == 3


def test_an_interrupt_is_passed_on_though_the_guest_is_gone(stand_in: StandIn) -> None:
    stand_in("web1", FakeGuest(), trouble=FileNotFoundError())
    with pytest.raises(KeyboardInterrupt), guests.connected(guests.one("web1")) as agent:
        interrupt(agent)
