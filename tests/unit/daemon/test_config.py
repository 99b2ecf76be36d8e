from pathlib import Path

import pytest

from guestwire.daemon.config import (
    Broker,
    Config,
    Endpoint,
    Export,
    Notify,
    data_folder,
    load,
    read,
    run_folder,
)
from guestwire.errors import ConfigError

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "configuration.md"


def test_a_file_says_all(tmp_path):
    path = tmp_path / "guestwire.toml"
    path.write_text(
        'listen = "[::1]:0"\ndata_dir = "/x"\ninterval = 5\ntoken = "t"\nhosts = ["h"]\nrules = ["/r.toml"]\n'
        'collectors = ["/c.py"]\n'
        'limit_mib = 7\nbroker = {run_dir = "/run/x"}\ndiscover = false\nsources = ["qemu"]\n'
        '[guests]\nweb = "unix:/run/web"\n'
        '[notify]\nwebhooks = ["http://w"]\napprise = ["json://a"]\nalertmanagers = ["http://am:9093"]\n'
        'quiet_hours = ["22:00-07:00"]\nquiet_below = "warning"\ngroup_by = ["alertname"]\n'
        'wait = "1s"\ninterval = "2m"\nrepeat = "3h"\n'
        "[export]\nqueue_mib = 8\n"
        'otlp = [{url = "https://o/v1/metrics", headers = {X-Scope = "1"}}]\n'
        '[[export.remote_write]]\nurl = "http://r/api/v1/write"\n'
    )
    assert load(path) == Config(
        listen=("::1", 0),
        data_dir=Path("/x"),
        interval=5.0,
        token="t",
        hosts=("h",),
        rules=(Path("/r.toml"),),
        collectors=(Path("/c.py"),),
        limit_mib=7,
        discover=False,
        sources=("qemu",),
        guests={"web": "unix:/run/web"},
        broker=Broker(Path("/run/x")),
        notify=Notify(
            webhooks=("http://w",),
            apprise=("json://a",),
            alertmanagers=("http://am:9093",),
            quiet_hours=("22:00-07:00",),
            quiet_below="warning",
            group_by=("alertname",),
            wait=1.0,
            interval=120.0,
            repeat=10800.0,
        ),
        export=Export(
            remote_write=(Endpoint("http://r/api/v1/write"),),
            otlp=(Endpoint("https://o/v1/metrics", {"X-Scope": "1"}),),
            queue_mib=8,
        ),
    )


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"intervall": 5}, "unknown key 'intervall'; did you mean 'interval'?"),
        ({"zzz": 5}, "unknown key 'zzz'"),
        ({"interval": 0}, "interval: 0 is not"),
        ({"interval": True}, "interval: True is not"),
        ({"interval": float("nan")}, "interval: nan is not"),
        ({"listen": "8790"}, "is not HOST:PORT"),
        ({"listen": "::1:8790"}, "is not HOST:PORT"),
        ({"listen": "a:70000"}, "is not HOST:PORT"),
        ({"token": ""}, "token: '' is not"),
        ({"hosts": "h"}, "hosts: must be a list"),
        ({"limit_mib": -1}, "limit_mib: -1 is not"),
        ({"guests": []}, "guests: must be a table"),
        ({"guests": {"a\n": "unix:/x"}}, "is no name"),
        ({"guests": {"a": "unix:"}}, "nothing follows"),
        ({"guests": {"a": 1}}, "1 is not a string"),
        ({"qmp": {"a": "vsock:3:4"}}, "qmp: 'vsock:3:4' is no monitor that can be asked"),
        ({"discover": 1}, "discover: 1 is neither true nor false"),
        ({"sources": ["qmeu"]}, "sources: 'qmeu' is none of broker, list"),
        ({"notify": []}, "notify: must be a table"),
        ({"notify": {"webhook": []}}, "notify: unknown key 'webhook'; did you mean 'webhooks'?"),
        ({"notify": {"webhooks": ["ftp://x"]}}, "notify: webhooks: 'ftp://x' is no address"),
        ({"notify": {"quiet_hours": ["night"]}}, "are no quiet hours"),
        ({"notify": {"quiet_below": "loud"}}, "'loud' is none of info"),
        ({"notify": {"wait": "soon"}}, "is no duration"),
        ({"export": {"otlp": "http://x"}}, "must be a list of tables"),
        ({"export": {"otlp": [{}]}}, "url is missing"),
        ({"export": {"otlp": [{"url": "x"}]}}, "no address to send to"),
        ({"export": {"otlp": [{"url": "http://x", "headers": {"a b": "c"}}]}}, "is no HTTP header"),
        ({"export": {"otlp": [{"url": "http://x", "headers": {"a": "c\n"}}]}}, "is no HTTP header"),
        ({"export": {"otlp": [{"url": "http://x", "headers": 1}]}}, "must be a table of NAME"),
    ],
)
def test_a_mistake_is_one_clear_line(data, says):
    with pytest.raises(ConfigError) as caught:
        read(data)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [None, "a = ", "intervall = 1"])
def test_the_file_is_named(tmp_path, text):
    path = tmp_path / "g.toml"
    if text:
        path.write_text(text)
    with pytest.raises(ConfigError, match=r"g\.toml: "):
        load(path)


def test_the_folder_is_the_system_s_or_the_user_s(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert data_folder() == Path("/var/lib/guestwire")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/d")
    assert data_folder() == Path("/d/guestwire")


def test_every_key_is_documented():
    told = REFERENCE.read_text()
    for key in (*Config.__dataclass_fields__, *Notify.__dataclass_fields__, *Export.__dataclass_fields__):
        assert f"`{key}`" in told or f"`[{key}]`" in told


def test_the_run_folder_is_the_system_s_or_the_user_s(monkeypatch):
    monkeypatch.delenv("GUESTWIRE_RUN_DIR", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert run_folder() == Path("/run/guestwire")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1000")
    assert run_folder() == Path("/run/user/1000/guestwire")
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert run_folder() is None
    monkeypatch.setenv("GUESTWIRE_RUN_DIR", "/r")
    assert run_folder() == Path("/r")
    assert read({"broker": {"run_dir": ""}}).broker.run_dir is None
