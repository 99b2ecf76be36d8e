from pathlib import Path

import pytest

from guestwire.daemon.config import Config, data_folder, load, read
from guestwire.errors import ConfigError

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "configuration.md"


def test_a_file_says_all(tmp_path):
    path = tmp_path / "guestwire.toml"
    path.write_text(
        'listen = "[::1]:0"\ndata_dir = "/x"\ninterval = 5\ntoken = "t"\nhosts = ["h"]\nrules = ["/r.toml"]\n'
        'webhooks = ["http://w"]\napprise = ["json://a"]\nlimit_mib = 7\n[guests]\nweb = "unix:/run/web"\n'
    )
    assert load(path) == Config(
        ("::1", 0),
        Path("/x"),
        5.0,
        "t",
        ("h",),
        (Path("/r.toml"),),
        ("http://w",),
        ("json://a",),
        7,
        {"web": "unix:/run/web"},
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
    for key in Config.__dataclass_fields__:
        assert f"`{key}`" in told
