"""`guestwire fs`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from guestwire.errors import CommandError
from guestwire.testing import FakeGuest

GIB = 1 << 30
DISK = {"pci-controller": {"domain": 0, "bus": 0, "slot": 2, "function": 0}, "bus-type": "virtio"}
DISK |= {"bus": 0, "target": 0, "unit": 0, "dev": "/dev/vda1"}
FILESYSTEMS = [
    {"name": "sr0", "mountpoint": "/media/a\tb", "type": "iso9660", "disk": []},
    {
        "name": "vda1",
        "mountpoint": "/",
        "type": "ext4",
        "used-bytes": 96 * GIB,
        "total-bytes": 100 * GIB,
        "disk": [DISK],
    },
    {"name": "vdb", "mountpoint": "/srv", "type": "xfs", "used-bytes": 5, "total-bytes": 0, "disk": []},
]

GOLDEN = """\
mounted on     device  type        size      used     free  full  on disk
/              vda1    ext4     100 GiB  96.0 GiB  4.0 GiB   96%  /dev/vda1
/media/a\\x09b  sr0     iso9660        -         -        -     -  -
/srv           vdb     xfs          0 B       5 B      0 B     -  -
"""


def test_people(stand_in: Callable[..., Any], run: Callable[..., Any]) -> None:
    stand_in("web1", FakeGuest({"guest-get-fsinfo": FILESYSTEMS}))
    assert run("fs", "web1").out == GOLDEN


def test_programs(stand_in: Callable[..., Any], run: Callable[..., Any]) -> None:
    stand_in("web1", FakeGuest({"guest-get-fsinfo": FILESYSTEMS}))
    stand_in("web2", FakeGuest({"guest-get-fsinfo": CommandError("no")}))
    assert json.loads(run("fs", "web1", "--json").out) == FILESYSTEMS
    both = run("fs", "web*", "--jsonl")
    assert both.status == 1
    lines = [json.loads(line) for line in both.out.splitlines()]
    assert {line["guest"]: "result" in line for line in lines} == {"web1": True, "web2": False}
