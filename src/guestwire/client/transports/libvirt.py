"""libvirt: the domain's channel belongs to libvirtd, which passes commands on.

By libvirt-python where that is installed, else by `virsh qemu-agent-command`. libvirtd frames and resyncs by itself,
so what looks like a stream here is one command and one answer.
"""

from __future__ import annotations

import importlib
import json
import math
import subprocess
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from guestwire.client.address import LibvirtAddress

_DELIMITED = "guest-sync-delimited"
_FAILED = "unable to execute QEMU agent command"
_TIMED_OUT = "timed out"


class LibvirtError(Exception):
    """What libvirt says went wrong, in its own words."""


class Gateway(Protocol):
    """A way to have libvirtd pass one command on."""

    max_request: int

    def command(self, request: str, seconds: int) -> str:
        """Return the answer, waiting so many seconds. Raises `LibvirtError`, `OSError`."""

    def close(self) -> None:
        """End what is open."""


class LibvirtTransport:
    """A domain of a libvirt connection, as a transport."""

    max_answer = 10 << 20  # libvirt refuses a longer one

    def __init__(self, address: LibvirtAddress, gateway: Gateway | None = None) -> None:
        self._gateway: Gateway = gateway or _best_gateway(address)
        self.max_request = self._gateway.max_request
        self._requests: deque[bytes] = deque()

    def open(self, timeout: float) -> None:
        """Nothing is open between commands."""

    def write(self, data: bytes, timeout: float) -> None:
        """Keep the request until its answer is asked for."""
        self._requests.append(data)

    def read(self, timeout: float) -> bytes:
        """Have the oldest request executed; libvirt counts time-outs in whole seconds."""
        if not self._requests or timeout <= 0:
            raise TimeoutError
        request = json.loads(self._requests.popleft().lstrip(b"\xff"))
        seconds = -1 if timeout == math.inf else max(1, math.ceil(timeout))
        if request.get("execute") == _DELIMITED:
            return self._resync(request, seconds)
        try:
            return self._gateway.command(json.dumps(request), seconds).strip().encode() + b"\n"
        except LibvirtError as error:
            return _line({"error": _guest_error(str(error))})

    def _resync(self, request: dict[str, Any], seconds: int) -> bytes:
        """Any answer to a plain sync is a sign of life; libvirt cannot read the 0xFF of the delimited one."""
        try:
            self._gateway.command(json.dumps({**request, "execute": "guest-sync"}), seconds)
        except LibvirtError as error:
            _guest_error(str(error))
        return _line({"return": request["arguments"]["id"]})

    def close(self) -> None:
        """Forget what was not executed."""
        self._requests.clear()
        self._gateway.close()

    def interrupt(self) -> None:
        """See `Transport`. libvirt cannot take a command back; its own time-out ends it."""

    def waiting_behind(self) -> bool | None:
        """libvirtd holds the channel."""
        return None


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer).encode() + b"\n"


def _guest_error(text: str) -> dict[str, str]:
    """The agent's own error, which libvirt wraps in words; raises OSError for libvirt's own trouble."""
    _, failed, rest = text.partition(_FAILED)
    if not failed:
        if _TIMED_OUT in text:
            raise TimeoutError(f"libvirt: {text}")
        raise ConnectionError(f"libvirt: {text}")
    desc = rest.partition("': ")[2] or rest.strip()
    missing = "has not been found" in desc and "ommand" in desc
    return {
        "class": "CommandNotFound" if missing or "has been disabled" in desc else "GenericError",
        "desc": desc,
    }


def _best_gateway(address: LibvirtAddress) -> Gateway:
    try:
        return Bindings(address)
    except ImportError:
        return Virsh(address)


class Bindings:
    """libvirt-python."""

    max_request = 4 << 20  # the longest string of libvirt's own protocol

    def __init__(self, address: LibvirtAddress) -> None:
        self._libvirt: Any = importlib.import_module("libvirt")
        self._qemu: Any = importlib.import_module("libvirt_qemu")
        self._address = address
        self._libvirt.registerErrorHandler(lambda *_: None, None)  # it prints every error on stderr otherwise
        self._connection: Any = None

    def command(self, request: str, seconds: int) -> str:
        """See `Gateway`."""
        try:
            if self._connection is None:
                self._connection = self._libvirt.open(self._address.uri)
            domain = self._connection.lookupByName(self._address.domain)
            answer: str = self._qemu.qemuAgentCommand(domain, request, seconds, 0)
        except self._libvirt.libvirtError as error:
            raise LibvirtError(str(error)) from None
        return answer

    def close(self) -> None:
        """See `Gateway`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class Virsh:
    """The command line tool, once for each command."""

    max_request = 96 << 10  # Linux passes at most 128 KiB in one argument

    def __init__(self, address: LibvirtAddress) -> None:
        self._address = address

    def command(self, request: str, seconds: int) -> str:
        """See `Gateway`."""
        patience = ["--block"] if seconds < 0 else ["--timeout", str(seconds)]
        where = ["virsh", "-q", "-c", self._address.uri, "qemu-agent-command"]
        argv = [*where, *patience, "--domain", self._address.domain, "--cmd", request]
        try:
            done = subprocess.run(
                argv,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=None if seconds < 0 else seconds + 2,
                check=False,
            )
        except FileNotFoundError:
            raise ConnectionError("libvirt: neither libvirt-python nor virsh is installed") from None
        except subprocess.TimeoutExpired:
            raise TimeoutError("libvirt: virsh did not return") from None
        if done.returncode:
            text = done.stderr.decode(errors="replace").strip()
            raise LibvirtError(text.removeprefix("error: ").replace("\n", " "))
        return done.stdout.decode(errors="replace")

    def close(self) -> None:
        """Nothing is open."""
