"""Every verb that shows something, on guests whose answers are wrong: no traceback, no control character, one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from guestwire.cli import guests
from guestwire.cli.guests import Guest
from guestwire.cli.main import main
from guestwire.client import transports, types
from guestwire.testing import FakeGuest, MemoryChannel
from tests.hostile.shapes import sample, spoilt

Verb = tuple[list[str], dict[str, Any]]

HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

VERBS: dict[str, Verb] = {
    "fs": (["fs"], {"guest-get-fsinfo": list[types.GuestFilesystemInfo]}),
    "disks": (["disks"], {"guest-get-disks": list[types.GuestDiskInfo]}),
    "disks --stats": (["disks", "--stats"], {"guest-get-diskstats": list[types.GuestDiskStatsInfo]}),
    "net": (["net"], {"guest-network-get-interfaces": list[types.GuestNetworkInterface]}),
    "net --routes": (["net", "--routes"], {"guest-network-get-route": list[types.GuestNetworkRoute]}),
    "cpu": (
        ["cpu"],
        {
            "guest-get-vcpus": list[types.GuestLogicalProcessor],
            "guest-get-load": types.GuestLoadAverage,
            "guest-get-cpustats": list[types.GuestCpuStats],
        },
    ),
    "mem": (
        ["mem"],
        {
            "guestwire-get-metrics": types.GuestwireMetrics,
            "guest-get-memory-blocks": list[types.GuestMemoryBlock],
            "guest-get-memory-block-info": types.GuestMemoryBlockInfo,
        },
    ),
    "users": (["users"], {"guest-get-users": list[types.GuestUser]}),
    "time": (["time"], {"guest-get-time": int}),
    "trim": (["trim"], {"guest-fstrim": types.GuestFilesystemTrimResponse}),
    "freeze": (["freeze"], {"guest-fsfreeze-freeze": int}),
    "thaw": (["thaw", "--timeout", "0.01"], {"guest-fsfreeze-thaw": int}),
}


@pytest.fixture
def on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a verb on a guest with these answers."""

    def on(words: list[str], answers: dict[str, Any]) -> tuple[int, str, str]:
        peer = FakeGuest({"guest-fsfreeze-thaw": 0, **answers})
        monkeypatch.setattr(transports, "blocking", lambda address, resolver=None: MemoryChannel(peer))
        monkeypatch.setattr(guests, "find", lambda words: [Guest("web1", "unix:/nowhere")])
        status = main([*words, "web1"])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return on


def wrong_answers(kinds: dict[str, Any]) -> Iterator[dict[str, Any]]:
    right = {name: sample(kind) for name, kind in kinds.items()}
    for name in kinds:
        for value in spoilt(right[name]):
            yield {**right, name: value}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("form", ["people", "programs"])
def test_a_verb(verb: str, form: str, on: Callable[..., tuple[int, str, str]]) -> None:
    words, kinds = VERBS[verb]
    every = list(wrong_answers(kinds))
    step = max(1, len(every) // 150)  # the large ones are thinned out
    failed = 0
    for answers in every[::step]:
        status, out, err = on([*words, *(["--json"] if form == "programs" else [])], answers)
        assert status in (0, 1), answers
        assert not HARMFUL.search(out + err), answers
        assert err == "" or (err.startswith("guestwire: web1") and err.count("\n") == 1), err
        assert bool(err) <= (status == 1)
        failed += status
    assert failed
