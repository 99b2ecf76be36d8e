"""Sizes and places in Windows' structures, from <winbase.h>, <winnt.h>, <iptypes.h>, <netioapi.h>, <wtsapi32.h>.

The figures hold for 64 bits, so they are tested on any OS that has as many.
"""

from __future__ import annotations

import ctypes
import sys

import pytest

from guestwire.agent.system.windows.adapters import ADAPTER, SOCKET_ADDRESS, UNICAST
from guestwire.agent.system.windows.clock import SYSTEMTIME
from guestwire.agent.system.windows.comport import COMMTIMEOUTS, DCB
from guestwire.agent.system.windows.ifstats import MIB_IF_ROW2
from guestwire.agent.system.windows.osversion import OSVERSIONINFOEXW
from guestwire.agent.system.windows.privileges import TOKEN_PRIVILEGES
from guestwire.agent.system.windows.sessions import WTS_SESSION_INFOW, WTSINFOW

pytestmark = pytest.mark.skipif(sys.maxsize < 2**32, reason="the figures are those of 64 bits")


@pytest.mark.parametrize(
    ("structure", "size"),
    [
        (DCB, 28),
        (COMMTIMEOUTS, 20),
        (SYSTEMTIME, 16),
        (OSVERSIONINFOEXW, 284),
        (TOKEN_PRIVILEGES, 16),
        (SOCKET_ADDRESS, 16),
        (UNICAST, 64),
        (MIB_IF_ROW2, 1352),
        (WTS_SESSION_INFOW, 24),
        (WTSINFOW, 216),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_sizes(structure: type[ctypes.Structure], size: int) -> None:
    assert ctypes.sizeof(structure) == size


@pytest.mark.parametrize(
    ("structure", "member", "offset"),
    [
        (DCB, "ByteSize", 18),
        (TOKEN_PRIVILEGES, "Luid", 4),
        (UNICAST, "OnLinkPrefixLength", 56),
        (ADAPTER, "FirstUnicastAddress", 24),
        (ADAPTER, "FriendlyName", 72),
        (ADAPTER, "PhysicalAddress", 80),
        (ADAPTER, "Mtu", 96),
        (MIB_IF_ROW2, "PhysicalAddressLength", 1056),
        (MIB_IF_ROW2, "InOctets", 1208),
        (WTSINFOW, "UserName", 130),
        (WTSINFOW, "LogonTime", 200),
        (OSVERSIONINFOEXW, "wProductType", 282),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_places(structure: type[ctypes.Structure], member: str, offset: int) -> None:
    assert getattr(structure, member).offset == offset
