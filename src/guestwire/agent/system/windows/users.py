"""Users of Windows by name: security identifier (SID), folder, and whether they are administrators."""

from __future__ import annotations

import ctypes

from guestwire.agent.system.windows.win32 import DWORD, function

_PROFILES = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
_ADMINISTRATORS = "S-1-5-32-544"
_INDIRECT = 1  # LG_INCLUDE_INDIRECT: also by way of a group of the domain
_MOST = 0xFFFFFFFF  # MAX_PREFERRED_LENGTH
_LONGEST_NAME = 1024


def sid_of(name: str) -> str:
    """The SID as text, `S-1-5-...`. LookupError when nobody has that name."""
    text, pointer = ctypes.c_wchar_p, ctypes.c_void_p
    look_up = function(
        "advapi32",
        "LookupAccountNameW",
        ctypes.c_int,
        text,
        text,
        pointer,
        pointer,
        pointer,
        pointer,
        pointer,
    )
    sid, sid_size = ctypes.create_string_buffer(68), DWORD(68)
    domain, domain_size, kind = ctypes.create_unicode_buffer(_LONGEST_NAME), DWORD(_LONGEST_NAME), DWORD()
    places = [ctypes.addressof(one) for one in (sid, sid_size, domain, domain_size, kind)]
    if "\0" in name or not look_up(None, name, *places):
        raise LookupError(name)
    shown = pointer()
    convert = function("advapi32", "ConvertSidToStringSidW", ctypes.c_int, pointer, pointer)
    if not convert(ctypes.addressof(sid), ctypes.addressof(shown)) or not shown.value:
        raise LookupError(name)
    try:
        return ctypes.wstring_at(shown.value)
    finally:
        function("kernel32", "LocalFree", pointer, pointer)(shown)


def profile_of(sid: str) -> str:
    """The user's folder. LookupError when the user has never logged in, and so has none."""
    import os
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, f"{_PROFILES}\\{sid}") as key:  # type: ignore[attr-defined]
            folder, _ = winreg.QueryValueEx(key, "ProfileImagePath")  # type: ignore[attr-defined]
    except OSError:
        raise LookupError(sid) from None
    return os.path.expandvars(str(folder))


def is_administrator(name: str) -> bool:
    """Whether the user is in the group of administrators, by way of other groups too."""
    text, pointer = ctypes.c_wchar_p, ctypes.c_void_p
    ask = function(
        "netapi32", "NetUserGetLocalGroups", DWORD, text, text, DWORD, DWORD, pointer, DWORD, pointer, pointer
    )
    buffer, count, total = pointer(), DWORD(), DWORD()
    places = [ctypes.addressof(one) for one in (buffer, count, total)]
    status = ask(None, name, 0, _INDIRECT, places[0], _MOST, *places[1:])
    if status or not buffer.value:
        return False
    try:
        names = (ctypes.c_wchar_p * count.value).from_address(buffer.value)
        return _name_of_administrators().casefold() in (str(one).casefold() for one in names)
    finally:
        function("netapi32", "NetApiBufferFree", DWORD, pointer)(buffer)


def _name_of_administrators() -> str:
    """The group has a name in each language."""
    text, pointer = ctypes.c_wchar_p, ctypes.c_void_p
    sid = pointer()
    parse = function("advapi32", "ConvertStringSidToSidW", ctypes.c_int, text, pointer)
    if not parse(_ADMINISTRATORS, ctypes.addressof(sid)):
        return "Administrators"
    try:
        name, size = ctypes.create_unicode_buffer(_LONGEST_NAME), DWORD(_LONGEST_NAME)
        domain, domain_size, kind = ctypes.create_unicode_buffer(_LONGEST_NAME), DWORD(_LONGEST_NAME), DWORD()
        look_up = function("advapi32", "LookupAccountSidW", ctypes.c_int, text, *[pointer] * 6)
        places = [ctypes.addressof(one) for one in (name, size, domain, domain_size, kind)]
        return name.value if look_up(None, sid, *places) else "Administrators"
    finally:
        function("kernel32", "LocalFree", pointer, pointer)(sid)
