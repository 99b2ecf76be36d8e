"""Starting programs with posix_spawn: the vfork way, some ten times cheaper than a fork of the agent.

posix_spawn holds the interpreter's lock until the child has left this process. A program on a dead network
filesystem must not hold it for ever, so `find_program` touches the file first, through calls that let
other threads go on.
"""

from __future__ import annotations

import errno
import os
import stat
from _signal import SIGPIPE, SIGXFSZ  # `signal` would load enum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

# What execvp(3) and GLib search when there is no PATH at all.
_DEFAULT_PATH = b"/bin:/usr/bin:."
# Errors that let the search in PATH go on with the next directory, as execvp(3) does.
_NOT_HERE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENODEV, errno.ETIMEDOUT)
# Python ignores these two at start; a program expects the kernel's default action.
_DEFAULT_SIGNALS = (SIGPIPE, SIGXFSZ)


def find_program(name: bytes, search_path: bytes | None) -> bytes:
    """The file that execvp(3) would run for `name`; a name with a slash is not searched for.

    `search_path` is the value of PATH, None when it is not set. OSError says why there is none: EACCES when
    a file of that name was found that may not be executed, else what the last look-up said.
    """
    if b"/" in name:
        _check_program(name)
        return name
    denied = False
    if name:
        for directory in (_DEFAULT_PATH if search_path is None else search_path).split(b":"):
            candidate = os.path.join(directory, name)
            try:
                _check_program(candidate)
            except OSError as error:
                if error.errno == errno.EACCES:
                    denied = True
                elif error.errno not in _NOT_HERE:
                    raise
            else:
                return candidate
    code = errno.EACCES if denied else errno.ENOENT
    raise OSError(code, os.strerror(code), name)


def _check_program(path: bytes) -> None:
    """OSError unless `path` may be executed. Reading a byte makes a network filesystem ask its server."""
    if not stat.S_ISREG(os.stat(path).st_mode) or not os.access(path, os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:
        return  # execute-only is enough
    try:
        os.read(fd, 1)
    finally:
        os.close(fd)


def spawn(
    program: bytes,
    argv: Sequence[bytes],
    env: EnvironmentList,
    stdio: tuple[int | None, int | None, int | None],
    *,
    new_session: bool = False,
) -> int:
    """Start `program` (from `find_program`) and return its process id. OSError when it can't be executed.

    The descriptors of `stdio` become its 0, 1 and 2 and must lie above 2 (see `pipe`); None means /dev/null.
    It gets no other descriptor, since all of the agent's are close-on-exec; no signal blocked; and the
    agent's working directory. A file that is executable but of no known format is run by /bin/sh.
    """
    if not _sealed:
        _seal_descriptors()
    actions: list[tuple[int, int, int] | tuple[int, int, bytes, int, int]] = []
    for fd, source in enumerate(stdio):
        if source is not None:
            actions.append((os.POSIX_SPAWN_DUP2, source, fd))
        else:
            mode = os.O_WRONLY if fd else os.O_RDONLY
            actions.append((os.POSIX_SPAWN_OPEN, fd, b"/dev/null", mode, 0))
    try:
        return _posix_spawn(program, argv, env, actions, new_session)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    return _posix_spawn(b"/bin/sh", [b"/bin/sh", program, *argv[1:]], env, actions, new_session)


def _posix_spawn(
    program: bytes,
    argv: Sequence[bytes],
    env: EnvironmentList,
    actions: list[tuple[int, int, int] | tuple[int, int, bytes, int, int]],
    new_session: bool,
) -> int:
    environment: Any = env  # keys() and values() are all that posix_spawn asks for
    return os.posix_spawn(
        program,
        list(argv),
        environment,
        file_actions=actions,
        setsid=new_session,
        setsigmask=(),
        setsigdef=_DEFAULT_SIGNALS,
    )


def pipe() -> tuple[int, int]:
    """A close-on-exec pipe (read end, write end) above descriptor 2, whatever the agent was started with.

    An end on 0, 1 or 2 would be overwritten while the child's descriptors are put in place.
    """
    ends = os.pipe()
    if ends[0] > 2 and ends[1] > 2:
        return ends
    import fcntl

    moved = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3) for fd in ends]
    for fd in ends:
        os.close(fd)
    return moved[0], moved[1]


class EnvironmentList:
    """`NAME=VALUE` entries as posix_spawn takes an environment: in order, a name may come twice.

    Python can't hand over an entry without a name or without `=`. Such an entry sets nothing and is left out.
    """

    __slots__ = ("_names", "_values")

    def __init__(self, entries: Sequence[bytes]) -> None:
        self._names: list[bytes] = []
        self._values: list[bytes] = []
        for entry in entries:
            name, sign, value = entry.partition(b"=")
            if name and sign:
                self._names.append(name)
                self._values.append(value)

    def keys(self) -> list[bytes]:
        """The names in order."""
        return self._names

    def values(self) -> list[bytes]:
        """The value of each name, in the same order."""
        return self._values

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, name: bytes) -> bytes:
        return self._values[self._names.index(name)]

    def get(self, name: bytes) -> bytes | None:
        """The value of `name`, the first one as for getenv(3); None when it is not set."""
        return self[name] if name in self._names else None


def inherited() -> EnvironmentList:
    """The agent's own environment, as it was at the first call: it does not change after the start."""
    global _own_environment
    if _own_environment is None:
        _own_environment = EnvironmentList([b"%s=%s" % item for item in os.environb.items()])
    return _own_environment


def _seal_descriptors() -> None:
    """Make close-on-exec what the agent was started with beside 0, 1 and 2; its own are so already."""
    global _sealed
    _sealed = True
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2:
            try:
                os.set_inheritable(int(name), False)
            except OSError:
                pass  # the descriptor that listed the directory


_own_environment: EnvironmentList | None = None
_sealed = False
