"""The requester and the provider against a stand-in for VSS, through real vtables."""

from __future__ import annotations

import threading

import pytest

from guestwire.agent.system.windows.com.reference import Reference
from guestwire.agent.system.windows.com.types import ComError
from guestwire.agent.system.windows.vss import errors, requester
from guestwire.agent.system.windows.vss.hold import Hold
from guestwire.agent.system.windows.vss.interfaces import IVssBackupComponents
from guestwire.agent.system.windows.vss.provider import Provider
from guestwire.agent.system.windows.vss.requester import Requester
from guestwire.errors import CommandError

from .coordinator import HOLD_WRITES_TIMEOUT, SET, Coordinator

C, D = "\\\\?\\Volume{c}\\", "\\\\?\\Volume{d}\\"


class Bench:
    def __init__(self, limit: float = 10.0, patience: float = 5.0) -> None:
        self.hold = Hold(limit)
        self.lost = threading.Event()
        self.hold.when_lost = self.lost.set
        self.provider = Provider(self.hold)
        self.vss = Coordinator(self.provider)
        reference = Reference(self.vss.address(), IVssBackupComponents)
        self.requester = Requester(self.hold, reference, 1, patience)

    def is_clean(self) -> bool:
        """Nothing is held, and all that VSS gave out has come back."""
        if self.vss.thread is not None:
            self.vss.thread.join(5)
        given = [one.references for one in self.vss._kept if hasattr(one, "references")]
        return self.hold.expected is None and not any(given) and self.vss.references == -1


def test_a_freeze_and_a_thaw() -> None:
    bench = Bench()
    assert bench.requester.freeze([C, D]) == 2
    assert bench.hold.reached.is_set()
    assert bench.hold.expected == SET
    assert bench.vss.volumes == [C, D]
    assert bench.requester.thaw() is None
    assert bench.vss.calls == [
        "InitializeForBackup",
        "GatherWriterMetadata",
        "StartSnapshotSet",
        "PrepareForBackup",
        "GatherWriterStatus",
        "FreeWriterStatus",
        "DoSnapshotSet",
        "BackupComplete",
    ]
    assert bench.is_clean()
    assert not bench.lost.is_set()


def test_the_kind_of_snapshot() -> None:
    """Persistent, with writers, not recovered, transportable; the last only where Windows knows it."""
    bench = Bench()
    bench.vss.faults["SetContext"] = errors.UNSUPPORTED_CONTEXT
    bench.requester.freeze([C])
    assert bench.requester.thaw() is None
    assert bench.vss.kinds == [0x2000000 | 0x2B, 0x2000000 | 0x0B, 1]


def test_volumes_that_cannot_be_held_are_passed_over() -> None:
    bench = Bench()
    bench.vss.unsupported = {C}
    bench.vss.faults[D] = errors.VOLUME_NOT_SUPPORTED
    assert bench.requester.freeze([C, D]) == 0
    assert "DoSnapshotSet" not in bench.vss.calls
    assert bench.vss.calls[-1] == "AbortBackup"
    assert bench.is_clean()


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("InitializeForBackup", 0x80070005),
        ("GatherWriterMetadata", 0x80042318),
        ("StartSnapshotSet", 0x80042316),
        ("IsVolumeSupported", errors.PROVIDER_NOT_REGISTERED),
        ("PrepareForBackup", 0x80042301),
        ("DoSnapshotSet", HOLD_WRITES_TIMEOUT),
        (C, 0x8004230D),
    ],
)
def test_a_step_that_fails(step: str, code: int) -> None:
    bench = Bench()
    bench.vss.faults[step] = code
    with pytest.raises(ComError) as caught:
        bench.requester.freeze([C])
    assert caught.value.code == code
    assert caught.value.what == (f"AddToSnapshotSet for {C}" if step == C else step)
    assert bench.vss.calls[-1] == "AbortBackup"
    assert bench.is_clean()


def test_a_writer_that_refuses() -> None:
    bench = Bench()
    bench.vss.writers = [(1, 0), (7, 0x800423F4)]
    with pytest.raises(CommandError) as caught:
        bench.requester.freeze([C])
    assert caught.value.desc == (
        f'VSS writer "{SET}" refuses: VSS_E_WRITERERROR_NONRETRYABLE (0x800423F4): '
        "it failed; trying again will not help"
    )
    assert "DoSnapshotSet" not in bench.vss.calls
    assert bench.is_clean()


def test_a_step_that_never_ends() -> None:
    bench = Bench(patience=0.05)
    bench.vss.never_ends = {"GatherWriterMetadata"}
    with pytest.raises(CommandError, match=r"GatherWriterMetadata: no end after 0\.05 seconds"):
        bench.requester.freeze([C])
    assert bench.is_clean()


def test_writes_that_are_never_held() -> None:
    bench = Bench(patience=0.05)
    bench.vss.never_ends = {"DoSnapshotSet"}
    with pytest.raises(CommandError, match=r"did not hold the writes within 0\.05 seconds"):
        bench.requester.freeze([C])
    assert bench.is_clean()


def test_a_snapshot_that_another_provider_made() -> None:
    bench = Bench()
    bench.vss.skips_provider = True
    with pytest.raises(CommandError, match="without asking our provider"):
        bench.requester.freeze([C])
    assert bench.is_clean()


def test_a_thaw_that_does_not_come_in_time() -> None:
    bench = Bench(limit=0.05)
    assert bench.requester.freeze([C]) == 1
    assert bench.lost.wait(5)
    fault = bench.requester.thaw()
    assert fault is not None
    assert fault.startswith("no thaw came within 0.05 seconds")
    assert bench.vss.calls[-1] == "AbortBackup"
    assert bench.is_clean()


def test_vss_aborts_while_writes_are_held() -> None:
    bench = Bench()
    bench.vss.abort_while_held = True
    assert bench.requester.freeze([C]) == 1
    assert bench.lost.wait(5)
    assert bench.requester.thaw() == "VSS has aborted the snapshot; the Application event log says why"
    assert bench.is_clean()


def test_vss_says_afterwards_that_it_did_not_hold() -> None:
    bench = Bench()
    bench.vss.after_hold = HOLD_WRITES_TIMEOUT
    assert bench.requester.freeze([C]) == 1
    assert bench.requester.thaw() == (
        "VSS failed at DoSnapshotSet: VSS_E_HOLD_WRITES_TIMEOUT (0x80042314): "
        "Windows holds writes for 10 seconds at most"
    )
    assert bench.is_clean()


def test_a_windows_that_misses_the_snapshot_at_the_end() -> None:
    """It was held until the thaw, and that is what counts."""
    bench = Bench()
    bench.vss.after_hold = errors.OBJECT_NOT_FOUND
    assert bench.requester.freeze([C]) == 1
    assert bench.requester.thaw() is None
    assert bench.vss.calls[-1] == "AbortBackup"
    assert bench.is_clean()


def test_an_end_that_never_comes() -> None:
    bench = Bench(patience=0.05)
    bench.vss.never_ends = {"BackupComplete"}
    assert bench.requester.freeze([C]) == 1
    assert bench.requester.thaw() == "VSS failed at BackupComplete: no end after 0.05 seconds"
    assert bench.is_clean()


def test_no_vss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requester.runtime, "enter", lambda: None)
    monkeypatch.setattr(requester, "function", lambda *_: lambda place: -2147467263)
    with pytest.raises(ComError) as caught:
        requester.connect(Hold(), 1)
    assert errors.failure(caught.value).desc == (
        "VSS failed at CreateVssBackupComponents: E_NOTIMPL (0x80004001): this Windows has no working VSS"
    )
