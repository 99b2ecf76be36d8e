"""Which Windows this is: RtlGetVersion (never lies for compatibility, as GetVersionEx does) and the registry."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.win32 import DWORD, WORD, function

VER_NT_WORKSTATION = 1
_REGISTRY = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
_MACHINES = {9: "x86_64", 5: "arm", 12: "aarch64", 6: "ia64", 0: "x86"}  # PROCESSOR_ARCHITECTURE_*

# (major, minor, first build) -> name and number, newest first. The first table is of servers.
_SERVERS = (
    ((10, 0, 26100), "2025"),
    ((10, 0, 20344), "2022"),
    ((10, 0, 17763), "2019"),
    ((10, 0, 0), "2016"),
    ((6, 3, 0), "2012 R2"),
    ((6, 2, 0), "2012"),
    ((6, 1, 0), "2008 R2"),
    ((6, 0, 0), "2008"),
)
_CLIENTS = (
    ((10, 0, 22000), "11"),
    ((10, 0, 0), "10"),
    ((6, 3, 0), "8.1"),
    ((6, 2, 0), "8"),
    ((6, 1, 0), "7"),
    ((6, 0, 0), "Vista"),
)


class OSVERSIONINFOEXW(ctypes.Structure):
    """As RtlGetVersion fills it."""

    _fields_ = (
        ("dwOSVersionInfoSize", DWORD),
        ("dwMajorVersion", DWORD),
        ("dwMinorVersion", DWORD),
        ("dwBuildNumber", DWORD),
        ("dwPlatformId", DWORD),
        ("szCSDVersion", WORD * 128),
        ("wServicePackMajor", WORD),
        ("wServicePackMinor", WORD),
        ("wSuiteMask", WORD),
        ("wProductType", ctypes.c_uint8),
        ("wReserved", ctypes.c_uint8),
    )


def version() -> OSVERSIONINFOEXW:
    """The kernel's version."""
    info = OSVERSIONINFOEXW(dwOSVersionInfoSize=ctypes.sizeof(OSVERSIONINFOEXW))
    function("ntdll", "RtlGetVersion", ctypes.c_int32, ctypes.c_void_p)(ctypes.addressof(info))
    return info


def release(number: tuple[int, int, int], server: bool) -> str:
    """The marketing number of a kernel (major, minor, build): "11", "2019"; "" for an unknown one."""
    for first, name in _SERVERS if server else _CLIENTS:
        if number[:2] == first[:2] and number[2] >= first[2]:
            return name
    return ""


def machine() -> str:
    """The architecture under QEMU's names, which are those of uname(1); that of Windows, not of this program."""
    info = (ctypes.c_uint64 * 8)()  # SYSTEM_INFO; its first WORD is the architecture
    function("kernel32", "GetNativeSystemInfo", None, ctypes.c_void_p)(ctypes.addressof(info))
    return _MACHINES.get(info[0] & 0xFFFF, "unknown")


def product_name() -> str:
    """What the registry calls this edition; "" when it does not say."""
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _REGISTRY) as key:  # type: ignore[attr-defined]
            value, _ = winreg.QueryValueEx(key, "ProductName")  # type: ignore[attr-defined]
    except OSError:
        return ""
    return str(value)
