"""systemd is played by a thread that knows the format from the specification, not from the code under test."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from guestwire.agent.system.linux import units
from guestwire.agent.system.linux.units import failed_units, parse, request

# ListUnitsFiltered(["failed"]) as the specification marshals it.
CALL = (
    b"l\x01\x00\x01\x0f\x00\x00\x00\x01\x00\x00\x00\xa8\x00\x00\x00"
    b"\x01\x01o\x00\x19\x00\x00\x00/org/freedesktop/systemd1\x00\x00\x00\x00\x00\x00\x00"
    b"\x02\x01s\x00 \x00\x00\x00org.freedesktop.systemd1.Manager\x00\x00\x00\x00\x00\x00\x00\x00"
    b"\x03\x01s\x00\x11\x00\x00\x00ListUnitsFiltered\x00\x00\x00\x00\x00\x00\x00"
    b"\x06\x01s\x00\x18\x00\x00\x00org.freedesktop.systemd1\x00\x00\x00\x00\x00\x00\x00\x00"
    b"\x08\x01g\x00\x02as\x00"
)
BODY = b"\x0b\x00\x00\x00\x06\x00\x00\x00failed\x00"


def units_body(names: list[str], order: str = "<") -> bytes:
    body = b""

    def string(text: str) -> None:
        nonlocal body
        body += bytes(-len(body) % 4) + struct.pack(order + "I", len(text.encode())) + text.encode() + b"\0"

    for name in names:
        body += bytes(-len(body) % 8)
        for text in (name, "A unit", "loaded", "failed", "failed", "", "/org/freedesktop/systemd1/unit/x"):
            string(text)
        body += bytes(-len(body) % 4) + struct.pack(order + "I", 0)
        string("")
        string("/")
    return struct.pack(order + "II", len(body), 0) + body


def message(kind: int, body: bytes = b"", order: str = "<") -> bytes:
    fields = struct.pack(order + "BBBBI", 5, 1, ord("u"), 0, 1)  # reply to serial 1
    mark = b"l" if order == "<" else b"B"
    head = mark + bytes([kind, 0, 1]) + struct.pack(order + "III", len(body), 9, len(fields))
    return head + fields + body


@contextmanager
def systemd(root: Path, greeting: bytes, answer: bytes) -> Iterator[list[bytes]]:
    """One conversation; what came in stands in the list afterwards."""
    path = root / "run/systemd/private"
    path.parent.mkdir(parents=True)
    heard: list[bytes] = []
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    listener.settimeout(10)

    def serve() -> None:
        line, _ = listener.accept()
        with line, suppress(OSError):  # the other end may be gone
            line.settimeout(10)
            while not b"".join(heard).endswith(b"BEGIN\r\n"):
                heard.append(line.recv(4096))
            line.sendall(greeting)
            if not greeting.startswith(b"OK"):
                return
            heard.append(line.recv(4096))
            line.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    with listener:
        yield heard
        thread.join(10)


def test_request_is_marshalled_as_specified() -> None:
    sent = request()
    head = 16 + struct.unpack_from("<I", sent, 12)[0]
    assert sent[: len(CALL)] == CALL
    assert sent[head + -head % 8 :] == BODY


def test_conversation(tmp_path: Path) -> None:
    signal = message(4, b"\0" * 12)
    answer = signal + message(2, units_body(["a.service", "b\N{SNOWMAN}.mount"]))
    with systemd(tmp_path, b"OK 0123456789abcdef\r\n", answer) as heard:
        assert failed_units(str(tmp_path)) == ["a.service", "b\N{SNOWMAN}.mount"]
    login = b"\0AUTH EXTERNAL " + str(os.geteuid()).encode().hex().encode() + b"\r\nBEGIN\r\n"
    assert b"".join(heard).startswith(login)


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders(tmp_path: Path, order: str) -> None:
    with systemd(tmp_path, b"OK 0\r\n", message(2, units_body(["x.timer"], order), order)):
        assert failed_units(str(tmp_path)) == ["x.timer"]


@pytest.mark.parametrize(
    ("greeting", "answer", "words"),
    [
        (b"REJECTED EXTERNAL\r\n", b"", "not let this user"),
        (b"", b"", "hung up"),
        (b"O" * 300, b"", "hung up"),
        (b"OK 0\r\n", b"", "hung up"),
        (b"OK 0\r\n", message(2, b"abc")[:20], "hung up"),
        (b"OK 0\r\n", message(3), "did not tell"),
        (b"OK 0\r\n", message(4) * 64, "did not tell"),
        (b"OK 0\r\n", message(2, b"\xff\xff\0\0\0\0\0\0"), "no list of units"),
        (b"OK 0\r\n", b"l\2\0\1\xff\xff\xff\xff" + bytes(8), "too long"),
    ],
)
def test_strange_answers(tmp_path: Path, greeting: bytes, answer: bytes, words: str) -> None:
    with systemd(tmp_path, greeting, answer), pytest.raises(OSError, match=words):
        failed_units(str(tmp_path))


def test_no_systemd(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        failed_units(str(tmp_path))


def test_silent_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "_TIMEOUT", 0.01)
    (tmp_path / "run/systemd").mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "run/systemd/private"))
        listener.listen()
        with pytest.raises(OSError, match="timed out"):
            failed_units(str(tmp_path))


def test_cut_anywhere_is_refused() -> None:
    body = units_body(["a.service"])
    for size in range(len(body)):
        with pytest.raises(OSError, match="no list"):
            parse(body[:size])
    assert parse(units_body([])) == []
