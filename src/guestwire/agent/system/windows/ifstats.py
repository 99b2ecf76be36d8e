"""Counters of a network adapter: GetIfEntry2."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.win32 import DWORD, function

_COUNTERS = (
    "InOctets",
    "InUcastPkts",
    "InNUcastPkts",
    "InDiscards",
    "InErrors",
    "InUnknownProtos",
    "InUcastOctets",
    "InMulticastOctets",
    "InBroadcastOctets",
    "OutOctets",
    "OutUcastPkts",
    "OutNUcastPkts",
    "OutDiscards",
    "OutErrors",
    "OutUcastOctets",
    "OutMulticastOctets",
    "OutBroadcastOctets",
    "OutQLen",
)


class MIB_IF_ROW2(ctypes.Structure):
    """<netioapi.h>; what is of no use here is kept as bytes."""

    _fields_ = (
        ("InterfaceLuid", ctypes.c_uint64),
        ("InterfaceIndex", DWORD),
        ("InterfaceGuid", ctypes.c_uint8 * 16),
        ("Alias", ctypes.c_uint16 * 257),
        ("Description", ctypes.c_uint16 * 257),
        ("PhysicalAddressLength", DWORD),
        ("PhysicalAddress", ctypes.c_uint8 * 32),
        ("PermanentPhysicalAddress", ctypes.c_uint8 * 32),
        ("Mtu", DWORD),
        ("Type", DWORD),
        ("TunnelType", DWORD),
        ("MediaType", DWORD),
        ("PhysicalMediumType", DWORD),
        ("AccessType", DWORD),
        ("DirectionType", DWORD),
        ("InterfaceAndOperStatusFlags", DWORD),
        ("OperStatus", DWORD),
        ("AdminStatus", DWORD),
        ("MediaConnectState", DWORD),
        ("NetworkGuid", ctypes.c_uint8 * 16),
        ("ConnectionType", DWORD),
        ("TransmitLinkSpeed", ctypes.c_uint64),
        ("ReceiveLinkSpeed", ctypes.c_uint64),
        *((name, ctypes.c_uint64) for name in _COUNTERS),
    )


def counters(index: int) -> dict[str, int] | None:
    """The eight members of GuestNetworkInterfaceStat; None when Windows does not tell."""
    row = MIB_IF_ROW2(InterfaceIndex=index)
    if function("iphlpapi", "GetIfEntry2", DWORD, ctypes.c_void_p)(ctypes.addressof(row)):
        return None
    return {
        "rx-bytes": row.InOctets,
        "rx-packets": row.InUcastPkts + row.InNUcastPkts,
        "rx-errs": row.InErrors,
        "rx-dropped": row.InDiscards,
        "tx-bytes": row.OutOctets,
        "tx-packets": row.OutUcastPkts + row.OutNUcastPkts,
        "tx-errs": row.OutErrors,
        "tx-dropped": row.OutDiscards,
    }
