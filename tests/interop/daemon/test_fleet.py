"""The daemon beside the engines that fleets use, all of them real: they hear of a guest through it alone."""

import contextlib
import json
import os
import time

import pytest
from tests.contract.agents import running as agent_running
from tests.interop.monitor.conftest import (  # noqa: F401
    alertmanager,
    free_port,
    get,
    get_json,
    program,
    running,
    until,
    victoria,
)

from .test_serve import MEMORY, Daemon

RULE = """
[[rule]]
name = "HasMemory"
expr = 'node_memory_MemTotal_bytes > 0'
every = "1s"
summary = "{guest} has {value:bytes}"
"""


@pytest.fixture
def daemon(tmp_path):
    """`daemon(TEXT)`: one that watches a real agent as `web`, with more configuration."""
    with contextlib.ExitStack() as stack:
        (tmp_path / "guest").mkdir()
        agent = stack.enter_context(agent_running(True, tmp_path / "guest"))

        def begin(text):
            config = tmp_path / "g.toml"
            config.write_text(f'{text}\n[guests]\nweb = "unix:{agent.path}"\n')
            made = Daemon(tmp_path, "--config", str(config))
            stack.callback(lambda: made.process.poll() is None and made.end())
            made.sees("web")
            return made

        yield begin


def test_prometheus_sees_the_guest_as_a_node(daemon, tmp_path):
    binary, port = program("prometheus", "prometheus"), free_port()
    url = f"http://127.0.0.1:{port}"
    watching = daemon("")
    job = {"job_name": "node", "http_sd_configs": [{"url": f"{watching.url}/sd", "refresh_interval": "1s"}]}
    own = {"job_name": "guestwire", "static_configs": [{"targets": [watching.url.removeprefix("http://")]}]}
    config = tmp_path / "prometheus.yml"
    config.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [job, own]}))
    flags = [f"--config.file={config}", f"--storage.tsdb.path={tmp_path}/tsdb"]
    with running([binary, *flags, f"--web.listen-address=127.0.0.1:{port}"], f"{url}/-/ready"):
        ask = f"{url}/api/v1/query?query=node_memory_MemTotal_bytes%7Bjob=%22node%22%7D"
        (found,) = until(lambda: get_json(ask)["data"]["result"], 40)
        assert found["metric"]["instance"] == "web"
        assert float(found["value"][1]) == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        until(lambda: get_json(f"{url}/api/v1/query?query=guestwire_store_series")["data"]["result"], 40)
        targets = get_json(f"{url}/api/v1/targets")["data"]["activeTargets"]
        assert {target["health"] for target in targets} == {"up"}


def test_remote_write_catches_up_after_an_outage_and_a_restart(daemon, tmp_path, victoria):  # noqa: F811
    url, start = victoria
    text = f'[[export.remote_write]]\nurl = "{url}/api/v1/write"\n'
    first = daemon(text)
    until(lambda: waiting(first) > 0)
    began = time.time()
    first.end()
    second = Daemon(tmp_path, "--config", str(tmp_path / "g.toml"))
    try:
        second.sees("web")
        with start():
            export = f"{url}/api/v1/export?match[]={MEMORY}"
            line = until(lambda: get(export).strip(), 90)
            stamps = json.loads(line.splitlines()[0])["timestamps"]
            assert stamps[0] / 1000 < began, "what was measured before the restart is there too"
            until(lambda: waiting(second) == 0, 60)
    finally:
        second.end()


def waiting(daemon):
    """How many requests wait for the other end."""
    lines = get(f"{daemon.url}/metrics").splitlines()
    name = "guestwire_export_queue_requests{"
    return sum(int(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def test_alertmanager_hears_of_an_alert(daemon, tmp_path, alertmanager):  # noqa: F811
    (tmp_path / "rules.toml").write_text(RULE)
    daemon(f'rules = ["{tmp_path}/rules.toml"]\n[notify]\nalertmanagers = ["{alertmanager}"]\n')

    def told():
        return [
            each
            for each in get_json(f"{alertmanager}/api/v2/alerts")
            if each["labels"]["alertname"] == "HasMemory"
        ]

    (found,) = until(told, 60)
    assert found["labels"]["guest"] == "web"
    assert found["annotations"]["summary"].startswith("web has ")
