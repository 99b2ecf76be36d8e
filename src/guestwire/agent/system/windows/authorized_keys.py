"""Where OpenSSH for Windows looks for a user's keys, and how it wants that file to be.

An administrator's keys are in one file for all of them, `%ProgramData%\\ssh\\administrators_authorized_keys`. sshd
refuses a file that others may write: the new file has its access list from the moment it is made, and replaces the old
one as a whole. A user's folder belongs to the user, who may be hostile: it is held open, so that nobody puts a link in
its place meanwhile, and a link that is there is refused.
"""

from __future__ import annotations

import ctypes
import os
from errno import EEXIST, EPERM

from guestwire.agent.system.windows import users
from guestwire.agent.system.windows.devicefile import close_handle, open_handle
from guestwire.agent.system.windows.win32 import DWORD, function, last_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FILE = "authorized_keys"
FILE_OF_ADMINISTRATORS = "administrators_authorized_keys"

_LIMIT = 16 << 20
_REPARSE_POINT = 0x400  # FILE_ATTRIBUTE_REPARSE_POINT: a junction or another kind of link
_BACKUP_SEMANTICS, _OPEN_REPARSE_POINT = 0x2000000, 0x200000
_LIST_DIRECTORY, _GENERIC_WRITE = 1, 0x40000000
_SHARE_READ = 1
_CREATE_NEW = 1
# Full access for the system and for administrators, nothing inherited.
_ACCESS = "D:P(A;;FA;;;SY)(A;;FA;;;BA)"


class SECURITY_ATTRIBUTES(ctypes.Structure):
    """<minwinbase.h>."""

    _fields_ = (
        ("nLength", DWORD),
        ("lpSecurityDescriptor", ctypes.c_void_p),
        ("bInheritHandle", ctypes.c_int),
    )


def keys_of(username: str) -> AuthorizedKeys:
    """The file of a user. LookupError when there is no such user, or the user has no profile yet."""
    sid = users.sid_of(username)
    if users.is_administrator(username):
        data = os.environ.get("PROGRAMDATA", r"C:\ProgramData")
        return AuthorizedKeys(os.path.join(data, "ssh"), FILE_OF_ADMINISTRATORS, _ACCESS)
    return AuthorizedKeys(os.path.join(users.profile_of(sid), ".ssh"), FILE, f"{_ACCESS}(A;;FA;;;{sid})")


class AuthorizedKeys:
    """One file of keys, whose access list is `access` (SDDL). Every method raises OSError."""

    def __init__(self, folder: str, name: str, access: str) -> None:
        self.folder = folder
        self.path = os.path.join(folder, name)
        self._access = access

    def read(self) -> bytes:
        """The content, its line ends those of Unix."""
        _refuse_link(self.folder)
        _refuse_link(self.path)
        with open(self.path, "rb") as file:
            content = file.read(_LIMIT + 1)
        if len(content) > _LIMIT:
            raise OSError(EPERM, f"is larger than {_LIMIT} bytes", self.path)
        return content.replace(b"\r\n", b"\n")

    def make_folder(self) -> None:
        """Make the folder, if it is missing, with the file's access list."""
        make = function("kernel32", "CreateDirectoryW", ctypes.c_int, ctypes.c_wchar_p, ctypes.c_void_p)
        if os.path.isdir(self.folder):
            return
        with _Security(self._access) as security:
            if not make(self.folder, security):
                error = last_error()
                if error.errno != EEXIST:
                    raise error

    def write(self, content: bytes) -> None:
        """Replace the file."""
        held = open_handle(
            self.folder, _LIST_DIRECTORY, _SHARE_READ, flags=_BACKUP_SEMANTICS | _OPEN_REPARSE_POINT
        )
        try:
            _refuse_link(self.folder)
            new = os.path.join(self.folder, f".{FILE}.{os.urandom(8).hex()}")
            try:
                self._fill(new, content)
                os.replace(new, self.path)
            except OSError:
                if os.path.exists(new):
                    os.unlink(new)
                raise
        finally:
            close_handle(held)

    def _fill(self, path: str, content: bytes) -> None:
        import msvcrt

        with _Security(self._access) as security:
            handle = open_handle(path, _GENERIC_WRITE, disposition=_CREATE_NEW, security=security)
        binary = os.O_WRONLY | getattr(os, "O_BINARY", 0)
        with open(msvcrt.open_osfhandle(handle, binary), "wb") as file:  # type: ignore[attr-defined]
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


class _Security:
    """An access list as CreateFile takes it; the block gets its address."""

    def __init__(self, access: str) -> None:
        self._descriptor = ctypes.c_void_p()
        pointer = ctypes.c_void_p
        convert = function(
            "advapi32", "ConvertStringSecurityDescriptorToSecurityDescriptorW", ctypes.c_int,
            ctypes.c_wchar_p, DWORD, pointer, pointer,
        )  # fmt: skip
        if not convert(access, 1, ctypes.addressof(self._descriptor), None):
            raise last_error()
        size = ctypes.sizeof(SECURITY_ATTRIBUTES)
        self._attributes = SECURITY_ATTRIBUTES(size, self._descriptor.value, 0)

    def __enter__(self) -> int:
        return ctypes.addressof(self._attributes)

    def __exit__(self, *_: Any) -> None:
        function("kernel32", "LocalFree", ctypes.c_void_p, ctypes.c_void_p)(self._descriptor)


def _refuse_link(path: str) -> None:
    attributes = getattr(os.lstat(path), "st_file_attributes", 0)
    if attributes & _REPARSE_POINT:
        raise OSError(EPERM, "is a link", path)
