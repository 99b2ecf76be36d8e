"""All sources together: faults stop nobody, and names lead to addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from guestwire.client.address import UnixAddress, resolve
from guestwire.discovery import Place, find, resolver, search
from guestwire.discovery.located import Fault, Located
from guestwire.errors import ConfigError


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A host with one listed guest and one process."""
    (tmp_path / "g.toml").write_text('[guests]\nweb1 = "unix:/run/web1.sock"\n')
    (tmp_path / "proc/42").mkdir(parents=True)
    (tmp_path / "proc/42/cmdline").write_bytes(b"qemu-kvm\0-name\0db1\0")
    return Place(root=tmp_path, run_dirs=(tmp_path,), lists=(tmp_path / "g.toml",))


def test_all_sources_are_asked(place: Place) -> None:
    found = find(place)
    assert [(guest.name, guest.source) for guest in found.guests] == [("db1", "qemu"), ("web1", "list")]
    assert found.faults == []


def test_sources_can_be_chosen(place: Place) -> None:
    assert [guest.name for guest in find(place, ["qemu"]).guests] == ["db1"]
    with pytest.raises(
        ConfigError, match="discovery source 'xen': there are broker, list, libvirt, qemu, proxmox"
    ):
        find(place, ["xen"])


def test_a_source_that_breaks_is_a_fault(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Place) -> tuple[list[Located], list[Fault]]:
        raise RuntimeError("no\nway")

    monkeypatch.setitem(search.SOURCES, "broker", broken)
    found = find(place)
    assert len(found.guests) == 2
    assert [str(fault) for fault in found.faults] == ["broker: source: RuntimeError: no\\nway"]


def test_this_host_can_be_looked_at() -> None:
    assert isinstance(find().guests, list)


def test_names_lead_to_addresses(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve("web1", resolver(place)) == UnixAddress("/run/web1.sock")
    with pytest.raises(
        ConfigError, match="guest 'db1': there is no way to its agent: QEMU was started without"
    ):
        resolve("db1", resolver(place))
    with pytest.raises(ConfigError, match="did you mean 'web1'"):
        resolve("web", resolver(place))
    monkeypatch.setitem(search.SOURCES, "libvirt", lambda place: pytest.fail("not asked for a listed name"))
    assert resolve("web1", resolver(place)) == UnixAddress("/run/web1.sock")


def test_a_guest_without_any_reason(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(search.SOURCES, "qemu", lambda place: ([Located("x", "qemu")], []))
    with pytest.raises(ConfigError, match="no address is known"):
        resolve("x", resolver(place))
