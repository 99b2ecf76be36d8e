"""The two agents under measurement, as processes on unix sockets, and what /proc says of them."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src"
C_AGENT = "/usr/sbin/qemu-ga"


def our_command(accelerated: bool) -> list[str]:
    """How a package starts the agent: isolated, without site; compiled files are kept. pybase64 comes from site."""
    code = f"import sys; sys.path.insert(0, {str(SOURCE)!r}); "
    if accelerated:
        import pybase64

        code += f"sys.path.append({str(Path(pybase64.__file__).parent.parent)!r}); "
    code += "from guestwire.agent.main import main; sys.exit(main())"
    return [sys.executable, "-I", "-S", "-c", code]


class Subject:
    """One running agent and one connection to it."""

    def __init__(self, command: list[str], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "ga.sock"
        options = ["-m", "unix-listen", "-p", str(self.path), "-t", str(folder), "-f", str(folder / "pid")]
        self.process = subprocess.Popen(
            [*command, *options], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.line = self._connect()
        self._buffer = bytearray(1 << 20)

    def _connect(self) -> socket.socket:
        end = time.monotonic() + 20
        while True:
            line = socket.socket(socket.AF_UNIX)
            try:
                line.connect(str(self.path))
                return line
            except OSError:
                line.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.0005)

    def ask(self, data: bytes) -> bytes:
        """Send a request and read its one line; of a long one only the beginning comes back."""
        self.line.sendall(data)
        receive, buffer = self.line.recv_into, self._buffer
        size = receive(buffer)
        first = bytes(buffer[: min(size, 4096)])
        while buffer[size - 1] != 0x0A:
            size = receive(buffer)
        return first

    def cpu(self) -> float:
        """CPU seconds used so far by all threads (/proc/PID/task/*/schedstat, nanoseconds)."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def memory(self, field: str) -> float:
        """MiB of a field of /proc/PID/status: VmRSS now, VmHWM at its peak."""
        for text in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if text.startswith(field + ":"):
                return int(text.split()[1]) / 1024
        raise LookupError(field)

    def reset_peak(self) -> None:
        """Let VmHWM start again from the current size."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def close(self) -> None:
        self.line.close()
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def pair(folder: Path, accelerated: bool = False) -> Iterator[tuple[Subject, Subject]]:
    """Ours and the C agent, both fresh."""
    ours = Subject(our_command(accelerated), folder / "ours")
    theirs = Subject([C_AGENT], folder / "theirs")
    try:
        yield ours, theirs
    finally:
        ours.close()
        theirs.close()
