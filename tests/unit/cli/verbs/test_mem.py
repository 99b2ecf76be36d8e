"""`guestwire mem`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from guestwire.testing import FakeGuest

StandIn = Callable[..., Any]
Run = Callable[..., Any]

MEMINFO = b"""MemTotal:        4194304 kB
MemFree:         1048576 kB
MemAvailable:    3145728 kB
Buffers:            1024 kB
Cached:          1047552 kB
SwapTotal:       1048576 kB
SwapFree:         524288 kB
HugePages_Total:       0
"""
OWN = {"memory": {"total": 4 << 30, "free": 1 << 30, "available": 3 << 30, "swap-total": 0, "swap-free": 0}}
BLOCKS = [{"phys-index": 0, "online": True}, {"phys-index": 1, "online": False, "can-offline": True}]
GOLDEN = """\
memory       4.0 GiB
in use       1.0 GiB (25%)
available    3.0 GiB
free         1.0 GiB
caches       1.0 GiB
swap         1.0 GiB
swap in use  512 MiB (50%)
blocks       1 of 2 online, 2.0 GiB each
"""
GOLDEN_OWN = """\
"""


def test_a_stock_agent(stand_in: StandIn, run: Run) -> None:
    answers = {"guest-get-memory-blocks": BLOCKS, "guest-get-memory-block-info": {"size": 2 << 30}}
    stand_in("web1", FakeGuest(answers, files={"/proc/meminfo": MEMINFO}))
    assert run("mem", "web1").out == GOLDEN
    told = json.loads(run("mem", "web1", "--json").out)
    assert told["memory"]["swap-free"] == 512 << 20
    assert (told["block_size"], told["blocks"], told["blocks_online"]) == (2 << 30, 2, 1)


def test_our_agent(stand_in: StandIn, run: Run) -> None:
    guest = stand_in("web1", FakeGuest({"guestwire-get-metrics": OWN}))
    assert run("mem", "web1").out == GOLDEN_OWN
    assert guest.calls[0] == ("guestwire-get-metrics", {"sections": ["memory"]})


def test_a_policy_that_forbids_files(stand_in: StandIn, run: Run) -> None:
    stand_in("web1", FakeGuest(disabled=["guest-file-open"]))
    assert "guest-file-open: Command guest-file-open has been disabled" in run("mem", "web1").err
    answers = {"guest-get-memory-blocks": BLOCKS, "guest-get-memory-block-info": {"size": 1 << 30}}
    stand_in("web2", FakeGuest(answers, disabled=["guest-file-open"]))
    assert run("mem", "web2").out == "blocks  1 of 2 online, 1.0 GiB each\n"


def test_nonsense_in_place_of_the_file(stand_in: StandIn, run: Run) -> None:
    stand_in("web1", FakeGuest(files={"/proc/meminfo": b"\xff\x1b[31mMemTotal: x kB\n"}))
    assert run("mem", "web1").out == ""
    stand_in("web2", FakeGuest(files={"/proc/meminfo": b"x" * (1 << 20)}))
    assert "goes on past 65536 bytes" in run("mem", "web2").err
