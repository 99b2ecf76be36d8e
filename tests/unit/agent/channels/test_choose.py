from __future__ import annotations

import pytest

from guestwire.agent import platform
from guestwire.agent.channels.activation import Activated
from guestwire.agent.channels.choose import choose
from guestwire.agent.channels.isa_serial import IsaSerial
from guestwire.agent.channels.unix_listen import UnixListen
from guestwire.agent.channels.virtio_serial import VirtioSerial
from guestwire.agent.channels.vsock_listen import VsockListen
from guestwire.agent.channels.windows_serial import WindowsSerial
from guestwire.agent.config import METHODS, Config
from guestwire.agent.log import Log
from guestwire.errors import ConfigError


def config_of(method: str) -> Config:
    config = Config()
    config.method, config.path = method, "/x"
    return config


def test_every_method_has_a_channel() -> None:
    kinds = [type(choose(config_of(method), Log(), False)) for method in METHODS]
    assert kinds == [VirtioSerial, IsaSerial, UnixListen, VsockListen]


def test_a_socket_handed_over_goes_before() -> None:
    assert isinstance(choose(config_of("unix-listen"), Log(), True), Activated)


def test_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="unknown method 'x'"):
        choose(config_of("x"), Log(), False)
    monkeypatch.setattr(platform, "_CURRENT", platform.WINDOWS)
    with pytest.raises(ConfigError, match="does not work on Windows: use"):
        choose(config_of("unix-listen"), Log(), False)


def test_the_serial_devices_of_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "_CURRENT", platform.WINDOWS)
    for method in ("virtio-serial", "isa-serial"):
        assert isinstance(choose(config_of(method), Log(), False), WindowsSerial)
