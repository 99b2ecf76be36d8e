"""The channel of a configuration. Only the chosen channel's module is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.agent import platform
from guestwire.errors import ConfigError

if TYPE_CHECKING:
    from guestwire.agent.channels.base import Channel
    from guestwire.agent.config import Config
    from guestwire.agent.log import Log

METHODS = ("virtio-serial", "isa-serial", "unix-listen", "vsock-listen")


def choose(config: Config, log: Log, activated: bool) -> Channel:
    """The channel for `config.method`, not yet open; `activated`: the service manager handed its socket over."""
    path = config.path or ""
    if activated:
        from guestwire.agent.channels.activation import Activated

        return Activated()
    if platform.current() == platform.WINDOWS:
        raise ConfigError(f"method '{config.method}' does not work on Windows yet")
    if config.method == "virtio-serial":
        from guestwire.agent.channels.virtio_serial import VirtioSerial

        return VirtioSerial(path, config.retry_path, log)
    if config.method == "isa-serial":
        from guestwire.agent.channels.isa_serial import IsaSerial

        return IsaSerial(path, config.retry_path, log)
    if config.method == "unix-listen":
        from guestwire.agent.channels.unix_listen import UnixListen

        return UnixListen(path)
    if config.method == "vsock-listen":
        from guestwire.agent.channels.vsock_listen import VsockListen

        return VsockListen(path)
    raise ConfigError(f"unknown method '{config.method}': use {', '.join(METHODS[:-1])} or {METHODS[-1]}")
