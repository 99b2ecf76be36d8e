"""The agent's configuration: defaults, then the configuration file, then the command line."""

from __future__ import annotations

import os

from guestwire.agent import keyfile, platform
from guestwire.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

QEMU_NAME = "qemu-ga"
OWN_FILE = "/etc/guestwire/agent.conf"
QEMU_FILE = "/etc/qemu/qemu-ga.conf"
DEFAULT_HOOK = "/etc/qemu/fsfreeze-hook"
GROUP = "general"
METHODS = ("virtio-serial", "isa-serial", "unix-listen", "vsock-listen")

_TEXTS = ("method", "path", "logfile", "pidfile", "fsfreeze-hook", "statedir")
_BOOLEANS = ("daemon", "verbose", "retry-path", "lenient-packs")
_SECONDS = ("freeze-timeout", "hook-timeout")
_RPC_LISTS = ("block-rpcs", "blacklist", "allow-rpcs")


class Config:
    """What the user wants. Defaults are qemu-ga's; the last four are the agent's own."""

    def __init__(self) -> None:
        self.daemon = False
        self.method = "virtio-serial"
        self.path: str | None = (
            None  # None: the method's default, or a socket handed over by the service manager
        )
        self.logfile: str | None = None  # None: stderr
        self.pidfile = "/var/run/qemu-ga.pid"
        self.fsfreeze_hook: str | None = None  # None: no hook
        self.statedir = "/var/run"
        self.verbose = False
        self.retry_path = False
        self.block_rpcs: list[str] = []
        self.allow_rpcs: list[str] | None = None  # None: everything that is not blocked
        self.commands_dirs: list[str] = []
        self.lenient_packs = False
        self.freeze_timeout = 0.0  # seconds; 0: a freeze lasts until it is thawed
        self.hook_timeout = 60.0  # seconds; 0: no limit
        folder = platform.data_folder(os.environ)
        if folder is not None:
            self.statedir, self.pidfile = folder, rf"{folder}\agent.pid"
        self.service: str | None = None  # Windows: install, uninstall, vss-install, vss-uninstall

    def set(self, key: str, value: str) -> None:
        """Take one text value under its key, which is its long option too. ConfigError if it is wrong."""
        if key in _SECONDS:
            setattr(self, key.replace("-", "_"), _seconds(key, value))
        elif key == "commands-dir":
            self.commands_dirs += [name for name in value.split(",") if name]
        elif key in ("block-rpcs", "blacklist"):
            self.block_rpcs += _names(value)
        elif key == "allow-rpcs":
            self.allow_rpcs = (self.allow_rpcs or []) + _names(value) or None
        else:
            setattr(self, key.replace("-", "_"), value)


def _names(value: str) -> list[str]:
    """A comma list, last first: the order in which qemu-ga keeps and dumps it."""
    return value.split(",")[::-1] if value else []


def _seconds(key: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e9:
        raise ConfigError(f"{key} is '{value}': use a number of seconds, 0 for no limit")
    return seconds


def default_file(program: str) -> str:
    """The configuration file of an agent that was started under the name `program`."""
    folder = platform.data_folder(os.environ)
    if folder is not None:
        return rf"{folder}\agent.conf"
    return QEMU_FILE if program == QEMU_NAME else OWN_FILE


def load(found: list[tuple[str, str | None]], program: str, environ: Mapping[str, str]) -> Config:
    """Build the configuration from parsed options.

    `program` is the name the agent was started under: as `qemu-ga` it reads qemu-ga's file. A file named by
    --config must exist; the one of QGA_CONF or the default may be absent. ConfigError for any fault.
    """
    config = Config()
    named = [argument for key, argument in found if key == "config" and argument is not None]
    path = named[-1] if named else environ.get("QGA_CONF", default_file(program))
    data = _contents(path, must_exist=bool(named))
    if data is not None:
        _apply_file(config, keyfile.parse(data, path))
    for key, argument in found:
        _apply_option(config, key, argument)
    return config


def _contents(path: str, must_exist: bool) -> bytes | None:
    try:
        with open(path, "rb", buffering=0, opener=_open_regular) as file:
            return file.read()
    except FileNotFoundError:
        if not must_exist:
            return None
        reason = "No such file or directory"
    except ValueError as error:
        reason = str(error)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
    raise ConfigError(f"cannot read configuration file {path}: {reason}")


def _open_regular(path: str, flags: int) -> int:
    """Open without waiting for the other end of a FIFO, and only what GLib takes for a file too."""
    fd = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if os.fstat(fd).st_mode & 0o170000 != 0o100000:
        os.close(fd)
        raise ValueError("not a regular file")
    return fd


def _apply_file(config: Config, file: keyfile.KeyFile) -> None:
    for key in _BOOLEANS:
        flag = file.boolean(GROUP, key)
        if flag is not None:
            setattr(config, key.replace("-", "_"), flag)
    for key in _TEXTS + _RPC_LISTS + _SECONDS + ("commands-dir",):
        text = file.text(GROUP, key)
        if text is not None:
            try:
                config.set(key, text)
            except ConfigError as error:
                raise ConfigError(f"{file.where}: line {file.line(GROUP, key)}: {error}") from None


def _apply_option(config: Config, key: str, argument: str | None) -> None:
    if key in _BOOLEANS:
        setattr(config, key.replace("-", "_"), True)
    elif key == "fsfreeze-hook":
        config.fsfreeze_hook = argument if argument is not None else DEFAULT_HOOK
    elif key == "commands-dir" and argument is not None:
        config.commands_dirs.append(argument)  # one folder an option: its name may hold a comma
    elif argument is not None and key not in ("config", "dump-conf"):
        config.set(key, argument)


def fill_path(config: Config) -> None:
    """Set the method's default path if none is given; ConfigError when the method has none."""
    if config.path is None:
        config.path = platform.default_path(config.method)
    if config.path is None:
        check_method(config.method)
        raise ConfigError(
            f"must specify a path for this channel: '{config.method}' has no default, use --path"
        )


def check_method(method: str) -> None:
    """ConfigError for a method that does not exist."""
    if method not in METHODS:
        raise ConfigError(f"unknown method '{method}': use {', '.join(METHODS[:-1])} or {METHODS[-1]}")
