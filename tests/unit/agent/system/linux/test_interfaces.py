from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from guestwire.agent.system.linux import interfaces, netlink
from guestwire.agent.system.linux.interfaces import Interfaces, counters, group
from tests.unit.agent.system.linux.test_netlink import captured
from tests.unit.agent.trees import fixture, plant

if TYPE_CHECKING:
    from pathlib import Path


class Kernel:
    """Stands for the netlink module: serves captured tables and counts how often it was asked."""

    def __init__(self) -> None:
        self.change = False
        self.dumps = 0
        self.error: OSError | None = None

    def changed(self) -> bool:
        return self.change

    def close(self) -> None:
        pass

    def dump(self, kind: int) -> bytes:
        self.dumps += 1
        if self.error:
            raise self.error
        return captured("links" if kind == netlink.GETLINK else "addresses")


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    kernel = Kernel()
    monkeypatch.setattr(netlink, "dump", kernel.dump)
    monkeypatch.setattr(netlink, "Watch", lambda: kernel)
    return kernel


def test_read_again_only_after_a_change(kernel: Kernel) -> None:
    table = Interfaces()
    first = table.current()
    assert [name for name, *_ in first] == ["lo", "ifb0", "ifb1", "eth0"]
    assert table.current() is first
    assert kernel.dumps == 2
    kernel.change = True
    assert table.current() == first
    assert kernel.dumps == 4


def test_after_a_failure_asked_again(kernel: Kernel) -> None:
    table = Interfaces()
    kernel.error = PermissionError(1, "no")
    with pytest.raises(PermissionError):
        table.current()
    kernel.error = None
    assert len(table.current()) == 4


def test_group_by_label_and_link() -> None:
    links = [(1, "lo", bytes(6)), (2, "eth0", b"\2\1\2\3\4\5"), (3, "wg0", b""), (4, "ib0", bytes(range(20)))]
    addresses = [
        (2, "eth0", "ipv4", "192.0.2.1", 24),
        (2, "eth0:1", "ipv4", "192.0.2.2", 24),
        (9, "gone0", "ipv4", "192.0.2.9", 24),
        (2, "", "ipv6", "fe80::1", 64),
    ]
    assert group(links, addresses) == [
        ("lo", "00:00:00:00:00:00", []),
        ("eth0", "02:01:02:03:04:05", [("ipv4", "192.0.2.1", 24), ("ipv6", "fe80::1", 64)]),
        ("wg0", "00:00:00:00:00:00", []),
        ("ib0", "00:01:02:03:04:05", []),
        ("eth0:1", "02:01:02:03:04:05", [("ipv4", "192.0.2.2", 24)]),
    ]


def test_counters(tmp_path: Path) -> None:
    plant(tmp_path, {"proc/net/dev": fixture("proc/6.18/net/dev") + b"  a:b: 1 2 3 4 5 6 7 8 9 10 11 12\n"})
    table = counters(str(tmp_path))
    assert set(table) == {"lo", "ifb0", "ifb1", "eth0", "a:b"}
    assert table["a:b"][interfaces.TX_DROPPED] == 12
    assert counters(str(tmp_path / "none")) == {}
