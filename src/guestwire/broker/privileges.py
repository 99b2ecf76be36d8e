"""Which privilege a command takes. What stands in no list takes `unrestricted`: a site's own commands among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guestwire.wire.messages import Request

AUDIT = "audit"
FILE_READ = "file-read"
FILE_WRITE = "file-write"
FS_MANAGEMENT = "fs-management"
POWER = "power"
EXEC = "exec"
UNRESTRICTED = "unrestricted"

PRIVILEGES = (AUDIT, FILE_READ, FILE_WRITE, FS_MANAGEMENT, POWER, EXEC, UNRESTRICTED)

_LISTS = {
    AUDIT: """
        guest-ping guest-info guestwire-info guestwire-get-metrics guest-get-time guest-get-timezone
        guest-get-host-name guest-get-osinfo guest-get-users guest-get-vcpus guest-get-memory-blocks
        guest-get-memory-block-info guest-get-fsinfo guest-get-disks guest-get-statvfs guest-get-diskstats
        guest-get-cpustats guest-get-load guest-get-devices guest-network-get-interfaces guest-network-get-route
        guest-fsfreeze-status
    """,
    FS_MANAGEMENT: "guest-fsfreeze-freeze guest-fsfreeze-freeze-list guest-fsfreeze-thaw guest-fstrim",
    POWER: "guest-shutdown guest-suspend-disk guest-suspend-ram guest-suspend-hybrid",
    EXEC: "guest-exec guest-exec-status",
    FILE_READ: "guest-file-read",
    FILE_WRITE: "guest-file-write",
}

OF_COMMAND = {command: privilege for privilege, names in _LISTS.items() for command in names.split()}
"""The one privilege of most commands."""

OF_HANDLES = frozenset(("guest-file-seek", "guest-file-flush", "guest-file-close"))
"""Commands on an open file: `file-read` or `file-write`, whichever it was opened by."""

_READ, _WRITE, _BOTH = frozenset((FILE_READ,)), frozenset((FILE_WRITE,)), frozenset((FILE_READ, FILE_WRITE))

OF_MODES = {
    **dict.fromkeys(("r", "rb"), _READ),
    **dict.fromkeys(("w", "wb", "a", "ab"), _WRITE),
    **dict.fromkeys(("r+", "rb+", "r+b", "w+", "wb+", "w+b", "a+", "ab+", "a+b"), _BOTH),
}
"""The modes of guest-file-open."""


def needed(request: Request) -> tuple[frozenset[str], ...]:
    """The sets of privileges of which one must be held whole; none at all when only `unrestricted` will do."""
    if request.name == "guest-file-open":
        mode = (request.arguments or {}).get("mode", "r")
        found = OF_MODES.get(mode) if isinstance(mode, str) else None
        return () if found is None else (found,)
    return ways(request.name)


def ways(command: str) -> tuple[frozenset[str], ...]:
    """The same whatever the arguments are."""
    if command == "guest-file-open" or command in OF_HANDLES:
        return (_READ, _WRITE)
    privilege = OF_COMMAND.get(command)
    return () if privilege is None else (frozenset((privilege,)),)
