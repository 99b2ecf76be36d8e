import pytest

from guestwire.daemon.config import Config
from guestwire.daemon.launch import Choices, configuration
from guestwire.errors import ConfigError


def test_options_win_over_the_file(tmp_path):
    file = tmp_path / "g.toml"
    file.write_text('interval = 5\nlisten = "127.0.0.1:1"\n[guests]\na = "unix:/a"\nb = "unix:/b"\n')
    found = configuration(Choices(file, ("b=unix:/other",), "[::1]:0", tmp_path, 2))
    assert found == Config(
        listen=("::1", 0),
        data_dir=tmp_path,
        interval=2.0,
        discover=False,
        guests={"a": "unix:/a", "b": "unix:/other"},
    )


def test_without_a_file_the_defaults_hold(monkeypatch, tmp_path):
    monkeypatch.setattr("guestwire.daemon.launch.SYSTEM_FILE", tmp_path / "none")
    assert configuration(Choices()) == Config()


@pytest.mark.parametrize("text", ["x", "=unix:/a", "x=unix:"])
def test_a_guest_that_is_none(text):
    with pytest.raises(ConfigError):
        configuration(Choices(guests=(text,)))


def test_guests_on_the_command_line_stand_instead_of_those_found(monkeypatch, tmp_path):
    monkeypatch.setattr("guestwire.daemon.launch.SYSTEM_FILE", tmp_path / "none")
    assert configuration(Choices()).discover
    assert not configuration(Choices(guests=("a=unix:/a",))).discover
    assert configuration(Choices(guests=("a=unix:/a",), discover=True)).discover
    assert not configuration(Choices(discover=False)).discover
