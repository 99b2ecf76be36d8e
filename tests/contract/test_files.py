"""guest-file-*: the same story told to both agents."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest

from .agents import Agent, Peer


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_write_and_read_back(peer: Peer, path: Path) -> None:
    handle = peer.value("guest-file-open", path=str(path), mode="w+")
    assert peer.value("guest-file-write", handle=handle, buf_b64=b64(b"hello")) == {"count": 5, "eof": False}
    assert peer.value("guest-file-flush", handle=handle) == {}
    assert path.read_bytes() == b"hello"
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    assert peer.value("guest-file-seek", handle=handle, offset=1, whence="set") == {
        "position": 1,
        "eof": False,
    }
    assert peer.value("guest-file-read", handle=handle, count=4) == {
        "count": 4,
        "buf-b64": "ZWxsbw==",
        "eof": False,
    }
    assert peer.value("guest-file-read", handle=handle) == {"count": 0, "buf-b64": "", "eof": True}
    assert peer.value("guest-file-close", handle=handle) == {}
    assert peer.error("guest-file-close", handle=handle) == f"handle '{handle}' has not been found"


@pytest.mark.parametrize("mode", "r rb w wb a ab r+ rb+ r+b w+ wb+ w+b a+ ab+ a+b".split())
def test_every_mode(peer: Peer, path: Path, mode: str) -> None:
    path.write_bytes(b"old")
    handle = peer.value("guest-file-open", path=str(path), mode=mode)
    peer.value("guest-file-close", handle=handle)
    assert path.read_bytes() == (b"" if mode.startswith("w") else b"old")


@pytest.mark.parametrize("mode", ["", "x", "rw", "wx", "r b"])
def test_no_other_mode(peer: Peer, path: Path, mode: str) -> None:
    assert peer.error("guest-file-open", path=str(path), mode=mode) == f"invalid file open mode '{mode}'"


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 100_000, 1_500_000])
def test_sizes(agent: Agent, peer: Peer, path: Path, size: int) -> None:
    data = os.urandom(size)
    handle = peer.value("guest-file-open", path=str(path), mode="w+")
    assert peer.value("guest-file-write", handle=handle, buf_b64=b64(data))["count"] == size
    peer.value("guest-file-seek", handle=handle, offset=0, whence=0)
    answer = peer.value("guest-file-read", handle=handle, count=size + 1)
    assert base64.b64decode(answer["buf-b64"]) == data
    assert answer["count"] == size
    assert answer["eof"] is True
    peer.value("guest-file-close", handle=handle)
    assert path.read_bytes() == data


def test_counts(peer: Peer, path: Path) -> None:
    handle = peer.value("guest-file-open", path=str(path), mode="w+")
    assert peer.value("guest-file-write", handle=handle, buf_b64="QUJDRA==", count=2)["count"] == 2
    for count in (5, -1):
        text = f"value '{count}' is invalid for argument count"
        assert peer.error("guest-file-write", handle=handle, buf_b64="QUJDRA==", count=count) == text
    for count in (-1, 48 * 1024 * 1024 + 1):
        text = f"value '{count}' is invalid for argument count"
        assert peer.error("guest-file-read", handle=handle, count=count) == text
    assert peer.value("guest-file-read", handle=handle, count=0)["count"] == 0
    peer.value("guest-file-close", handle=handle)


@pytest.mark.parametrize(
    ("text", "count"),
    [("QUJD\nREVG\n", 6), ("QUI=", 2), ("QQ==", 1), ("QUJ", 0), ("", 0), ("QUJD=", 3), ("QQ==QUJD", 4)],
)
def test_base64_that_is_taken(peer: Peer, path: Path, text: str, count: int) -> None:
    handle = peer.value("guest-file-open", path=str(path), mode="w")
    assert peer.value("guest-file-write", handle=handle, buf_b64=text)["count"] == count
    peer.value("guest-file-close", handle=handle)


@pytest.mark.parametrize("text", ["QU JD", "QUJD\r\n", "QUJD-", "é"])
def test_base64_that_is_not(peer: Peer, path: Path, text: str) -> None:
    handle = peer.value("guest-file-open", path=str(path), mode="w")
    assert (
        peer.error("guest-file-write", handle=handle, buf_b64=text)
        == "Base64 data contains invalid characters"
    )
    peer.value("guest-file-close", handle=handle)


def test_seek(peer: Peer, path: Path) -> None:
    path.write_bytes(b"0123456789")
    handle = peer.value("guest-file-open", path=str(path))
    moves = [(3, "set", 3), (2, "cur", 5), (-1, "end", 9), (20, 0, 20), (-5, 1, 15), (0, 2, 10)]
    for offset, whence, position in moves:
        assert (
            peer.value("guest-file-seek", handle=handle, offset=offset, whence=whence)["position"] == position
        )
    assert peer.error("guest-file-seek", handle=handle, offset=0, whence=3) == "invalid whence code 3"
    assert (
        peer.error("guest-file-seek", handle=handle, offset=-1, whence=0)
        == "failed to seek file: Invalid argument"
    )
    assert peer.error("guest-file-seek", handle=5, offset=0, whence=3) == "handle '5' has not been found"
    peer.value("guest-file-close", handle=handle)


def test_what_cannot_be_opened_or_read(peer: Peer, tmp_path: Path) -> None:
    text = "failed to open file '/no/such' (mode: 'r'): No such file or directory"
    assert peer.error("guest-file-open", path="/no/such") == text
    handle = peer.value("guest-file-open", path=str(tmp_path))
    assert peer.error("guest-file-read", handle=handle) == "failed to read file: Is a directory"
    peer.value("guest-file-close", handle=handle)
    assert peer.error("guest-file-open", path=str(tmp_path), mode="w").endswith("(mode: 'w'): Is a directory")


def test_a_full_disk(agent: Agent, peer: Peer) -> None:
    """Differs on purpose: the C agent's write is buffered and succeeds, and only the flush tells."""
    handle = peer.value("guest-file-open", path="/dev/full", mode="w")
    if agent.ours:
        text = "failed to write to file: No space left on device"
        assert peer.error("guest-file-write", handle=handle, buf_b64="QUJD") == text
    else:
        assert peer.value("guest-file-write", handle=handle, buf_b64="QUJD")["count"] == 3
        assert (
            peer.error("guest-file-flush", handle=handle) == "failed to flush file: No space left on device"
        )
    peer.call("guest-file-close", handle=handle)


def test_a_fifo(agent: Agent, peer: Peer, tmp_path: Path) -> None:
    """Differs on purpose: the C agent loses what it had read when the FIFO runs dry."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert peer.error("guest-file-open", path=str(fifo), mode="w").endswith("No such device or address")
    handle = peer.value("guest-file-open", path=str(fifo))
    writer = os.open(fifo, os.O_WRONLY)
    os.write(writer, b"abc")
    if agent.ours:
        assert peer.value("guest-file-read", handle=handle) == {"buf-b64": "YWJj", "count": 3, "eof": False}
    else:
        assert (
            peer.error("guest-file-read", handle=handle)
            == "failed to read file: Resource temporarily unavailable"
        )
    os.close(writer)
    peer.value("guest-file-close", handle=handle)


def test_a_write_of_48_mib(agent: Agent, peer: Peer, path: Path) -> None:
    """Differs on purpose: the C agent answers with its limit for one token."""
    data = os.urandom(1 << 20) * 48
    handle = peer.value("guest-file-open", path=str(path), mode="w")
    answer = peer.call("guest-file-write", handle=handle, buf_b64=b64(data))
    if agent.ours:
        assert answer == {"return": {"count": len(data), "eof": False}}
        assert path.read_bytes() == data
    else:
        assert answer["error"]["desc"].endswith("JSON token size limit exceeded")
        peer.until_sync(b"")
    peer.value("guest-file-close", handle=handle)
