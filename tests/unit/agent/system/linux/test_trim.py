from __future__ import annotations

import struct

from guestwire.agent.system.linux.trim import trim


def test_the_range_is_the_whole_filesystem() -> None:
    def submit(fd: int, request: int, where: bytearray) -> int:
        assert (fd, request) == (7, 0xC0185879)
        assert struct.unpack("=QQQ", where) == (0, 2**64 - 1, 4096)
        where[:] = struct.pack("=QQQ", 0, 123456, 8192)
        return 0

    assert trim(7, 4096, submit) == (123456, 8192)
