"""The interfaces of the Volume Shadow Copy Service (VSS) that a requester and a software provider need.

Source: the Windows SDK's vss.h, vsbackup.h, vsprov.h and vsadmin.h. `bool` of C++ is one byte, BOOL four.
"""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.com.types import BOOL32, ENUM, GUID, LONG, POINTER, TEXT, ULONG, Interface

# CreateVssBackupComponents() in the headers is an inline function over this export.
EXPORT = "CreateVssBackupComponentsInternal"
COORDINATOR = "e579ab5f-1cc4-44b4-bed9-de0991ff0623"  # CLSID_VSSCoordinator

NIL = GUID()
_bool = ctypes.c_uint8
_COMPONENT = (ENUM, TEXT, TEXT)


class VARIANT(ctypes.Structure):
    """Only its size matters here."""

    _fields_ = (("vt", ctypes.c_uint16), ("reserved", ctypes.c_uint16 * 3), ("value", POINTER * 2))


# VSS_SNAPSHOT_CONTEXT and VSS_VOLUME_SNAPSHOT_ATTRIBUTES
PERSISTENT, NO_AUTORECOVERY, NO_AUTO_RELEASE, TRANSPORTABLE, TXF_RECOVERY = 0x1, 0x2, 0x8, 0x20, 0x2000000
APP_ROLLBACK = PERSISTENT | NO_AUTO_RELEASE  # VSS_CTX_APP_ROLLBACK: with writers
BACKUP_TYPES = {1: "full", 2: "incremental", 3: "differential", 4: "log", 5: "copy"}  # VSS_BACKUP_TYPE
SOFTWARE_PROVIDER = 2  # VSS_PROVIDER_TYPE
FIRST_FAILED_STATE, LAST_FAILED_STATE = 6, 15  # VSS_WRITER_STATE: VSS_WS_FAILED_AT_…

IVssAsync = Interface(
    "IVssAsync",
    "507c37b4-cf5b-4e95-b0af-14eb9767467e",
    ("Cancel",),
    ("Wait", ULONG),
    ("QueryStatus", POINTER, POINTER),
)
IVssEnumObject = Interface(
    "IVssEnumObject",
    "ae1c7110-2f60-11d3-8a39-00c04f72d8e3",
    ("Next", ULONG, POINTER, POINTER),
    ("Skip", ULONG),
    ("Reset",),
    ("Clone", POINTER),
)
IVssAdmin = Interface(
    "IVssAdmin",
    "77ed5996-2f63-11d3-8a39-00c04f72d8e3",
    ("RegisterProvider", GUID, GUID, TEXT, ENUM, TEXT, GUID),
    ("UnregisterProvider", GUID),
    ("QueryProviders", POINTER),
    ("AbortAllSnapshotsInProgress",),
)
IVssSoftwareSnapshotProvider = Interface(
    "IVssSoftwareSnapshotProvider",
    "609e123e-2c5a-44d3-8f01-0b1d9a47d1ff",
    ("SetContext", LONG),
    ("GetSnapshotProperties", GUID, POINTER),
    ("Query", GUID, ENUM, ENUM, POINTER),
    ("DeleteSnapshots", GUID, ENUM, BOOL32, POINTER, POINTER),
    ("BeginPrepareSnapshot", GUID, GUID, TEXT, LONG),
    ("IsVolumeSupported", TEXT, POINTER),
    ("IsVolumeSnapshotted", TEXT, POINTER, POINTER),
    ("SetSnapshotProperty", GUID, ENUM, VARIANT),
    ("RevertToSnapshot", GUID),
    ("QueryRevertStatus", TEXT, POINTER),
)
IVssProviderCreateSnapshotSet = Interface(
    "IVssProviderCreateSnapshotSet",
    "5f894e5b-1e39-4778-8e23-9abad9f0e08c",
    ("EndPrepareSnapshots", GUID),
    ("PreCommitSnapshots", GUID),
    ("CommitSnapshots", GUID),
    ("PostCommitSnapshots", GUID, LONG),
    ("PreFinalCommitSnapshots", GUID),
    ("PostFinalCommitSnapshots", GUID),
    ("AbortSnapshots", GUID),
)
IVssProviderNotifications = Interface(
    "IVssProviderNotifications",
    "e561901f-03a5-4afe-86d0-72baeece7004",
    ("OnLoad", POINTER),
    ("OnUnload", BOOL32),
)
IVssBackupComponents = Interface(
    "IVssBackupComponents",
    "665c1d5f-c218-414d-a05d-7fef5f9d5c86",
    ("GetWriterComponentsCount", POINTER),
    ("GetWriterComponents", ULONG, POINTER),
    ("InitializeForBackup", POINTER),
    ("SetBackupState", _bool, _bool, ENUM, _bool),
    ("InitializeForRestore", POINTER),
    ("SetRestoreState", ENUM),
    ("GatherWriterMetadata", POINTER),
    ("GetWriterMetadataCount", POINTER),
    ("GetWriterMetadata", ULONG, POINTER, POINTER),
    ("FreeWriterMetadata",),
    ("AddComponent", GUID, GUID, *_COMPONENT),
    ("PrepareForBackup", POINTER),
    ("AbortBackup",),
    ("GatherWriterStatus", POINTER),
    ("GetWriterStatusCount", POINTER),
    ("FreeWriterStatus",),
    ("GetWriterStatus", ULONG, POINTER, POINTER, POINTER, POINTER, POINTER),
    ("SetBackupSucceeded", GUID, GUID, *_COMPONENT, _bool),
    ("SetBackupOptions", GUID, *_COMPONENT, TEXT),
    ("SetSelectedForRestore", GUID, *_COMPONENT, _bool),
    ("SetRestoreOptions", GUID, *_COMPONENT, TEXT),
    ("SetAdditionalRestores", GUID, *_COMPONENT, _bool),
    ("SetPreviousBackupStamp", GUID, *_COMPONENT, TEXT),
    ("SaveAsXML", POINTER),
    ("BackupComplete", POINTER),
    ("AddAlternativeLocationMapping", GUID, *_COMPONENT, TEXT, TEXT, _bool, TEXT),
    ("AddRestoreSubcomponent", GUID, *_COMPONENT, TEXT, TEXT, _bool),
    ("SetFileRestoreStatus", GUID, *_COMPONENT, ENUM),
    ("AddNewTarget", GUID, *_COMPONENT, TEXT, TEXT, _bool, TEXT),
    ("SetRangesFilePath", GUID, *_COMPONENT, ULONG, TEXT),
    ("PreRestore", POINTER),
    ("PostRestore", POINTER),
    ("SetContext", LONG),
    ("StartSnapshotSet", POINTER),
    ("AddToSnapshotSet", TEXT, GUID, POINTER),
    ("DoSnapshotSet", POINTER),
    ("DeleteSnapshots", GUID, ENUM, BOOL32, POINTER, POINTER),
    ("ImportSnapshots", POINTER),
    ("BreakSnapshotSet", GUID),
    ("GetSnapshotProperties", GUID, POINTER),
    ("Query", GUID, ENUM, ENUM, POINTER),
    ("IsVolumeSupported", GUID, TEXT, POINTER),
    ("DisableWriterClasses", POINTER, ULONG),
    ("EnableWriterClasses", POINTER, ULONG),
    ("DisableWriterInstances", POINTER, ULONG),
    ("ExposeSnapshot", GUID, TEXT, LONG, TEXT, POINTER),
    ("RevertToSnapshot", GUID, BOOL32),
    ("QueryRevertStatus", TEXT, POINTER),
)
