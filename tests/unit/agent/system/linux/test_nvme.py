from __future__ import annotations

import ctypes
import struct
from pathlib import Path

import pytest

from guestwire.agent.system.linux.nvme import decode, smart

PAGE = bytes([1, 0x43, 1, 100, 10, 3]) + bytes(26)
PAGE += b"".join(struct.pack("<QQ", number, number * 100) for number in range(1, 11)) + bytes(512 - 32 - 160)


def test_the_log_page_is_read_into_the_given_memory(tmp_path: Path) -> None:
    node = tmp_path / "nvme0n1"
    node.touch()

    def submit(fd: int, request: int, command: bytearray) -> int:
        assert request == 0xC0484E41
        assert len(command) == 72
        opcode, namespace = command[0], struct.unpack_from("=I", command, 4)[0]
        address, length, words = struct.unpack_from("=Q4xII", command, 24)
        assert (opcode, namespace, length, words) == (2, 0xFFFFFFFF, 512, 127 << 16 | 2)
        ctypes.memmove(address, PAGE, length)
        return 0

    values = smart(str(node), submit)
    assert values == decode(PAGE)
    assert values["temperature"] == 323
    assert values["available-spare"] == 100
    assert (values["data-units-read-lo"], values["data-units-read-hi"]) == (1, 100)
    assert (values["number-of-error-log-entries-lo"], values["number-of-error-log-entries-hi"]) == (10, 1000)
    assert len(values) == 25


def test_a_disk_that_refuses_is_an_error(tmp_path: Path) -> None:
    node = tmp_path / "nvme0n1"
    node.touch()
    with pytest.raises(OSError, match="Input/output error"):
        smart(str(node), lambda fd, request, command: 0x2002)
