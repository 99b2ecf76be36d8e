"""The provider: it makes no snapshots, it only holds VSS where all writes are held (`hold.py`).

VSS calls it from the Volume Shadow Copy service, in threads of the COM runtime. Any other program's snapshot is none
of its business: it says that it supports no volume unless the agent's own snapshot set is on its way. While
CommitSnapshots runs, nothing here may touch a disk.
"""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.com.server import ComObject, Factory
from guestwire.agent.system.windows.com.types import (
    BOOL32,
    E_NOTIMPL,
    E_POINTER,
    GUID,
    LONG,
    POINTER,
    S_FALSE,
    ULONG,
)
from guestwire.agent.system.windows.vss.errors import OBJECT_NOT_FOUND, PROVIDER_VETO
from guestwire.agent.system.windows.vss.interfaces import (
    IVssEnumObject,
    IVssProviderCreateSnapshotSet,
    IVssProviderNotifications,
    IVssSoftwareSnapshotProvider,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guestwire.agent.system.windows.vss.hold import Hold

ID = "82537e00-1a54-4929-bfcf-e3f9fef56450"
CLASS = "7743385f-9bb4-48cb-928d-0345e8de5102"


class Provider(ComObject):
    """All three interfaces that VSS asks of a software provider. Every method answers an HRESULT."""

    interfaces = (IVssSoftwareSnapshotProvider, IVssProviderCreateSnapshotSet, IVssProviderNotifications)

    def __init__(self, hold: Hold) -> None:
        super().__init__()
        self._hold = hold
        self._nothing = NoSnapshots()

    # IVssProviderNotifications

    def OnLoad(self, _callback: int | None) -> int:
        """VSS has loaded the provider."""
        return 0

    def OnUnload(self, _force: int) -> int:
        """VSS lets go of it."""
        return 0

    # IVssSoftwareSnapshotProvider

    def SetContext(self, _context: int) -> int:
        """Any kind of snapshot is none here."""
        return 0

    def IsVolumeSupported(self, _volume: str | None, place: int | None) -> int:
        """Every volume, while the agent freezes; else none."""
        if not place:
            return E_POINTER
        BOOL32.from_address(place).value = self._hold.expected is not None
        return 0

    def IsVolumeSnapshotted(self, _volume: str | None, present: int | None, compatibility: int | None) -> int:
        """There is never a snapshot of ours."""
        if not present or not compatibility:
            return E_POINTER
        BOOL32.from_address(present).value = 0
        LONG.from_address(compatibility).value = 0
        return 0

    def BeginPrepareSnapshot(
        self, snapshot_set: GUID, _snapshot: GUID, _volume: str | None, _kind: int
    ) -> int:
        """A volume joins the set."""
        return self._refuse_others(snapshot_set)

    def GetSnapshotProperties(self, _snapshot: GUID, _properties: int | None) -> int:
        """No snapshot of ours exists."""
        return OBJECT_NOT_FOUND

    def Query(self, _queried: GUID, _kind: int, _wanted: int, place: int | None) -> int:
        """A list of snapshots, always empty."""
        if not place:
            return E_POINTER
        self._nothing.AddRef()
        POINTER.from_address(place).value = self._nothing.address()
        return S_FALSE

    def DeleteSnapshots(
        self, _source: GUID, _kind: int, _force: int, deleted: int | None, kept: int | None
    ) -> int:
        """There are none to delete."""
        if not deleted or not kept:
            return E_POINTER
        LONG.from_address(deleted).value = 0
        ctypes.memset(kept, 0, ctypes.sizeof(GUID))
        return OBJECT_NOT_FOUND

    def SetSnapshotProperty(self, _snapshot: GUID, _property: int, _value: Any) -> int:
        """There is none to describe."""
        return E_NOTIMPL

    def RevertToSnapshot(self, _snapshot: GUID) -> int:
        """There is none to go back to."""
        return E_NOTIMPL

    def QueryRevertStatus(self, _volume: str | None, _place: int | None) -> int:
        """Nothing is being reverted."""
        return E_NOTIMPL

    # IVssProviderCreateSnapshotSet, in the order in which VSS calls

    def EndPrepareSnapshots(self, snapshot_set: GUID) -> int:
        """All volumes have joined."""
        return self._refuse_others(snapshot_set)

    def PreCommitSnapshots(self, snapshot_set: GUID) -> int:
        """Programs are frozen, writes not yet."""
        return self._refuse_others(snapshot_set)

    def CommitSnapshots(self, snapshot_set: GUID) -> int:
        """Writes are held as long as this runs."""
        return 0 if self._hold.commit(str(snapshot_set)) else PROVIDER_VETO

    def PostCommitSnapshots(self, _set: GUID, _count: int) -> int:
        """Writes go on."""
        return 0

    def PreFinalCommitSnapshots(self, _set: GUID) -> int:
        """Nothing to recover."""
        return 0

    def PostFinalCommitSnapshots(self, _set: GUID) -> int:
        """All is over."""
        return 0

    def AbortSnapshots(self, snapshot_set: GUID) -> int:
        """VSS or a program has given up; it may call this at any time."""
        if str(snapshot_set) == self._hold.expected:
            self._hold.lose("VSS has aborted the snapshot; the Application event log says why")
        return 0

    def _refuse_others(self, snapshot_set: GUID) -> int:
        return 0 if str(snapshot_set) == self._hold.expected else PROVIDER_VETO


class NoSnapshots(ComObject):
    """A list with nothing in it."""

    interfaces = (IVssEnumObject,)

    def Next(self, _count: int, _place: int | None, fetched: int | None) -> int:
        """None left."""
        if fetched:
            ULONG.from_address(fetched).value = 0
        return S_FALSE

    def Skip(self, _count: int) -> int:
        """None to pass over."""
        return S_FALSE

    def Reset(self) -> int:
        """Where it was."""
        return 0

    def Clone(self, place: int | None) -> int:
        """One empty list is as good as another."""
        if not place:
            return E_POINTER
        self.AddRef()
        POINTER.from_address(place).value = self.address()
        return 0


def factory(hold: Hold) -> Factory:
    """The class object that VSS makes the provider with."""
    return Factory(Provider(hold))
