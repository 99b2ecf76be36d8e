"""Real servers of the field, started for a test and ended with it."""

import contextlib
import json
import shutil
import socket
import subprocess
import time
import urllib.request

import pytest


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url, timeout=5.0):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read().decode()


def get_json(url):
    return json.loads(get(url))


def until(found, seconds=20.0):
    """The first true value that `found()` gives; an error counts as not yet."""
    deadline = time.monotonic() + seconds
    last = None
    while time.monotonic() < deadline:
        try:
            last = found()
        except OSError as error:
            last = error
        else:
            if last:
                return last
        time.sleep(0.1)
    raise AssertionError(f"not in {seconds} s; last: {last!r}")


@contextlib.contextmanager
def running(command, ready):
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        try:
            until(lambda: child.poll() is not None or get(ready) is not None)
            assert child.poll() is None, child.stderr.read().decode()
            yield child
        finally:
            child.terminate()
            child.communicate(timeout=10)


def program(name, package):
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed (Debian: {package})")
    return path


@pytest.fixture
def victoria(tmp_path):
    """Gives (url, start): `start()` is a context manager, so that a test can let it fail and come back."""
    binary, port = program("victoria-metrics", "victoria-metrics"), free_port()
    url = f"http://127.0.0.1:{port}"
    flags = [f"-storageDataPath={tmp_path}/vm", f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=100y"]
    return url, lambda: running([binary, *flags], f"{url}/health")


@pytest.fixture
def alertmanager(tmp_path):
    binary, port = program("prometheus-alertmanager", "prometheus-alertmanager"), free_port()
    config = tmp_path / "am.yml"
    config.write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    url = f"http://127.0.0.1:{port}"
    flags = [
        f"--config.file={config}",
        f"--storage.path={tmp_path}/am",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with running([binary, *flags, "--cluster.listen-address="], f"{url}/-/ready"):
        yield url


@pytest.fixture
def node_exporter():
    binary, port = program("prometheus-node-exporter", "prometheus-node-exporter"), free_port()
    url = f"http://127.0.0.1:{port}/metrics"
    with running([binary, f"--web.listen-address=127.0.0.1:{port}"], url):
        yield url
