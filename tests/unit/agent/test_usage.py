from __future__ import annotations

from guestwire import __version__
from guestwire.agent import options, usage


def test_version_begins_with_qemus_line() -> None:
    assert usage.version_text() == f"QEMU Guest Agent 11.1.1\nguestwire-agent {__version__}\n"


def test_help_names_every_option() -> None:
    text = usage.help_text("guestwire-agent")
    for option in options.table("linux"):
        if option.long != "blacklist":
            assert f"--{option.long}" in text
            assert not option.short or f"-{option.short}" in text
    assert "/etc/guestwire/agent.conf" in text
    assert max(map(len, text.splitlines())) <= 88


def test_help_of_the_stand_in() -> None:
    assert "/etc/qemu/qemu-ga.conf" in usage.help_text("qemu-ga")
