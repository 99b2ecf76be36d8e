"""Freezing on Windows, with VSS played by `vss/coordinator.py`, and the whole freezer above it."""

from __future__ import annotations

import pytest

from guestwire.agent.system.windows import freeze, volumes
from guestwire.agent.system.windows.com.reference import Reference
from guestwire.agent.system.windows.com.types import ComError
from guestwire.agent.system.windows.freeze import Freezing, choose
from guestwire.agent.system.windows.vss import offering, options, requester
from guestwire.agent.system.windows.vss.hold import Hold
from guestwire.agent.system.windows.vss.interfaces import IVssBackupComponents
from guestwire.agent.system.windows.vss.provider import Provider
from guestwire.errors import CommandError
from tests.unit.agent.freezing import Bench, eventually

from .vss.coordinator import HOLD_WRITES_TIMEOUT, Coordinator

C, D, CD = "\\\\?\\Volume{c}\\", "\\\\?\\Volume{d}\\", "\\\\?\\Volume{cd}\\"
PLACES = {C: ["C:\\"], D: ["D:\\", "C:\\data\\"], CD: ["E:\\"]}


class World:
    """The freezer on its bench, over the real `Freezing`, requester and provider."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hold = Hold(limit=10)
        self.provider = Provider(self.hold)
        self.made: list[Coordinator] = []
        self.faults: dict[str, int] = {}
        self.bench = Bench()
        self.bench.agent.config.fsfreeze_hook = None
        self.freezer = self.bench.freezer
        self.freezer._system = None
        monkeypatch.setattr("guestwire.agent.platform.current", lambda: "windows")
        monkeypatch.setattr(offering, "offered", lambda: self.hold)
        monkeypatch.setattr(options, "backup_type", lambda: 1)
        monkeypatch.setattr(requester, "connect", self.connect)
        monkeypatch.setattr(volumes, "volumes", lambda: iter(PLACES))
        monkeypatch.setattr(volumes, "mount_points", PLACES.__getitem__)
        monkeypatch.setattr(volumes, "is_fixed", lambda volume: volume != CD)

    def connect(self, hold: Hold, kind: int) -> requester.Requester:
        coordinator = Coordinator(self.provider)
        coordinator.faults.update(self.faults)
        self.made.append(coordinator)
        return requester.Requester(hold, Reference(coordinator.address(), IVssBackupComponents), kind, 5.0)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_a_freeze_counts_volumes(world: World) -> None:
    assert world.freezer.status() == "thawed"
    assert world.freezer.freeze() == 2
    assert world.freezer.status() == "frozen"
    assert world.bench.agent.gate.frozen
    with pytest.raises(CommandError, match="already being frozen"):
        world.freezer.freeze()
    assert world.freezer.thaw() == 2
    assert world.freezer.status() == "thawed"
    assert world.freezer.thaw() == 0
    assert world.bench.calls == ["clear", "clear"], (
        "a freeze of VSS leaves no mark: it does not outlast the agent"
    )
    assert world.freezer.freeze() == 2
    assert world.freezer.thaw() == 2


def test_only_some_volumes(world: World) -> None:
    assert world.freezer.freeze({b"c:/DATA"}) == 1
    assert world.made[0].volumes == [D]
    assert world.freezer.thaw() == 1
    assert world.freezer.freeze(set()) == 0
    assert world.freezer.freeze({b"E:\\", b"X:\\"}) == 0
    assert world.freezer.status() == "thawed"
    assert len(world.made) == 1


def test_a_failure_names_step_and_meaning(world: World) -> None:
    world.faults["DoSnapshotSet"] = HOLD_WRITES_TIMEOUT
    with pytest.raises(CommandError) as caught:
        world.freezer.freeze()
    assert caught.value.desc.startswith(
        "VSS failed at DoSnapshotSet: VSS_E_HOLD_WRITES_TIMEOUT (0x80042314): "
    )
    assert world.freezer.status() == "thawed"
    assert not world.bench.agent.gate.frozen
    world.faults.clear()
    assert world.freezer.freeze() == 2
    assert world.freezer.thaw() == 2


def test_no_vss(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> Hold:
        raise FileNotFoundError(2, "Could not find module 'vssapi'.")

    monkeypatch.setattr(offering, "offered", missing)
    with pytest.raises(CommandError, match=r"^VSS cannot be used: Could not find module 'vssapi'$"):
        world.freezer.freeze()

    def refused(*_: object) -> Hold:
        raise ComError("CoRegisterClassObject", 0x80004015)

    monkeypatch.setattr(offering, "offered", refused)
    with pytest.raises(CommandError, match=r"^VSS failed at CoRegisterClassObject: HRESULT 0x80004015$"):
        world.freezer.freeze()
    assert not world.bench.agent.gate.frozen


def test_windows_ends_the_freeze(world: World) -> None:
    """The agent is thawed at once, and the host's thaw tells that its snapshot is worth nothing."""
    world.hold._limit = 0.05
    assert world.freezer.freeze() == 2
    eventually(lambda: world.freezer.deadline is not None)
    world.freezer.expire()  # as the warden does at the deadline
    assert world.freezer.status() == "thawed"
    assert not world.bench.agent.gate.frozen
    why = "no thaw came within 0.05 seconds, and Windows holds writes for 10 at most"
    assert world.bench.record.lines[-1] == f"{why}: thawed 2 filesystems"
    with pytest.raises(CommandError) as caught:
        world.freezer.thaw()
    assert caught.value.desc == f"the filesystems were not frozen until the thaw: {why}"
    assert world.freezer.thaw() == 0, "it is told once"


def test_a_new_freeze_forgets_what_the_last_one_lost(world: World) -> None:
    world.hold._limit = 0.05
    world.freezer.freeze()
    eventually(lambda: world.freezer.deadline is not None)
    world.freezer.expire()
    world.hold._limit = 10
    assert world.freezer.freeze() == 2
    assert world.freezer.thaw() == 2


def test_choice() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(volumes, "volumes", lambda: iter(PLACES))
        patch.setattr(volumes, "mount_points", PLACES.__getitem__)
        patch.setattr(volumes, "is_fixed", lambda volume: volume != CD)
        assert choose(None) == [C, D]
        assert choose({b"C:"}) == [C]
        assert choose({D.encode()}) == [D]
        assert choose({b"C:\\dat"}) == []


def test_there_is_no_hook() -> None:
    system = Freezing()
    assert freeze.Volumes(None).path == b"the volumes"
    assert system.thaw(1) == 0
    with pytest.raises(CommandError, match="no fsfreeze hook on Windows"):
        system.run_hook("hook", "freeze", 1.0)
