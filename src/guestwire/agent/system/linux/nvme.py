"""The SMART / health log page of an NVMe disk, by the admin ioctl of its block device (linux/nvme_ioctl.h)."""

from __future__ import annotations

import os
from array import array
from errno import EIO
from fcntl import ioctl
from struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_NVME_IOCTL_ADMIN_CMD = 0xC0484E41
_GET_LOG_PAGE = 0x02
_SMART_LOG = 0x02
_ALL_NAMESPACES = 0xFFFFFFFF
_SIZE = 512

# struct nvme_passthru_cmd: opcode, flags, rsvd1, nsid, cdw2, cdw3, metadata, addr, metadata_len, data_len,
# cdw10..15, timeout_ms, result.
_COMMAND = Struct("=BBHIIIQQIIIIIIIIII")
# NVM Express base specification, figure "SMART / Health Information Log Page": critical warning, composite
# temperature, available spare, its threshold, percentage used, reserved; then 128-bit counters, low half first.
_HEAD = Struct("<BHBBB26x")
_COUNTERS = Struct("<20Q")

HEAD = ("critical-warning", "temperature", "available-spare", "available-spare-threshold", "percentage-used")
COUNTERS = (
    "data-units-read",
    "data-units-written",
    "host-read-commands",
    "host-write-commands",
    "controller-busy-time",
    "power-cycles",
    "power-on-hours",
    "unsafe-shutdowns",
    "media-errors",
    "number-of-error-log-entries",
)


def smart(node: str, submit: Callable[[int, int, bytearray], object] = ioctl) -> dict[str, int]:
    """The log of `/dev/nvme0n1`: temperature in kelvin, units as in the specification; counters as -lo and -hi."""
    page = array("B", bytes(_SIZE))
    address, _ = page.buffer_info()
    words = (_SIZE // 4 - 1) << 16 | _SMART_LOG
    fields = (_GET_LOG_PAGE, 0, 0, _ALL_NAMESPACES, 0, 0, 0, address, 0, _SIZE, words, 0, 0, 0, 0, 0, 0, 0)
    fd = os.open(node, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if submit(fd, _NVME_IOCTL_ADMIN_CMD, bytearray(_COMMAND.pack(*fields))):
            raise OSError(EIO, os.strerror(EIO), node)  # the disk's own status, not an errno
    finally:
        os.close(fd)
    return decode(page.tobytes())


def decode(page: bytes) -> dict[str, int]:
    """The members of a log page."""
    values = dict(zip(HEAD, _HEAD.unpack_from(page)))
    halves = iter(_COUNTERS.unpack_from(page, _HEAD.size))
    for name in COUNTERS:
        values[name + "-lo"] = next(halves)
        values[name + "-hi"] = next(halves)
    return values
