"""guest-file-*: the commands over real files, whole and streamed."""

from __future__ import annotations

import base64
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from guestwire.agent.commands.portable import files
from guestwire.agent.handles import Handles
from guestwire.agent.state import AgentState
from guestwire.errors import CommandError
from guestwire.wire.messages import Streamed, stream


class Counter:
    last = 999

    def next_handle(self) -> int:
        self.last += 1
        return self.last


@pytest.fixture
def agent() -> AgentState:
    agent = AgentState()
    agent.handles = Handles(Counter())  # type: ignore[arg-type]
    return agent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def read(agent: AgentState, handle: int, count: int | None = None) -> tuple[bytes, int, bool]:
    value = files.guest_file_read(agent, handle, count)
    if isinstance(value, Streamed):
        data = b"".join(value.pieces)
        value = {"buf-b64": data, **value.rest()}
    return base64.b64decode(value["buf-b64"]), value["count"], value["eof"]


def upload(agent: AgentState, handle: int, text: bytes, step: int = 1000, **more: Any) -> Any:
    upload = files.guest_file_write.upload(agent, handle, buf_b64="")  # type: ignore[attr-defined]
    for at in range(0, len(text), step):
        upload.feed(text[at : at + step])
    try:
        return upload.finish(handle=handle, buf_b64="", **more)
    except CommandError:
        upload.abort()
        raise


@pytest.mark.parametrize(
    ("mode", "content", "after"),
    [
        ("r+", b"old", b"NEW"),
        ("w", b"old", b"NEW"),
        ("a", b"old", b"oldNEW"),
        ("w+b", None, b"NEW"),
        ("ab+", None, b"NEW"),
    ],
)
def test_modes(agent: AgentState, path: Path, mode: str, content: bytes | None, after: bytes) -> None:
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o640)
    handle = files.guest_file_open(agent, str(path), mode)
    assert files.guest_file_write(agent, handle, b64(b"NEW")) == {"count": 3, "eof": False}
    files.guest_file_flush(agent, handle)
    files.guest_file_close(agent, handle)
    assert path.read_bytes() == after
    assert stat.S_IMODE(path.stat().st_mode) == (0o666 if content is None else 0o640)


@pytest.mark.parametrize("mode", ["", "x", "rw", "r ", "rb+b", "wx"])
def test_other_modes_are_refused(agent: AgentState, path: Path, mode: str) -> None:
    with pytest.raises(CommandError, match=re.escape(f"invalid file open mode '{mode}'")):
        files.guest_file_open(agent, str(path), mode)


def test_open_tells_what_and_why(agent: AgentState, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        files.guest_file_open(agent, "/no/such")
    assert str(caught.value) == "failed to open file '/no/such' (mode: 'r'): No such file or directory"


def test_reading_in_pieces(agent: AgentState, path: Path) -> None:
    data = os.urandom(files.PIECE * 2 + 5)
    path.write_bytes(data)
    handle = files.guest_file_open(agent, str(path))
    assert read(agent, handle) == (data[:4096], 4096, False)
    files.guest_file_seek(agent, handle, 0, "set")
    assert read(agent, handle, len(data)) == (data, len(data), False)
    assert read(agent, handle, 10) == (b"", 0, True)
    files.guest_file_seek(agent, handle, -5, 2)
    assert read(agent, handle, files.PIECE * 3) == (data[-5:], 5, True)
    assert read(agent, handle, 0) == (b"", 0, False)
    for count in (-1, files.MAX_COUNT + 1):
        with pytest.raises(CommandError, match=f"value '{count}' is invalid for argument count"):
            read(agent, handle, count)


def test_what_cannot_be_read(agent: AgentState, tmp_path: Path) -> None:
    for count in (10, files.PIECE + 1):
        handle = files.guest_file_open(agent, str(tmp_path))
        with pytest.raises(CommandError, match="failed to read file: Is a directory"):
            read(agent, handle, count)
        with pytest.raises(CommandError, match="Is a directory"):  # the handle is free again
            read(agent, handle, count)
    with pytest.raises(CommandError, match="handle '77' has not been found"):
        read(agent, 77, files.PIECE + 1)


def test_an_error_in_the_middle_of_a_large_read_ends_it_early(
    agent: AgentState, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(b"x" * files.PIECE * 3)
    handle = files.guest_file_open(agent, str(path))
    calls: list[int] = []

    def failing(fd: int, count: int) -> tuple[bytes, bool]:
        calls.append(count)
        if len(calls) == 2:
            raise OSError(5, "Input/output error")
        return b"x" * count, False

    monkeypatch.setattr(files, "read_full", failing)
    assert read(agent, handle, files.PIECE * 3) == (b"x" * files.PIECE, files.PIECE, False)


def test_a_fifo_loses_nothing_and_never_waits(agent: AgentState, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(CommandError, match="No such device or address"):
        files.guest_file_open(agent, str(fifo), "w")
    reader = files.guest_file_open(agent, str(fifo))
    assert read(agent, reader, 10) == (b"", 0, True)
    writer = files.guest_file_open(agent, str(fifo), "w")
    with pytest.raises(CommandError, match="failed to read file: Resource temporarily unavailable"):
        read(agent, reader, 10)
    files.guest_file_write(agent, writer, b64(b"abc"))
    assert read(agent, reader, 4096) == (b"abc", 3, False)
    files.guest_file_write(agent, writer, b64(b"defg"))
    assert read(agent, reader, files.PIECE * 2) == (b"defg", 4, False)
    count = files.guest_file_write(agent, writer, b64(b"x" * 1_000_000))["count"]
    assert 0 < count < 1_000_000
    with pytest.raises(CommandError, match="failed to write to file: Resource temporarily unavailable"):
        files.guest_file_write(agent, writer, b64(b"x"))


def test_write_checks_its_data(agent: AgentState, path: Path) -> None:
    handle = files.guest_file_open(agent, str(path), "w")
    with pytest.raises(CommandError, match="Base64 data contains invalid characters"):
        files.guest_file_write(agent, handle, "QUJD!")
    for count in (-1, 4):
        with pytest.raises(CommandError, match=f"value '{count}' is invalid for argument count"):
            files.guest_file_write(agent, handle, "QUJD", count)
    assert files.guest_file_write(agent, handle, "QUJD\nREVG", 4)["count"] == 4
    assert files.guest_file_write(agent, handle, "")["count"] == 0
    assert path.read_bytes() == b"ABCD"


def test_a_full_disk_is_told_at_once(agent: AgentState) -> None:
    handle = files.guest_file_open(agent, "/dev/full", "w")
    with pytest.raises(CommandError, match="failed to write to file: No space left on device"):
        files.guest_file_write(agent, handle, "QUJD")
    files.guest_file_close(agent, handle)


def test_seek(agent: AgentState, path: Path) -> None:
    path.write_bytes(b"0123456789")
    handle = files.guest_file_open(agent, str(path))
    for offset, whence, position in [(3, "set", 3), (2, 1, 5), (-1, "end", 9), (100, 0, 100)]:
        assert files.guest_file_seek(agent, handle, offset, whence) == {"position": position, "eof": False}
    with pytest.raises(CommandError, match="failed to seek file: Invalid argument"):
        files.guest_file_seek(agent, handle, -1, 0)
    with pytest.raises(CommandError, match="invalid whence code 3"):
        files.guest_file_seek(agent, handle, 0, 3)
    with pytest.raises(CommandError, match="handle '5' has not been found"):
        files.guest_file_seek(agent, 5, 0, 3)


def test_a_handle_that_nobody_heard_of_is_closed(agent: AgentState, path: Path) -> None:
    handle = files.guest_file_open(agent, str(path), "w")
    files.guest_file_open.discard(agent, handle)  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="has not been found"):
        files.guest_file_flush(agent, handle)


@pytest.mark.parametrize("mode", ["w", "a", "r+"])
@pytest.mark.parametrize("step", [1, 7, 4096])
def test_a_streamed_write(agent: AgentState, path: Path, mode: str, step: int) -> None:
    path.write_bytes(b"0123456789")
    data = os.urandom(5000)
    handle = files.guest_file_open(agent, str(path), mode)
    assert upload(agent, handle, base64.b64encode(data), step) == {"count": 5000, "eof": False}
    assert upload(agent, handle, base64.b64encode(b"tail"), count=2) == {"count": 2, "eof": False}
    before = b"0123456789" if mode == "a" else b""
    assert path.read_bytes() == before + data + b"ta"
    files.guest_file_close(agent, handle)


@pytest.mark.parametrize("mode", ["w", "a", "r+"])
@pytest.mark.parametrize(
    ("text", "more"),
    [(b"QUJD" * 999 + b"!!!!", {}), (b"QUJD" * 999, {"count": 99999}), (b"QUJD" * 999, {"count": -1})],
)
def test_a_streamed_write_that_fails_leaves_no_trace(
    agent: AgentState, path: Path, mode: str, text: bytes, more: dict[str, Any]
) -> None:
    path.write_bytes(b"0123456789")
    handle = files.guest_file_open(agent, str(path), mode)
    files.guest_file_write(agent, handle, b64(b"xy"))
    before = path.read_bytes()
    with pytest.raises(CommandError):
        upload(agent, handle, text, **more)
    assert path.read_bytes() == before
    files.guest_file_write(agent, handle, b64(b"z"))
    assert path.read_bytes() == (before[:2] + b"z" + before[3:] if mode == "r+" else before + b"z")


def test_an_aborted_upload_frees_its_handle(agent: AgentState, path: Path) -> None:
    handle = files.guest_file_open(agent, str(path), "w")
    started = files.guest_file_write.upload(agent, handle, buf_b64="")  # type: ignore[attr-defined]
    started.feed(b"QUJD")
    with pytest.raises(CommandError, match="busy"):
        files.guest_file_flush(agent, handle)
    started.abort()
    started.abort()
    files.guest_file_flush(agent, handle)
    assert path.read_bytes() == b""


def test_a_streamed_write_to_a_device_waits_for_the_whole_request(agent: AgentState, tmp_path: Path) -> None:
    handle = files.guest_file_open(agent, "/dev/full", "w")
    with pytest.raises(CommandError, match="failed to write to file: No space left on device"):
        upload(agent, handle, b"QUJD" * 100)


def test_stream_makes_one_line_of_a_large_read(agent: AgentState, path: Path) -> None:
    path.write_bytes(b"a" * (files.PIECE + 1))
    handle = files.guest_file_open(agent, str(path))
    value = files.guest_file_read(agent, handle, files.PIECE + 10)
    assert isinstance(value, Streamed)
    line = b"".join(b"".join(buffers) for buffers, _ in stream(value))
    assert line.endswith(b'", "count": %d, "eof": true}}\n' % (files.PIECE + 1))
