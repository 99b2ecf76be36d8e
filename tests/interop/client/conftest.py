"""QEMU's own agent as the guest: on a unix socket, and behind a chardev socket such as QEMU offers."""

import contextlib
import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import threading
import time
import tty

import pytest

AGENT = shutil.which("qemu-ga") or shutil.which("qemu-ga", path="/usr/sbin:/usr/local/sbin")

pytestmark = pytest.mark.skipif(AGENT is None, reason="needs QEMU's agent (qemu-ga)")


@contextlib.contextmanager
def running(directory, method, path, *options):
    """The agent as a child; its state and logs are in `directory`."""
    if AGENT is None:
        pytest.skip("needs QEMU's agent (qemu-ga)")
    argv = [AGENT, "-m", method, "-p", path, "-t", str(directory), "-f", str(directory / "pid"), *options]
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield child
    finally:
        child.send_signal(signal.SIGCONT)
        child.kill()
        child.wait()


def wait_for(path):
    deadline = time.monotonic() + 10
    while not os.path.exists(path):
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.01)


@pytest.fixture
def agent_on_unix(tmp_path):
    """Start agents with options: `agent_on_unix("-b", "guest-exec")` gives the address and the process."""
    with contextlib.ExitStack() as stack:

        def start(*options):
            path = str(tmp_path / "qga.sock")
            child = stack.enter_context(running(tmp_path, "unix-listen", path, *options))
            wait_for(path)
            return f"unix:{path}", child

        yield start


@pytest.fixture
def chardev(tmp_path):
    """The address of a socket that serves one client after the other, the agent staying on its serial line."""
    host, guest = pty.openpty()
    tty.setraw(host)
    path = str(tmp_path / "chardev.sock")
    stop_here, stop_there = socket.socketpair()
    with (
        running(tmp_path, "isa-serial", os.ttyname(guest)),
        socket.socket(socket.AF_UNIX) as listener,
        stop_here,
        stop_there,
    ):
        listener.bind(path)
        listener.listen(1)
        relay = threading.Thread(target=serve, args=(listener, host, stop_there))
        relay.start()
        yield f"unix:{path}"
        stop_here.close()
        relay.join()
    os.close(host)
    os.close(guest)


def serve(listener, serial, stop):
    """Connect clients to the serial line, one at a time."""
    while stop not in select.select([listener, stop], [], [])[0]:
        client, _ = listener.accept()
        with client, contextlib.suppress(OSError):
            while True:
                ready, _, _ = select.select([client, serial, stop], [], [])
                if stop in ready:
                    return
                if client in ready:
                    data = client.recv(4096)
                    if not data:
                        break
                    os.write(serial, data)
                if serial in ready:
                    client.sendall(os.read(serial, 4096))
