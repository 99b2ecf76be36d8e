"""`--dump-conf`: the configuration in force, as a configuration file, in qemu-ga's own order and form."""

from __future__ import annotations

import os

from guestwire.agent.keyfile import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.config import Config


def dump(config: Config) -> bytes:
    """The file's bytes. The agent's own keys follow qemu-ga's, where they differ from the default."""
    lines = ["[general]"]

    def add(key: str, value: str | bool | None) -> None:
        if isinstance(value, bool):
            lines.append(f"{key}={'true' if value else 'false'}")
        elif value is not None:
            lines.append(f"{key}={escape(value)}")

    add("daemon", config.daemon)
    add("method", config.method)
    add("path", config.path)
    add("logfile", config.logfile)
    add("pidfile", config.pidfile)
    add("fsfreeze-hook", config.fsfreeze_hook)
    add("statedir", config.statedir)
    add("verbose", config.verbose)
    add("retry-path", config.retry_path)
    add("block-rpcs", ",".join(config.block_rpcs))
    add("allow-rpcs", ",".join(config.allow_rpcs or ()))
    if config.commands_dirs:
        add("commands-dir", ",".join(config.commands_dirs))
    if config.lenient_packs:
        add("lenient-packs", True)
    if config.freeze_timeout != 0:
        add("freeze-timeout", f"{config.freeze_timeout:g}")
    if config.hook_timeout != 60:
        add("hook-timeout", f"{config.hook_timeout:g}")
    return os.fsencode("\n".join(lines) + "\n")
