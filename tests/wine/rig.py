"""The agent in Python for Windows, under Wine, with a pseudo terminal as its COM port.

Wanted: Wine (`apt-get install wine wine64`) and CPython for Windows, which `tools/fetch_windows_python.py` fetches
unless the variable GUESTWIRE_WINDOWS_PYTHON names its folder. See docs/explanation/windows.md.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import shutil
import socket
import subprocess
import sys
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import fetch_windows_python as windows_python  # noqa: E402

SOURCE = ROOT / "src"
PATIENCE = 60.0  # seconds before a test gives up
# Opens the port that is named and closes it again.
OPEN_PORT = """
import _winapi, sys
_winapi.CloseHandle(_winapi.CreateFile(sys.argv[1], 0xC0000000, 0, 0, 3, 0, 0))
print("opened")
"""
WINDOWS_10 = ["wine", "reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"]


def missing() -> str | None:
    """What keeps this machine from running the agent under Wine; None when all is there."""
    if shutil.which("wine") is None:
        return "Wine is not installed: apt-get install wine wine64"
    try:
        windows_python.fetch()
    except windows_python.Unreachable as error:
        return str(error)
    return None


def drive_z(path: Path) -> str:
    """The same place as Wine's programs see it."""
    return "Z:" + str(path).replace("/", "\\")


class Wine:
    """A Wine of its own in `folder`, with what runs in it."""

    def __init__(self, folder: Path) -> None:
        self.prefix = folder / "prefix"
        self.python = windows_python.directory() / "python.exe"
        self.environment = {
            **os.environ,
            "WINEPREFIX": str(self.prefix),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe=",
            "PYTHONPATH": drive_z(SOURCE),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def boot(self) -> None:
        """Make the prefix, tell it to be Windows 10, and keep its server running.

        All of it ends once in between (`-w`): else a service manager of the other version goes on beside the new.
        """
        for command in (
            ["wineboot", "-i"],
            WINDOWS_10,
            ["wineserver", "-w"],
            ["wineserver", "-p"],
            ["wineboot"],
        ):
            self._quietly(command)

    def stop(self) -> None:
        """End all of it and give its 700 MB back."""
        self._quietly(["wineserver", "-k"])
        shutil.rmtree(self.prefix, ignore_errors=True)

    def link_port(self, name: str, device: str) -> None:
        """Make `device` the COM port `name`; `wineboot` would undo it.

        On a machine that is busy enough Wine gives up waiting for its own services at boot, and then has no ports: it
        is booted again.
        """
        port = self.prefix / "dosdevices" / name
        for _ in range(3):
            port.unlink(missing_ok=True)
            port.symlink_to(device)
            if "opened" in self.run("-c", OPEN_PORT, rf"\\.\{name}"):
                return
            self._quietly(["wineserver", "-k"])
            self.boot()
        raise RuntimeError(f"Wine does not find its port {name}")

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """python.exe with `words`; its output is a pipe, for it does not start on a file."""
        return subprocess.Popen(
            ["wine", str(self.python), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
        )

    def run(self, *words: str) -> str:
        """What python.exe prints."""
        process = self.start(*words)
        try:
            output, _ = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
        return output.decode("utf-8", "replace").replace("\r\n", "\n")

    def tool(self, *words: str) -> str:
        """What a program of Windows prints until it ends, 64 KiB at most: services it starts keep its pipe open."""
        ours, theirs = os.pipe()
        nowhere = subprocess.DEVNULL
        try:
            command = ["wine", *words]
            process = subprocess.Popen(
                command, stdin=nowhere, stdout=theirs, stderr=theirs, env=self.environment
            )
            try:
                process.wait(PATIENCE)
            finally:
                process.kill()
            os.set_blocking(ours, False)
            with contextlib.suppress(BlockingIOError):
                return os.read(ours, 1 << 16).decode("utf-8", "replace")
            return ""
        finally:
            os.close(ours)
            os.close(theirs)

    def _quietly(self, command: list[str]) -> None:
        nowhere = subprocess.DEVNULL
        subprocess.run(
            command,
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
            timeout=PATIENCE,
            env=self.environment,
            check=False,
        )


class SerialPeer:
    """The host's end of the COM port, in raw bytes."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._rest = bytearray()

    def send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view[:4096]) :]

    def line(self, patience: float = PATIENCE) -> bytes:
        """The next answer, without its line end."""
        deadline = time.monotonic() + patience
        while (end := self._rest.find(b"\n")) < 0:
            ready, _, _ = select.select([self._fd], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError(f"no answer; so far {bytes(self._rest[-200:])!r}")
            self._rest += os.read(self._fd, 1 << 16)
        line = bytes(self._rest[:end])
        del self._rest[: end + 1]
        return line

    def ask(self, data: bytes) -> bytes:
        self.send(data)
        return self.line()

    def sync(self, patience: float = PATIENCE) -> None:
        """Make both ends forget what came before."""
        number = time.monotonic_ns() % (1 << 30)
        self.send(b'\xff{"execute":"guest-sync-delimited","arguments":{"id":%d}}\n' % number)
        while self.line(patience) != b'\xff{"return": %d}' % number:
            pass

    def call(self, name: str, /, **arguments: Any) -> Any:
        wired = {key.replace("_", "-"): value for key, value in arguments.items()}
        return json.loads(self.ask(json.dumps({"execute": name, "arguments": wired}).encode() + b"\n"))

    def value(self, name: str, /, **arguments: Any) -> Any:
        """The `return` of a command that must succeed."""
        answer = self.call(name, **arguments)
        assert "return" in answer, answer
        return answer["return"]

    def error(self, name: str, /, **arguments: Any) -> str:
        """The text of a command that must fail."""
        return str(self.call(name, **arguments)["error"]["desc"])


AGENT = ("-m", "guestwire.agent")


@contextlib.contextmanager
def serving(
    wine: Wine, folder: Path, method: str = "isa-serial", *options: str, program: tuple[str, ...] = AGENT
) -> Iterator[SerialPeer]:
    """The agent on COM1 or on the virtio port's stand-in; the block gets the host's end, in sync."""
    port = com_port if method == "isa-serial" else virtio_port
    state = drive_z(folder / "state")
    with port(wine) as (fd, words):
        agent = wine.start(*program, "-m", method, *words, "-t", state, *options)
        peer = SerialPeer(fd)
        try:
            _await_sync(peer, agent)
            yield peer
        finally:
            agent.kill()
            agent.communicate()


@contextlib.contextmanager
def com_port(wine: Wine) -> Iterator[tuple[int, list[str]]]:
    """COM1 is a pseudo terminal: its other end, and the agent's options for it."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    wine.link_port("com1", os.ttyname(theirs))
    try:
        yield ours, ["-p", "COM1"]
    finally:
        os.close(ours)
        os.close(theirs)


@contextlib.contextmanager
def virtio_port(wine: Wine) -> Iterator[tuple[int, list[str]]]:
    """A named pipe under the virtio port's name: its other end; the agent finds the port by itself."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        relay = wine.start(drive_z(Path(__file__).with_name("relay.py")), str(listener.getsockname()[1]))
        try:
            host, _ = listener.accept()
            with host:
                host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                assert relay.stdout is not None
                told = relay.stdout.readline()
                assert told.startswith(b"ready"), told
                yield host.fileno(), []
        finally:
            relay.kill()
            relay.communicate()


def _await_sync(peer: SerialPeer, agent: subprocess.Popen[bytes]) -> None:
    """The port's buffer is cleared when the agent opens it, so what was sent before may be lost."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if agent.poll() is not None:
            output = agent.stdout.read() if agent.stdout else b""
            raise RuntimeError(f"the agent ended with status {agent.returncode}: {output!r}")
        with contextlib.suppress(TimeoutError):
            peer.sync(0.5)
            return
    raise TimeoutError("the agent does not answer")
