from __future__ import annotations

import os

from guestwire.agent.config import Config
from guestwire.agent.dump import dump


def test_defaults() -> None:
    config = Config()
    assert dump(config) == (
        b"[general]\ndaemon=false\nmethod=virtio-serial\npidfile=/var/run/qemu-ga.pid\nstatedir=/var/run\n"
        b"verbose=false\nretry-path=false\nblock-rpcs=\nallow-rpcs=\n"
    )


def test_everything_set() -> None:
    config = Config()
    config.daemon = config.verbose = config.retry_path = config.lenient_packs = True
    config.path, config.logfile, config.fsfreeze_hook = " /a\\b", "/l", ""
    config.block_rpcs, config.allow_rpcs = ["b", "a;x"], ["c"]
    config.commands_dirs = ["/x", "/y"]
    config.freeze_timeout, config.hook_timeout = 90.0, 0.5
    assert dump(config).decode().splitlines() == [
        "[general]",
        "daemon=true",
        "method=virtio-serial",
        "path=\\s/a\\\\b",
        "logfile=/l",
        "pidfile=/var/run/qemu-ga.pid",
        "fsfreeze-hook=",
        "statedir=/var/run",
        "verbose=true",
        "retry-path=true",
        "block-rpcs=b,a;x",
        "allow-rpcs=c",
        "commands-dir=/x,/y",
        "lenient-packs=true",
        "freeze-timeout=90",
        "hook-timeout=0.5",
    ]


def test_a_path_of_any_bytes() -> None:
    config = Config()
    config.path = os.fsdecode(b"/a\xff")
    assert b"\npath=/a\xff\n" in dump(config)
