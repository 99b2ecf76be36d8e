"""The agents that the contract suite runs against: ours as a process, and QEMU's own as the oracle.

Both are started on a unix socket with every command blocked that would change the machine they run on.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from guestwire.agent.baton import PATIENCE as PATIENCE_OF_THE_LOOP
from guestwire.agent.channels.unix_listen import UnixListen
from guestwire.agent.config import Config
from guestwire.agent.dispatcher import Dispatcher
from guestwire.agent.freezer import Freezer
from guestwire.agent.jobs import Jobs
from guestwire.agent.log import Log
from guestwire.agent.loop import Loop
from guestwire.agent.persist import Persist
from guestwire.agent.service import Service

SOURCE = Path(__file__).parent.parent.parent / "src"
ORACLE = "/usr/sbin/qemu-ga"
NEVER_HERE = (
    "guest-shutdown guest-suspend-disk guest-suspend-ram guest-suspend-hybrid guest-fsfreeze-freeze "
    "guest-fsfreeze-freeze-list guest-fsfreeze-thaw guest-fstrim guest-set-time guest-set-vcpus "
    "guest-set-memory-blocks guest-set-user-password guest-ssh-add-authorized-keys guest-ssh-remove-authorized-keys"
).split()
PATIENCE = 20.0  # seconds before a test gives up


class Peer:
    """One connection to an agent, in raw bytes."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(str(path))  # without a limit: the backlog may be full for a moment
        except OSError:
            self._socket.close()
            raise
        self._socket.settimeout(PATIENCE)
        self._rest = bytearray()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def line(self) -> bytes:
        """The next answer, without its line end."""
        searched = 0
        while (end := self._rest.find(b"\n", searched)) < 0:
            searched = len(self._rest)
            data = self._socket.recv(1 << 20)
            if not data:
                raise EOFError(f"the agent closed the line; it had sent {bytes(self._rest)!r}")
            self._rest += data
        line = bytes(self._rest[:end])
        del self._rest[: end + 1]
        return line

    def ask(self, data: bytes) -> bytes:
        self.send(data)
        return self.line()

    def call(self, name: str, /, **arguments: Any) -> Any:
        """The whole answer of a command; `buf_b64=` stands for the argument buf-b64."""
        wired = {key.replace("_", "-"): value for key, value in arguments.items()}
        return json.loads(self.ask(json.dumps({"execute": name, "arguments": wired}).encode() + b"\n"))

    def value(self, name: str, /, **arguments: Any) -> Any:
        """The `return` of a command that must succeed."""
        return self.call(name, **arguments)["return"]

    def error(self, name: str, /, **arguments: Any) -> str:
        """The text of a command that must fail."""
        return str(self.call(name, **arguments)["error"]["desc"])

    def until_sync(self, data: bytes) -> list[bytes]:
        """All that is answered to `data`: a resync behind it marks the end."""
        self.send(data + b'\xff{"execute":"guest-sync","arguments":{"id":424242}}\n')
        lines = []
        while True:
            line = self.line()
            if line == b'{"return": 424242}':
                assert b"\\uFFFD" in lines[-1], "the resync's 0xFF is answered too"
                return lines[:-1]
            lines.append(line)

    def close(self) -> None:
        self._socket.close()


class Agent:
    """A running agent; `ours` tells whose it is. One in the test's own process has no `process`."""

    def __init__(self, path: Path, process: subprocess.Popen[bytes] | None, ours: bool) -> None:
        self.path = path
        self._process = process
        self.ours = ours

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "this agent has no process of its own"
        return self._process

    @contextlib.contextmanager
    def connect(self) -> Iterator[Peer]:
        peer = Peer(self.path)
        try:
            yield peer
        finally:
            peer.close()

    def wait_ready(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"the agent ended with status {self.process.returncode}")
            with contextlib.suppress(OSError), self.connect() as peer:
                if peer.ask(b'{"execute":"guest-ping"}') == b'{"return": {}}':
                    return
            time.sleep(0.01)
        raise TimeoutError("the agent does not answer")


class ThreadAlarm:
    """Stands in for the signal timer, which only the main thread of an agent's own process can take."""

    def __init__(self) -> None:
        self._deadline: float | None = None
        self.loop: Any = None
        threading.Thread(target=self._watch, daemon=True).start()

    def arm(self) -> None:
        self._deadline = time.monotonic() + PATIENCE_OF_THE_LOOP

    def disarm(self) -> None:
        self._deadline = None

    def wake(self) -> None:
        """Nothing waits for it here."""

    def _watch(self) -> None:
        while True:
            time.sleep(0.005)
            deadline = self._deadline
            if deadline is not None and deadline < time.monotonic():
                self._deadline = None
                self.loop.relieve()


@contextlib.contextmanager
def in_this_process(folder: Path) -> Iterator[Agent]:
    """Our agent's parts, all but its main thread, in the test's own process."""
    config = Config()
    config.block_rpcs = list(NEVER_HERE)
    config.statedir = str(folder)
    persist = Persist(str(folder))
    persist.load()
    log = Log(False, "guestwire-agent")
    state = Service(config, log, persist).state
    alarm = ThreadAlarm()
    state.jobs = Jobs()
    state.freezer = Freezer(state, alarm.wake)
    path = folder / "ga.sock"
    channel = UnixListen(str(path))
    channel.open()
    dispatcher = Dispatcher(state.registry, state.gate, log)
    state.loop = alarm.loop = Loop(channel, dispatcher, alarm, log)  # type: ignore[arg-type]
    state.loop.start()
    yield Agent(path, None, True)
    # the reader waits for a host until the test process ends


def command_of(ours: bool) -> list[str]:
    return [sys.executable, "-m", "guestwire.agent"] if ours else [ORACLE]


@contextlib.contextmanager
def running(ours: bool, folder: Path, *options: str, block: bool = True) -> Iterator[Agent]:
    """An agent on FOLDER/ga.sock, ended when the block ends."""
    if not ours and not shutil.which(ORACLE):
        raise FileNotFoundError(f"{ORACLE} is not installed")
    path = folder / "ga.sock"
    command = [
        *command_of(ours),
        "-m",
        "unix-listen",
        "-p",
        str(path),
        "-t",
        str(folder),
        "-f",
        str(folder / "pid"),
    ]
    if block:
        command += ["-b", ",".join(NEVER_HERE)]
    log = (folder / "log").open("ab")
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen([*command, *options], stdin=subprocess.DEVNULL, stderr=log, env=environment)
    agent = Agent(path, process, ours)
    try:
        agent.wait_ready()
        yield agent
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


@contextlib.contextmanager
def behind_a_broker(agent: Agent, folder: Path) -> Iterator[Agent]:
    """The same agent, reached through a broker of its own. What a user has made outlives the connection, as it does
    with the agent alone.
    """
    policy = folder / "policy.toml"
    policy.write_text('[[guest]]\nnames = ["*"]\nownership = "user"\n')
    guest = f"guest=unix:{agent.path}"
    command = [
        sys.executable,
        "-m",
        "guestwire.broker",
        "--guest",
        guest,
        "--run-dir",
        folder,
        "--policy",
        policy,
    ]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1"}
    broker = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment)
    behind = Agent(folder / "guests" / "guest.sock", agent.process, agent.ours)
    try:
        behind.wait_ready()
        yield behind
    finally:
        broker.terminate()
        broker.wait(PATIENCE)
