"""Network adapters: GetAdaptersAddresses, whose answer is a chain of structures in one buffer."""

from __future__ import annotations

import _socket
import ctypes

from guestwire.agent.system.windows.win32 import DWORD, ERROR_BUFFER_OVERFLOW, error_of, function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    # (family, address, prefix length)
    Address = tuple[str, str, int]

_UNSPECIFIED = 0
_SKIPPED = 0x2 | 0x4 | 0x8  # GAA_FLAG_SKIP_ANYCAST, _MULTICAST, _DNS_SERVER
_NO_DATA = 232
_AF_INET, _AF_INET6 = 2, 23  # Windows' numbers


class SOCKET_ADDRESS(ctypes.Structure):
    """Where a sockaddr is, and its length."""

    _fields_ = (("lpSockaddr", ctypes.c_void_p), ("iSockaddrLength", ctypes.c_int))


class UNICAST(ctypes.Structure):
    """IP_ADAPTER_UNICAST_ADDRESS_LH."""

    _fields_ = (
        ("Length", DWORD),
        ("Flags", DWORD),
        ("Next", ctypes.c_void_p),
        ("Address", SOCKET_ADDRESS),
        ("PrefixOrigin", ctypes.c_int),
        ("SuffixOrigin", ctypes.c_int),
        ("DadState", ctypes.c_int),
        ("ValidLifetime", DWORD),
        ("PreferredLifetime", DWORD),
        ("LeaseLifetime", DWORD),
        ("OnLinkPrefixLength", ctypes.c_uint8),
    )


class ADAPTER(ctypes.Structure):
    """IP_ADAPTER_ADDRESSES_LH, up to the last member that is wanted."""

    _fields_ = (
        ("Length", DWORD),
        ("IfIndex", DWORD),
        ("Next", ctypes.c_void_p),
        ("AdapterName", ctypes.c_void_p),
        ("FirstUnicastAddress", ctypes.c_void_p),
        ("FirstAnycastAddress", ctypes.c_void_p),
        ("FirstMulticastAddress", ctypes.c_void_p),
        ("FirstDnsServerAddress", ctypes.c_void_p),
        ("DnsSuffix", ctypes.c_void_p),
        ("Description", ctypes.c_void_p),
        ("FriendlyName", ctypes.c_void_p),
        ("PhysicalAddress", ctypes.c_uint8 * 8),
        ("PhysicalAddressLength", DWORD),
        ("Flags", DWORD),
        ("Mtu", DWORD),
        ("IfType", DWORD),
        ("OperStatus", ctypes.c_int),
        ("Ipv6IfIndex", DWORD),
    )


class Adapter:
    """One adapter. `hardware` is "" where there is no such address; `index` is Windows' number of it."""

    def __init__(self, index: int, name: str, hardware: str, addresses: list[Address]) -> None:
        self.index = index
        self.name = name
        self.hardware = hardware
        self.addresses = addresses


def adapters() -> list[Adapter]:
    """All adapters, in Windows' order. OSError when it does not tell."""
    pointer = ctypes.c_void_p
    call = function("iphlpapi", "GetAdaptersAddresses", DWORD, DWORD, DWORD, pointer, pointer, pointer)
    size = DWORD(16 * 1024)
    while True:
        buffer = (ctypes.c_uint64 * (size.value // 8 + 1))()
        status = call(_UNSPECIFIED, _SKIPPED, None, ctypes.addressof(buffer), ctypes.addressof(size))
        if status == _NO_DATA:
            return []
        if status == 0:
            return list(chain(ctypes.addressof(buffer)))
        if status != ERROR_BUFFER_OVERFLOW:
            raise error_of(status)


def chain(place: int | None) -> Iterator[Adapter]:
    """The adapters of the chain that begins at the address `place`."""
    while place:
        one = ADAPTER.from_address(place)
        hardware = bytes(one.PhysicalAddress[: min(one.PhysicalAddressLength, 8)])
        name = ctypes.wstring_at(one.FriendlyName) if one.FriendlyName else ""
        addresses = list(_addresses(one.FirstUnicastAddress))
        yield Adapter(one.IfIndex or one.Ipv6IfIndex, name, hardware.hex(":"), addresses)
        place = one.Next


def _addresses(place: int | None) -> Iterator[Address]:
    while place:
        one = UNICAST.from_address(place)
        sockaddr = ctypes.string_at(one.Address.lpSockaddr, one.Address.iSockaddrLength)
        address = parse_sockaddr(sockaddr)
        if address is not None:
            yield (*address, one.OnLinkPrefixLength)
        place = one.Next


def parse_sockaddr(data: bytes) -> tuple[str, str] | None:
    """("ipv4" or "ipv6", the address as text); None for another family or a cut structure."""
    family = int.from_bytes(data[:2], "little")
    if family == _AF_INET and len(data) >= 8:
        return "ipv4", _socket.inet_ntop(_socket.AF_INET, data[4:8])
    if family == _AF_INET6 and len(data) >= 24:
        return "ipv6", _socket.inet_ntop(_socket.AF_INET6, data[8:24])
    return None
