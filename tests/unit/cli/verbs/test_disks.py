"""`guestwire disks`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from guestwire.testing import FakeGuest

StandIn = Callable[..., Any]
Run = Callable[..., Any]

DISKS = [
    {
        "name": "/dev/vda",
        "partition": False,
        "address": {
            "pci-controller": {"domain": 0, "bus": 0, "slot": 2, "function": 0},
            "bus-type": "virtio",
            "bus": 0,
            "target": 0,
            "unit": 0,
            "serial": "A\x1b1",
        },
    },
    {"name": "/dev/vda1", "partition": True, "dependencies": ["/dev/vda"]},
    {"name": "/dev/dm-0", "partition": False, "dependencies": ["/dev/vda1", "/dev/vdb"], "alias": "vg-root"},
    {
        "name": "/dev/sda",
        "partition": False,
        "address": {
            "pci-controller": {"domain": -1, "bus": -1, "slot": -1, "function": -1},
            "bus-type": "usb",
            "bus": 1,
            "target": 2,
            "unit": 3,
        },
    },
]
STATS = [
    {"name": "vda", "major": 8, "minor": 0, "stats": {"read-sectors": 2048, "read-ios": 7, "ios-pgr": 0}}
]
GOLDEN = """\
device     kind       made of              alias    attached at                serial
/dev/dm-0  disk       /dev/vda1, /dev/vdb  vg-root  -                          -
/dev/sda   disk       -                    -        usb 1:2:3                  -
/dev/vda   disk       -                    -        virtio 0000:00:02.0 0:0:0  A\\x1b1
/dev/vda1  partition  /dev/vda             -        -                          -
"""
GOLDEN_STATS = """\
device     read  written  reads  writes  flushes  under way
vda     1.0 MiB        -      7       -        -          0
"""


def test_people(stand_in: StandIn, run: Run) -> None:
    stand_in("web1", FakeGuest({"guest-get-disks": DISKS, "guest-get-diskstats": STATS}))
    assert run("disks", "web1").out == GOLDEN
    assert run("disks", "web1", "--stats").out == GOLDEN_STATS


def test_programs(stand_in: StandIn, run: Run) -> None:
    stand_in("web1", FakeGuest({"guest-get-disks": DISKS, "guest-get-diskstats": STATS}))
    assert json.loads(run("disks", "web1", "--json").out) == DISKS
    assert json.loads(run("disks", "web1", "--stats", "--json").out) == STATS
