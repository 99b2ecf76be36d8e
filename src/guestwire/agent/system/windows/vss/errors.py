"""What an HRESULT of VSS means, in words for whoever wanted to freeze."""

from __future__ import annotations

from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.system.windows.com.types import ComError

PROVIDER_ALREADY_REGISTERED = 0x80042303
PROVIDER_NOT_REGISTERED = 0x80042304
PROVIDER_VETO = 0x80042306
OBJECT_NOT_FOUND = 0x80042308
ASYNC_PENDING, ASYNC_FINISHED, ASYNC_CANCELLED = 0x00042309, 0x0004230A, 0x0004230B
VOLUME_NOT_SUPPORTED = 0x8004230C
VOLUME_NOT_SUPPORTED_BY_PROVIDER = 0x8004230E
UNSUPPORTED_CONTEXT = 0x8004231B

# HRESULT -> its name, what it means.
_MEANINGS = {
    0x80004001: ("E_NOTIMPL", "this Windows has no working VSS"),
    0x80004002: ("E_NOINTERFACE", "this Windows has no working VSS"),
    0x80004005: ("E_FAIL", "VSS gives no reason"),
    0x80040154: ("REGDB_E_CLASSNOTREG", "a class of VSS is not registered: this Windows has no working VSS"),
    0x80070005: ("E_ACCESSDENIED", "only an administrator or LocalSystem may do this"),
    0x800401F0: ("CO_E_NOTINITIALIZED", "COM is not started"),
    0x80042301: ("VSS_E_BAD_STATE", "VSS is not in the state for this call"),
    0x80042302: ("VSS_E_UNEXPECTED", "VSS failed; the Application event log has details"),
    PROVIDER_ALREADY_REGISTERED: ("VSS_E_PROVIDER_ALREADY_REGISTERED", "the provider is registered"),
    PROVIDER_NOT_REGISTERED: (
        "VSS_E_PROVIDER_NOT_REGISTERED",
        "the provider is not registered; run guestwire-agent --service vss-install",
    ),
    PROVIDER_VETO: ("VSS_E_PROVIDER_VETO", "the provider refused; the Application event log has details"),
    0x80042307: ("VSS_E_PROVIDER_IN_USE", "the provider is in use"),
    OBJECT_NOT_FOUND: ("VSS_E_OBJECT_NOT_FOUND", "VSS does not know the volume or snapshot"),
    VOLUME_NOT_SUPPORTED: ("VSS_E_VOLUME_NOT_SUPPORTED", "no provider can snapshot the volume"),
    VOLUME_NOT_SUPPORTED_BY_PROVIDER: (
        "VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER",
        "our provider cannot hold the volume",
    ),
    0x8004230F: ("VSS_E_UNEXPECTED_PROVIDER_ERROR", "the provider failed; see the Application event log"),
    0x80042313: ("VSS_E_FLUSH_WRITES_TIMEOUT", "Windows could not write everything out in time"),
    0x80042314: ("VSS_E_HOLD_WRITES_TIMEOUT", "Windows holds writes for 10 seconds at most"),
    0x80042315: ("VSS_E_UNEXPECTED_WRITER_ERROR", "a program that takes part in snapshots failed"),
    0x80042316: ("VSS_E_SNAPSHOT_SET_IN_PROGRESS", "another program is making a snapshot; try again later"),
    0x80042317: ("VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED", "the volume has too many snapshots"),
    0x80042318: ("VSS_E_WRITER_INFRASTRUCTURE", "the COM+ Event System may not be running"),
    0x80042319: ("VSS_E_WRITER_NOT_RESPONDING", "a program that takes part in snapshots does not answer"),
    UNSUPPORTED_CONTEXT: ("VSS_E_UNSUPPORTED_CONTEXT", "this Windows does not know the kind of snapshot"),
    0x8004231D: ("VSS_E_VOLUME_IN_USE", "the volume is in use"),
    0x8004231F: ("VSS_E_INSUFFICIENT_STORAGE", "there is no room for the snapshot"),
    0x80042328: ("VSS_E_TRANSACTION_FREEZE_TIMEOUT", "the transactions could not be frozen in time"),
    0x800423F0: ("VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT", "the snapshot does not have all it needs"),
    0x800423F1: ("VSS_E_WRITERERROR_OUTOFRESOURCES", "it lacks memory or another resource"),
    0x800423F2: ("VSS_E_WRITERERROR_TIMEOUT", "it was not ready in time"),
    0x800423F3: ("VSS_E_WRITERERROR_RETRYABLE", "it failed; trying again may help"),
    0x800423F4: ("VSS_E_WRITERERROR_NONRETRYABLE", "it failed; trying again will not help"),
    0x80042409: ("VSS_E_WRITER_STATUS_NOT_AVAILABLE", "its state cannot be told"),
}


def meaning(code: int) -> str:
    """`VSS_E_HOLD_WRITES_TIMEOUT (0x80042314): Windows holds ...`; a bare `HRESULT 0x80...` when it is unknown."""
    found = _MEANINGS.get(code & 0xFFFFFFFF)
    if found is None:
        return f"HRESULT 0x{code & 0xFFFFFFFF:08X}"
    return f"{found[0]} (0x{code & 0xFFFFFFFF:08X}): {found[1]}"


def failure(error: ComError) -> CommandError:
    """The error that a command answers for a failed call."""
    return CommandError(f"VSS failed at {error.what}: {meaning(error.code)}")
