"""The pages in front of the real daemon: agents of both kinds, two hundred simulated ones, and a restart."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, answers, environment, free_port, wait

SIMULATED = 200
# This machine is the guest: nothing may change it.
BLOCKED = (
    "guest-shutdown,guest-suspend-disk,guest-suspend-ram,guest-suspend-hybrid,guest-fsfreeze-freeze,"
    "guest-fsfreeze-freeze-list,guest-fstrim,guest-set-time,guest-set-vcpus,guest-set-memory-blocks,"
    "guest-set-user-password,guest-ssh-add-authorized-keys,guest-ssh-remove-authorized-keys"
)
STOCK = shutil.which("qemu-ga", path="/usr/sbin:/usr/bin:/sbin")


class Daemon:
    """The daemon as a process that can be ended and started again at the same address."""

    def __init__(self, folder: Path, guests: dict[str, str], interval: int = 5) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        config = folder / "guestwire.toml"
        lines = [
            f'listen = "{self.url.removeprefix("http://")}"',
            f'data_dir = "{folder}"',
            f"interval = {interval}",
        ]
        lines += [
            "discover = false",
            "[guests]",
            *(f'"{name}" = "unix:{path}"' for name, path in guests.items()),
        ]
        config.write_text("\n".join(lines) + "\n")
        self._log = (folder / "daemon.log").open("ab")
        self._command = [sys.executable, "-m", "guestwire.daemon", "--config", str(config)]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, env=environment(), stderr=self._log)
        wait(lambda: answers(f"{self.url}/healthz"), "the daemon answers")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def close(self) -> None:
        self.stop()
        self._log.close()


@pytest.fixture(scope="module")
def agents(tmp_path_factory):
    """Sockets of guests by name: our agent, the stock one where it is installed, and simulated ones."""
    folder = tmp_path_factory.mktemp("agents")
    guests = {"ours": folder / "ours.sock"}
    options = {"ours": [sys.executable, "-m", "guestwire.agent"]}
    if STOCK:
        guests["stock"] = folder / "stock.sock"
        options["stock"] = [STOCK]
    started = []
    for name, command in options.items():
        (folder / name).mkdir()
        place = ["-m", "unix-listen", "-p", guests[name], "-b", BLOCKED]
        place += ["-t", folder / name, "-f", folder / name / "pid"]
        started.append(
            subprocess.Popen([*command, *map(str, place)], env=environment(), stderr=subprocess.DEVNULL)
        )
    many = [sys.executable, "-m", "tests.browser.simulated", str(folder), str(SIMULATED)]
    started.append(subprocess.Popen(many, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True))
    try:
        assert started[-1].stdout is not None
        started[-1].stdout.readline()
        wait(lambda: all(path.exists() for path in guests.values()), "the agents listen")
        yield {**guests, **{f"sim-{number:03d}": folder / f"{number}.sock" for number in range(SIMULATED)}}
    finally:
        for process in started:
            process.terminate()
            process.wait(10)
            if process.stdout:
                process.stdout.close()


@pytest.fixture(scope="module")
def daemon(agents, tmp_path_factory):
    made = Daemon(tmp_path_factory.mktemp("daemon"), agents)
    yield made
    made.close()


def test_two_hundred_simulated_guests_and_two_real_ones(visit, daemon, agents):
    one = visit(daemon.url)
    page = one.page
    expect(page.locator("#states button", has_text="Up").locator("b")).to_have_text(str(len(agents)))
    page.locator("#search").fill("ours")
    expect(page.locator("#rows tr.row .c-memory")).to_contain_text("%")
    page.locator("#search").fill("onerror")
    expect(page.locator("#guests")).to_have_attribute("aria-rowcount", str(SIMULATED // 10 + 1))
    assert page.title() == "Guests · guestwire"


def test_a_real_guest_from_inside(visit, daemon):
    one = visit(daemon.url, "/guests/ours")
    page = one.page
    expect(page.locator("[data-chart=memory] canvas")).to_be_visible()
    expect(page.locator("[data-chart=cpu] canvas")).to_be_visible()
    expect(page.locator("#tiles")).to_contain_text("load")
    page.get_by_role("tab", name="Storage").click()
    expect(page.locator("#storage tbody tr").first).to_be_visible()
    one.forgive("404")


def test_an_evil_guest_through_the_whole_daemon(visit, daemon):
    one = visit(daemon.url, "/guests/sim-009")
    expect(one.page.locator("#about")).to_contain_text("<script>")
    for tab in ("Storage", "Network", "Processes and users", "Inventory"):
        one.page.get_by_role("tab", name=tab).click()
    expect(one.page.locator("#inventory > *").first).to_be_visible()
    assert one.page.evaluate("document.querySelectorAll('main script, main img').length") == 0
    assert "owned" not in one.page.title().split("·")[-1]
    one.forgive("404")


def test_the_page_survives_a_restart_of_the_daemon(visit, agents, tmp_path):
    guests = {name: agents[name] for name in ("sim-000", "sim-001", "sim-002")}
    daemon = Daemon(tmp_path, guests, interval=1)
    try:
        one = visit(daemon.url)
        page = one.page
        expect(page.locator("#live")).to_have_text("Live")
        page.evaluate("window.sameDocument = true")
        daemon.stop()
        expect(page.locator("#live")).to_have_text("Reconnecting…")
        expect(page.locator("#rows tr.row")).to_have_count(3)
        daemon.start()
        expect(page.locator("#live")).to_have_text("Live")
        expect(page.locator("#rows tr.row .c-cpu", has_text="%")).to_have_count(3)
        assert page.evaluate("window.sameDocument")
        one.forgive("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED", "ERR_EMPTY", "ERR_CONNECTION_RESET")
    finally:
        daemon.close()
