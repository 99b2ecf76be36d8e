from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from guestwire.agent.commands.windows import devices as commands
from guestwire.agent.system.windows import devnodes
from guestwire.agent.system.windows.devnodes import filetime, guid_bytes, pci_id, property_key, split_list

if TYPE_CHECKING:
    import pytest

NIC = r"PCI\VEN_1AF4&DEV_1041&SUBSYS_11001AF4&REV_01\4&2A1B&0&0012"


def test_guids_lie_in_memory_with_three_numbers_turned() -> None:
    assert guid_bytes("a8b865dd2e3d4094ad97e593a70c75d6").hex() == "dd65b8a83d2e9440ad97e593a70c75d6"
    key = property_key(devnodes.DRIVER_VERSION)
    assert (bytes(key.fmtid)[:4].hex(), key.pid) == ("dd65b8a8", 3)


def test_identities() -> None:
    assert pci_id(NIC) == (0x1AF4, 0x1041)
    assert pci_id(r"pci\ven_8086&dev_2918\3") == (0x8086, 0x2918)
    assert pci_id(r"USB\VID_0627&PID_0001\28754") is None
    assert pci_id("PCI\\VEN_XX") is None


def test_lists() -> None:
    assert split_list("one\0two\0\0") == ["one", "two"]
    assert split_list("\0") == []


def test_times() -> None:
    assert filetime((116_444_736_000_000_000 + 10_000_000).to_bytes(8, "little")) == 10**9


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {devnodes.NAME: "Red Hat VirtIO Ethernet Adapter", devnodes.DRIVER_VERSION: "100.85.104.20200"}
    node: Any = SimpleNamespace(text=texts.get, time=lambda name: 7)
    nameless: Any = SimpleNamespace(text=lambda name: None, time=lambda name: None)

    def find(instance: str) -> Any:
        if "GONE" in instance:
            raise OSError(0, "CM_Locate_DevNode failed with 13")
        return node if instance == NIC else nameless

    names = [NIC, r"PCI\VEN_8086&DEV_0001\1", r"PCI\VEN_8086&DEV_0002\GONE", "PCI\\ROOT"]
    monkeypatch.setattr(devnodes, "pci_devices", lambda: names)
    monkeypatch.setattr(devnodes.Node, "find", find)
    assert commands.guest_get_devices() == [
        {
            "driver-name": "Red Hat VirtIO Ethernet Adapter",
            "driver-date": 7,
            "driver-version": "100.85.104.20200",
            "id": {"type": "pci", "vendor-id": 0x1AF4, "device-id": 0x1041},
        }
    ]
