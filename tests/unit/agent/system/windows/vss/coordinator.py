"""A stand-in for the Volume Shadow Copy service: a COM object of its own, which calls the provider through its vtable.

It follows the order that Microsoft documents for a requester and a software provider, and runs the snapshot itself in
another thread, as VSS does. `faults` names the steps that fail, with their HRESULTs.
"""

from __future__ import annotations

import ctypes
import threading
from typing import Any

from guestwire.agent.system.windows.com.reference import Reference
from guestwire.agent.system.windows.com.server import ComObject
from guestwire.agent.system.windows.com.types import BOOL32, GUID, HRESULT, POINTER, ULONG, guid
from guestwire.agent.system.windows.vss import errors
from guestwire.agent.system.windows.vss.interfaces import (
    IVssAsync,
    IVssBackupComponents,
    IVssProviderCreateSnapshotSet,
    IVssProviderNotifications,
    IVssSoftwareSnapshotProvider,
)

SET = "11111111-2222-3333-4455-66778899aabb"
HOLD_WRITES_TIMEOUT = 0x80042314


class Async(ComObject):
    """A step under way; `finish` ends it."""

    interfaces = (IVssAsync,)

    def __init__(self) -> None:
        super().__init__()
        self.code = errors.ASYNC_PENDING
        self._done = threading.Event()

    def finish(self, code: int) -> None:
        self.code = code
        self._done.set()

    def Wait(self, milliseconds: int) -> int:
        self._done.wait(milliseconds / 1000)
        return 0

    def Cancel(self) -> int:
        self.finish(errors.ASYNC_CANCELLED)
        return 0

    def QueryStatus(self, place: int, _reserved: int | None) -> int:
        HRESULT.from_address(place).value = ctypes.c_int32(self.code).value
        return 0


class Coordinator(ComObject):
    """What CreateVssBackupComponents answers. `calls`: the methods called, in order."""

    interfaces = (IVssBackupComponents,)

    def __init__(self, provider: ComObject) -> None:
        self.calls: list[str] = []
        self.faults: dict[str, int] = {}
        self.writers: list[tuple[int, int]] = []  # (state, reason)
        self.unsupported: set[str] = set()
        self.volumes: list[str] = []
        self.kinds: list[int] = []
        self.after_hold = errors.ASYNC_FINISHED
        self.skips_provider = False
        self.abort_while_held = False
        self.never_ends: set[str] = set()
        self._provider = Reference(provider.address(), IVssSoftwareSnapshotProvider)
        self._kept: list[Any] = []
        self.thread: threading.Thread | None = None
        super().__init__()

    def __getattr__(self, name: str) -> Any:
        """Every other method succeeds, unless it is to fail; those in `_ASYNC` answer a step that has finished."""
        if name not in IVssBackupComponents.methods:
            raise AttributeError(name)
        return lambda *arguments: self._note(name, *arguments)

    def _note(self, name: str, *arguments: Any) -> int:
        self.calls.append(name)
        if name in ("GatherWriterMetadata", "PrepareForBackup", "GatherWriterStatus", "BackupComplete"):
            return self._async(name, arguments[-1])
        return self.faults.get(name, 0)

    def _async(self, name: str, place: int) -> int:
        made = Async()
        if name not in self.never_ends:
            made.finish(self.faults.get(name, errors.ASYNC_FINISHED))
        return self._give(made, place)

    def _give(self, made: Async, place: int) -> int:
        self._kept.append(made)
        made.AddRef()
        POINTER.from_address(place).value = made.address()
        return 0

    def SetContext(self, kind: int) -> int:
        self.kinds.append(kind)
        return errors.UNSUPPORTED_CONTEXT if kind & 0x20 and "SetContext" in self.faults else 0

    def SetBackupState(self, _components: int, _system: int, kind: int, _partial: int) -> int:
        self.kinds.append(kind)
        return 0

    def StartSnapshotSet(self, place: int) -> int:
        self.calls.append("StartSnapshotSet")
        ctypes.memmove(place, ctypes.addressof(guid(SET)), 16)
        return self.faults.get("StartSnapshotSet", 0)

    def IsVolumeSupported(self, provider: GUID, volume: str, place: int) -> int:
        if "IsVolumeSupported" in self.faults:
            return self.faults["IsVolumeSupported"]
        code = self._provider.attempt("IsVolumeSupported", volume, place)
        if volume in self.unsupported:
            BOOL32.from_address(place).value = 0
        return code

    def AddToSnapshotSet(self, volume: str, provider: GUID, place: int) -> int:
        if volume in self.faults:
            return self.faults[volume]
        self.volumes.append(volume)
        return self._provider.attempt("BeginPrepareSnapshot", guid(SET), guid(SET), volume, 0)

    def GetWriterStatusCount(self, place: int) -> int:
        ULONG.from_address(place).value = len(self.writers)
        return 0

    def GetWriterStatus(self, index: int, *places: int) -> int:
        ctypes.memmove(places[1], ctypes.addressof(guid(SET)), 16)
        HRESULT.from_address(places[3]).value = self.writers[index][0]
        HRESULT.from_address(places[4]).value = ctypes.c_int32(self.writers[index][1]).value
        return 0

    def DoSnapshotSet(self, place: int) -> int:
        self.calls.append("DoSnapshotSet")
        made = Async()
        self._give(made, place)
        if "DoSnapshotSet" in self.never_ends:
            return 0
        self.thread = threading.Thread(target=self._snapshot, args=(made,))
        self.thread.start()
        return 0

    def _snapshot(self, made: Async) -> None:
        if "DoSnapshotSet" in self.faults:
            made.finish(self.faults["DoSnapshotSet"])
            return
        notifications = self._provider.query(IVssProviderNotifications)
        steps = self._provider.query(IVssProviderCreateSnapshotSet)
        notifications.call("OnLoad", None)
        self._provider.call("SetContext", 0)
        snapshot_set = guid(SET)
        code = 0
        for step in ("EndPrepareSnapshots", "PreCommitSnapshots", "CommitSnapshots"):
            if self.skips_provider:
                break
            if step == "CommitSnapshots" and self.abort_while_held:
                timer = threading.Timer(0.05, lambda: steps.attempt("AbortSnapshots", snapshot_set))
                timer.start()
            code = code or steps.attempt(step, snapshot_set)
        if code:
            steps.call("AbortSnapshots", snapshot_set)
        else:
            steps.call("PostCommitSnapshots", snapshot_set, len(self.volumes))
            steps.call("PreFinalCommitSnapshots", snapshot_set)
            steps.call("PostFinalCommitSnapshots", snapshot_set)
        notifications.call("OnUnload", 1)
        notifications.release()
        steps.release()
        made.finish(code or self.after_hold)
