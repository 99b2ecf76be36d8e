from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest

from guestwire.agent.log import Log

STAMP = r"\d{10,}\.\d{6}"


class Pipe:
    """A log over a pipe, and what came out of it."""

    def __init__(self, verbose: bool = False) -> None:
        self.receiver, self.sender = os.pipe()
        os.set_blocking(self.receiver, False)
        self.log = Log(verbose, fd=self.sender, environ={}, syslog=())

    def text(self) -> str:
        try:
            return os.read(self.receiver, 1 << 20).decode()
        except BlockingIOError:
            return ""


def test_the_form_of_a_line() -> None:
    pipe = Pipe()
    pipe.log.error("no channel")
    assert re.fullmatch(STAMP + ": critical: no channel\n", pipe.text())


def test_levels() -> None:
    for verbose, shown in (
        (False, ["critical", "warning"]),
        (True, ["critical", "warning", "info", "debug"]),
    ):
        pipe = Pipe(verbose)
        pipe.log.error("m")
        pipe.log.warning("m")
        pipe.log.info("m")
        pipe.log.debug("m")
        assert [line.split(": ")[1] for line in pipe.text().splitlines()] == shown


def test_a_message_is_one_line_whatever_it_holds() -> None:
    pipe = Pipe()
    pipe.log.warning("a\nb\x1b[2Jé\udcff")
    assert pipe.text().endswith(": warning: a\\nb\\x1b[2Jé\\udcff\n")


def test_while_suspended_lines_are_kept_with_their_time() -> None:
    pipe = Pipe()
    pipe.log.suspended = True
    for number in range(300):
        pipe.log.warning(str(number))
    assert pipe.text() == ""
    assert pipe.log.suspended
    pipe.log.suspended = False
    pipe.log.warning("after")
    said = [line.rsplit(" ", 1)[1] for line in pipe.text().splitlines()]
    assert said == [*map(str, range(256)), "after"]


def test_a_reader_that_does_not_read_costs_lines_only() -> None:
    pipe = Pipe()
    for _ in range(100):
        pipe.log.warning("x" * 10000)
    assert len(pipe.text()) <= 1 << 16
    pipe.log.warning("again")
    assert pipe.text().endswith("again\n")


def test_a_reader_that_left_and_a_closed_descriptor() -> None:
    pipe = Pipe()
    os.close(pipe.receiver)
    pipe.log.warning("into the void")
    os.close(pipe.sender)
    pipe.log.warning("into nothing")


def test_a_full_disk() -> None:
    fd = os.open("/dev/full", os.O_WRONLY)
    Log(fd=fd, environ={}).error("lost")
    os.close(fd)


def test_a_log_file_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "agent.log"
    path.write_text("old\n")
    log = Log(environ={})
    log.open_file(str(path))
    log.error("new")
    assert re.fullmatch(f"old\n{STAMP}: critical: new\n", path.read_text())
    assert not os.get_inheritable(log._fd)
    with pytest.raises(FileNotFoundError):
        log.open_file(str(tmp_path / "none" / "x"))


def test_to_the_journal_lines_bear_their_priority(tmp_path: Path) -> None:
    fd = os.open(tmp_path / "journal", os.O_RDWR | os.O_CREAT)
    status = os.fstat(fd)
    log = Log(fd=fd, environ={"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
    log.error("a")
    log.warning("b")
    assert os.pread(fd, 100, 0) == b"<3>critical: a\n<4>warning: b\n"
    os.close(fd)


@pytest.mark.parametrize("value", ["", "7", "1:1", "x:y"])
def test_another_stream_is_not_the_journal(value: str) -> None:
    receiver, sender = os.pipe()
    Log(fd=sender, environ={"JOURNAL_STREAM": value}).error("a")
    assert b": critical: a\n" in os.read(receiver, 100)
    assert not Log(fd=-1, environ={"JOURNAL_STREAM": "1:1"})._journal


class Syslog:
    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "log")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)

    def log(self) -> Log:
        return Log(name="agent", environ={}, syslog=("/nonexistent/log", self.path))


def test_accounting_goes_to_syslog(tmp_path: Path) -> None:
    syslog = Syslog(tmp_path)
    syslog.log().account("guest-file-open called\n")
    told = syslog.socket.recv(5000).decode()
    assert re.fullmatch(
        rf"<14>[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d agent\[{os.getpid()}\]: info: guest-file-open called\\n",
        told,
    )
    syslog.socket.close()


def test_accounting_never_waits_nor_fails(tmp_path: Path) -> None:
    syslog = Syslog(tmp_path)
    log = syslog.log()
    for _ in range(2000):
        log.account("x" * 4000)
    syslog.socket.close()
    log.account("nobody listens")
    Log(syslog=()).account("nowhere")


def test_no_accounting_while_suspended(tmp_path: Path) -> None:
    syslog = Syslog(tmp_path)
    log = syslog.log()
    log.suspended = True
    log.account("x")
    with pytest.raises(BlockingIOError):
        syslog.socket.recv(10)
    syslog.socket.close()


def test_accounting_without_descriptors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import _socket

    def none_left(*_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(_socket, "socket", none_left)
    Log(environ={}, syslog=(str(tmp_path),)).account("x")


def test_without_poll_files_count_as_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import select

    monkeypatch.delattr(select, "poll")
    log = Log(environ={})
    log.open_file(str(tmp_path / "log"))
    log.error("x")
    assert (tmp_path / "log").read_text().endswith("critical: x\n")
