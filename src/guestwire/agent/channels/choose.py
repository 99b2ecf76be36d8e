"""The channel of a configuration. Only the chosen channel's module is loaded."""

from __future__ import annotations

from guestwire.agent import platform
from guestwire.agent.config import check_method
from guestwire.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.channels.base import Channel
    from guestwire.agent.config import Config
    from guestwire.agent.log import Log


def choose(config: Config, log: Log, activated: bool) -> Channel:
    """The channel for `config.method`, not yet open; `activated`: the service manager handed its socket over."""
    check_method(config.method)
    path = config.path or ""
    if activated:
        from guestwire.agent.channels.activation import Activated

        return Activated()
    if platform.current() == platform.WINDOWS:
        if config.method not in ("virtio-serial", "isa-serial"):
            raise ConfigError(
                f"method '{config.method}' does not work on Windows: use virtio-serial or isa-serial"
            )
        from guestwire.agent.channels.windows_serial import WindowsSerial

        return WindowsSerial(path, config.retry_path, log, modem=config.method == "isa-serial")
    if config.method == "virtio-serial":
        from guestwire.agent.channels.virtio_serial import VirtioSerial

        return VirtioSerial(path, config.retry_path, log)
    if config.method == "isa-serial":
        from guestwire.agent.channels.isa_serial import IsaSerial

        return IsaSerial(path, config.retry_path, log)
    if config.method == "unix-listen":
        from guestwire.agent.channels.unix_listen import UnixListen

        return UnixListen(path)
    from guestwire.agent.channels.vsock_listen import VsockListen

    return VsockListen(path)
