"""The web side of a real daemon over TLS: people log in, work on a real guest, and everything is in the log."""

import json
import signal
import ssl
import subprocess
import urllib.error
import urllib.request

import argon2
import pytest
from tests.contract.agents import running
from tests.interop.daemon.test_serve import start
from tests.interop.monitor.conftest import until

__all__ = ["start"]
OPENSSL = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    " -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
)
HASH = argon2.PasswordHasher.from_parameters(argon2.profiles.CHEAPEST).hash("correct horse")


class Browser:
    """Keeps its cookie and the token against forged requests."""

    def __init__(self, url, certificate):
        self.url = url.replace("http:", "https:")
        self._context = ssl.create_default_context(cafile=certificate)
        self.headers = {"Sec-Fetch-Site": "same-origin"}

    def ask(self, method, path, body=None, raw=None):
        """Status, answer."""
        headers = dict(self.headers)
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20, context=self._context) as answer:
                self.cookie = answer.headers.get("Set-Cookie", "")
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def get(self, path):
        status, data = self.ask("GET", path)
        return json.loads(data) if status == 200 else status

    def log_in(self, user, password):
        self.headers["X-CSRF-Token"] = self.get("session")["csrf"]
        status, data = self.ask("POST", "session", {"user": user, "password": password})
        if status == 200:
            assert "Secure" in self.cookie
            self.headers["Cookie"] = self.cookie.partition(";")[0]
            self.headers["X-CSRF-Token"] = json.loads(data)["csrf"]
        return status


@pytest.fixture
def configured(tmp_path):
    """A configuration with TLS and a user; gives its file, its certificate."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [*OPENSSL.split(), "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    path = tmp_path / "guestwire.toml"
    path.write_text(
        f'[web]\ntls_cert = "{certificate}"\ntls_key = "{key}"\n'
        f'[web.users.alice]\npassword = "{HASH}"\nrole = "operator"\n'
    )
    return path, certificate


def up(browser):
    def answers():
        try:
            return browser.ask("GET", "session")[0] == 200
        except OSError:
            return False

    return answers


def test_somebody_logs_in_and_works(start, configured, tmp_path):
    path, certificate = configured
    (tmp_path / "agent").mkdir()
    with running(True, tmp_path / "agent") as agent:
        options = ("--config", str(path), "--guest", f"web1=unix:{agent.path}")
        daemon = start(*options)
        alice = Browser(daemon.url, certificate)
        until(up(alice))
        assert alice.get("guests") == 401
        assert alice.log_in("alice", "wrong") == 401
        assert alice.log_in("alice", "correct horse") == 200
        until(lambda: alice.get("guests")["guests"][0]["up"])
        work(alice, tmp_path)
        assert daemon.end()[0] == 0
        again = start(*options)
        alice.url = again.url.replace("http:", "https:")
        until(up(alice))
        assert alice.get("session")["user"] == "alice", "a restart logs nobody out"
        path.write_text(path.read_text().replace("[web.users.alice]", "[web.users.bob]"))
        again.process.send_signal(signal.SIGHUP)
        until(lambda: alice.get("guests") == 401)
        status, log = again.end()
        assert status == 0
        assert "Traceback" not in log


def work(alice, tmp_path):
    status, data = alice.ask("POST", "guests/web1/actions/exec", {"path": "/bin/echo", "arguments": ["hi"]})
    assert status == 202, data
    job = json.loads(data)["job"]
    until(lambda: alice.get(f"jobs/{job}?wait_seconds=5")["state"] == "done")
    assert alice.get(f"jobs/{job}")["stdout"] == "hi\n"
    file = f"guests/web1/files/content?path={tmp_path}/file"
    assert alice.ask("PUT", file, raw=b"x" * 3_000_000)[0] == 200
    assert alice.ask("GET", file) == (200, b"x" * 3_000_000)
    assert alice.ask("POST", "guests/web1/actions/shutdown", {"confirm": "web1"})[0] == 403
    called = [(one["who"], one["command"], one["outcome"]) for one in alice.get("guests/web1/calls")["calls"]]
    assert ("alice", "guest-exec", "ok") in called
    assert ("alice", "guest-file-open", "ok") in called
