"""The places in the vtables, as a C compiler counts them in the headers (offsetof / sizeof(void *))."""

from __future__ import annotations

import ctypes

import pytest

from guestwire.agent.system.windows.vss import interfaces

SLOTS = [
    ("IVssBackupComponents", "InitializeForBackup", 5),
    ("IVssBackupComponents", "SetBackupState", 6),
    ("IVssBackupComponents", "GatherWriterMetadata", 9),
    ("IVssBackupComponents", "PrepareForBackup", 14),
    ("IVssBackupComponents", "AbortBackup", 15),
    ("IVssBackupComponents", "GatherWriterStatus", 16),
    ("IVssBackupComponents", "GetWriterStatusCount", 17),
    ("IVssBackupComponents", "FreeWriterStatus", 18),
    ("IVssBackupComponents", "GetWriterStatus", 19),
    ("IVssBackupComponents", "BackupComplete", 27),
    ("IVssBackupComponents", "SetContext", 35),
    ("IVssBackupComponents", "StartSnapshotSet", 36),
    ("IVssBackupComponents", "AddToSnapshotSet", 37),
    ("IVssBackupComponents", "DoSnapshotSet", 38),
    ("IVssBackupComponents", "IsVolumeSupported", 44),
    ("IVssBackupComponents", "QueryRevertStatus", 50),
    ("IVssAsync", "QueryStatus", 5),
    ("IVssEnumObject", "Clone", 6),
    ("IVssAdmin", "AbortAllSnapshotsInProgress", 6),
    ("IVssSoftwareSnapshotProvider", "QueryRevertStatus", 12),
    ("IVssProviderCreateSnapshotSet", "AbortSnapshots", 9),
    ("IVssProviderNotifications", "OnUnload", 4),
]


@pytest.mark.parametrize(("interface", "method", "slot"), SLOTS)
def test_slots(interface: str, method: str, slot: int) -> None:
    assert getattr(interfaces, interface).slot(method) == slot


def test_sizes() -> None:
    assert ctypes.sizeof(interfaces.VARIANT) == 8 + 2 * ctypes.sizeof(ctypes.c_void_p)
    assert bytes(interfaces.NIL) == bytes(16)
