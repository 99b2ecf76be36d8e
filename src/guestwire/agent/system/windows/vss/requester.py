"""The requester: it asks VSS for a snapshot of some volumes, by our own provider, in the documented order.

All of it may run in any thread: the process has the multi-threaded apartment.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress
from time import monotonic

from guestwire.agent.system.windows.com import runtime
from guestwire.agent.system.windows.com.reference import Reference
from guestwire.agent.system.windows.com.types import BOOL32, GUID, HRESULT, POINTER, ULONG, ComError, guid
from guestwire.agent.system.windows.vss import errors, provider
from guestwire.agent.system.windows.vss.interfaces import (
    APP_ROLLBACK,
    EXPORT,
    FIRST_FAILED_STATE,
    LAST_FAILED_STATE,
    NO_AUTORECOVERY,
    TRANSPORTABLE,
    TXF_RECOVERY,
    IVssAsync,
    IVssBackupComponents,
)
from guestwire.agent.system.windows.win32 import function
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from guestwire.agent.system.windows.vss.hold import Hold

# Seconds that VSS may take for a step, and until writes are held: writers have 60 of their own.
PATIENCE = 60.0
_TICK = 100  # milliseconds between two looks at an unfinished step
_COMPONENTS, _SYSTEM_STATE, _PARTIAL_FILES = 0, 1, 0
_NOT_OURS = (errors.VOLUME_NOT_SUPPORTED, errors.VOLUME_NOT_SUPPORTED_BY_PROVIDER)


class Requester:
    """One snapshot set: `freeze` once, then `thaw` once."""

    def __init__(self, hold: Hold, backup: Reference, kind: int, patience: float = PATIENCE) -> None:
        self._hold = hold
        self._backup = backup
        self._kind = kind
        self._patience = patience
        self._snapshot: Reference | None = None  # the IVssAsync of the snapshot itself

    def freeze(self, volumes: Iterable[str]) -> int:
        """Have VSS hold the writes of these volumes; how many they are. 0 (and nothing held) when it can hold none.

        ComError when a step fails, CommandError when a writer refuses or the holding is not reached.
        """
        try:
            self._prepare()
            count = self._add(volumes)
            if count:
                self._step("PrepareForBackup")
                self._step("GatherWriterStatus")
                self._check_writers()
                self._snapshot = self._backup.take("DoSnapshotSet", IVssAsync)
                self._await_hold(self._snapshot)
            else:
                self._give_up()
        except BaseException:
            self._give_up()
            raise
        return count

    def thaw(self) -> str | None:
        """Let the writes go on; why they were not held until now, None when they were."""
        self._hold.thaw()
        fault, unseen = self._hold.lost, False
        try:
            if self._snapshot is not None:
                self._finish(self._snapshot, "DoSnapshotSet")
            if fault is None:
                self._step("BackupComplete")
        except ComError as error:
            # Our provider has no snapshot to show. A Windows that asks for it at the end fails there: after the thaw.
            unseen = error.code == errors.OBJECT_NOT_FOUND
            if not unseen:
                fault = fault or errors.failure(error).desc
        except CommandError as error:
            fault = fault or error.desc
        finally:
            if fault is not None or unseen:
                self._backup.attempt("AbortBackup")
            self._close()
        return fault

    def _prepare(self) -> None:
        backup = self._backup
        backup.call("InitializeForBackup", None)
        kind = APP_ROLLBACK | NO_AUTORECOVERY | TXF_RECOVERY
        if backup.attempt("SetContext", kind | TRANSPORTABLE) == errors.UNSUPPORTED_CONTEXT:
            backup.call("SetContext", kind)  # only servers know transportable snapshots
        backup.call("SetBackupState", _COMPONENTS, _SYSTEM_STATE, self._kind, _PARTIAL_FILES)
        self._step("GatherWriterMetadata")
        snapshot_set = GUID()
        backup.call("StartSnapshotSet", ctypes.addressof(snapshot_set))
        self._hold.begin(str(snapshot_set))

    def _add(self, volumes: Iterable[str]) -> int:
        count = 0
        ours, snapshot, supported = guid(provider.ID), GUID(), BOOL32()
        for volume in volumes:
            self._backup.call("IsVolumeSupported", ours, volume, ctypes.addressof(supported))
            if not supported.value:
                continue
            code = self._backup.attempt("AddToSnapshotSet", volume, ours, ctypes.addressof(snapshot))
            if code & 0x80000000:
                if code in _NOT_OURS:
                    continue
                raise ComError(f"AddToSnapshotSet for {volume}", code)
            count += 1
        return count

    def _check_writers(self) -> None:
        """CommandError when a program that takes part is not ready."""
        number = ULONG()
        self._backup.call("GetWriterStatusCount", ctypes.addressof(number))
        try:
            for index in range(number.value):
                self._check_writer(index)
        finally:
            self._backup.attempt("FreeWriterStatus")

    def _check_writer(self, index: int) -> None:
        instance, writer, name, state, reason = GUID(), GUID(), POINTER(), HRESULT(), HRESULT()
        places = [ctypes.addressof(one) for one in (instance, writer, name, state, reason)]
        self._backup.call("GetWriterStatus", index, *places)
        called = ctypes.wstring_at(name.value) if name.value else str(writer)
        if name.value:
            runtime.free_text(name.value)
        if FIRST_FAILED_STATE <= state.value <= LAST_FAILED_STATE:
            raise CommandError(f'VSS writer "{called}" refuses: {errors.meaning(reason.value)}')

    def _await_hold(self, snapshot: Reference) -> None:
        """Until CommitSnapshots has been reached."""
        deadline = monotonic() + self._patience
        while not self._hold.reached.wait(_TICK / 1000):
            code = _status(snapshot)
            if code != errors.ASYNC_PENDING and not self._hold.reached.is_set():
                if code == errors.ASYNC_FINISHED:
                    raise CommandError("VSS finished the snapshot without asking our provider to hold it")
                raise ComError("DoSnapshotSet", code)
            if monotonic() > deadline:
                raise CommandError(f"VSS did not hold the writes within {self._patience:g} seconds")

    def _step(self, method: str) -> None:
        """An asynchronous call, until it has finished."""
        waited = self._backup.take(method, IVssAsync)
        try:
            self._finish(waited, method)
        finally:
            waited.release()

    def _finish(self, waited: Reference, what: str) -> None:
        """ComError when it fails, is cancelled, or takes too long."""
        deadline = monotonic() + self._patience
        while (code := _status(waited)) == errors.ASYNC_PENDING:
            if monotonic() > deadline:
                waited.attempt("Cancel")
                raise CommandError(f"VSS failed at {what}: no end after {self._patience:g} seconds")
            waited.attempt("Wait", _TICK)
        if code != errors.ASYNC_FINISHED:
            raise ComError(what, code)

    def _give_up(self) -> None:
        """Nothing is held, or must stay so."""
        self._hold.thaw()
        if self._snapshot is not None:
            with suppress(ComError, CommandError):
                self._finish(self._snapshot, "DoSnapshotSet")
        self._backup.attempt("AbortBackup")  # tells writers that there will be no backup, if they don't know
        self._close()

    def _close(self) -> None:
        self._hold.end()
        if self._snapshot is not None:
            self._snapshot.release()
            self._snapshot = None
        self._backup.release()


def connect(hold: Hold, kind: int) -> Requester:
    """A requester on this Windows' VSS. ComError or OSError when it has none."""
    runtime.enter()
    place = POINTER()
    create: Callable[[int], int] = function("vssapi", EXPORT, HRESULT, POINTER)
    code = create(ctypes.addressof(place))
    if code < 0 or not place.value:
        raise ComError("CreateVssBackupComponents", code if code < 0 else 0x80004005)
    return Requester(hold, Reference(place.value, IVssBackupComponents), kind)


def _status(waited: Reference) -> int:
    """The HRESULT of an asynchronous call, unsigned."""
    code = HRESULT()
    waited.call("QueryStatus", ctypes.addressof(code), None)
    return code.value & 0xFFFFFFFF
