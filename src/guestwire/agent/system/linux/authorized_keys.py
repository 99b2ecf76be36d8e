"""~/.ssh/authorized_keys of a user, who may be hostile: the agent is root where the user can write.

From the home directory on no symbolic link is followed, and what is not the user's own (or root's) is
refused. The file is replaced as a whole, by rename, so that sshd never sees half of it.
"""

from __future__ import annotations

import os
import stat
from errno import EPERM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pwd import struct_passwd

FOLDER = ".ssh"
FILE = "authorized_keys"

_LIMIT = 16 << 20
_OPEN = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY


def keys_of(username: str) -> AuthorizedKeys:
    """The file of a user. LookupError when there is no such user, ValueError for what can be no name."""
    import pwd

    return AuthorizedKeys(pwd.getpwnam(username))


class AuthorizedKeys:
    """The file of one user, given by the entry of the password database.

    Every method raises OSError with `filename` set to the path that it is about.
    """

    def __init__(self, user: struct_passwd) -> None:
        self._user = user
        self.folder = os.path.join(user.pw_dir, FOLDER)
        self.path = os.path.join(self.folder, FILE)

    def read(self) -> bytes:
        """The whole file. FileNotFoundError when there is none."""
        folder = self._open_folder()
        try:
            with _naming(self.path), open(os.open(FILE, os.O_RDONLY | _OPEN, dir_fd=folder), "rb") as file:
                at = os.fstat(file.fileno())
                if not stat.S_ISREG(at.st_mode) or not self._is_trusted(at):
                    raise _refusal(self.path, "is not a regular file of the user's own")
                return file.read(_LIMIT)
        finally:
            os.close(folder)

    def make_folder(self) -> None:
        """Make ~/.ssh, 0700 and the user's, unless there is something of that name."""
        home = self._open_home()
        try:
            try:
                os.mkdir(FOLDER, 0o700, dir_fd=home)
            except FileExistsError:
                return
            made = os.open(FOLDER, os.O_RDONLY | os.O_DIRECTORY | _OPEN, dir_fd=home)
            try:
                os.fchmod(made, 0o700)
                os.fchown(made, self._user.pw_uid, self._user.pw_gid)
            finally:
                os.close(made)
        finally:
            os.close(home)

    def write(self, content: bytes) -> None:
        """Replace the file, 0600 and the user's."""
        folder = self._open_folder()
        new = f".{FILE}.{os.urandom(8).hex()}"
        try:
            with _naming(self.path):
                fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, 0o600, dir_fd=folder)
                try:
                    self._fill(fd, content)
                    os.rename(new, FILE, src_dir_fd=folder, dst_dir_fd=folder)
                except OSError:
                    os.unlink(new, dir_fd=folder)
                    raise
        finally:
            os.close(folder)

    def _fill(self, fd: int, content: bytes) -> None:
        with open(fd, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(fd, 0o600)
            os.fchown(fd, self._user.pw_uid, self._user.pw_gid)
            os.fsync(fd)

    def _open_home(self) -> int:
        """The way to the home directory is the administrator's, so links in it are followed."""
        return os.open(self._user.pw_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def _open_folder(self) -> int:
        home = self._open_home()
        try:
            with _naming(self.folder):
                folder = os.open(FOLDER, os.O_RDONLY | os.O_DIRECTORY | _OPEN, dir_fd=home)
        finally:
            os.close(home)
        if not self._is_trusted(os.fstat(folder), folder=True):
            os.close(folder)
            raise _refusal(self.folder, "is not the user's own")
        return folder

    def _is_trusted(self, at: os.stat_result, folder: bool = False) -> bool:
        """The user's own, or root's; but a file of root's with a second name may be any file of root's."""
        if at.st_uid == self._user.pw_uid:
            return True
        return at.st_uid == 0 and (folder or at.st_nlink == 1)


class _naming:
    """Errors of calls relative to a directory get the whole path."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            error.filename = self._path


def _refusal(path: str, reason: str) -> OSError:
    return OSError(EPERM, reason, path)
