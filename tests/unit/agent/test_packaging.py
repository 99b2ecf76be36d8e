"""What is shipped beside the code must fit it."""

from __future__ import annotations

from pathlib import Path

from guestwire.agent import config, options, platform

ROOT = Path(__file__).parents[3]


def test_the_sample_configuration_shows_every_key_and_changes_nothing() -> None:
    text = (ROOT / "packaging/agent.conf").read_text()
    assert vars(config.load([("config", str(ROOT / "packaging/agent.conf"))], "x", {})) == vars(
        config.Config()
    )
    shown = {line[1:].partition("=")[0] for line in text.splitlines() if line.startswith("#") and "=" in line}
    keys = {option.key for option in options.table("linux")} - {"help", "version", "dump-conf", "config"}
    assert shown == keys


def test_the_reference_names_every_option() -> None:
    text = (ROOT / "docs/reference/agent-options.md").read_text()
    for option in options.table("linux"):
        assert f"--{option.long}" in text


def test_the_unit_and_the_rule_are_about_the_default_port() -> None:
    port = platform.default_path("virtio-serial", "linux")
    assert port is not None
    device = port[1:].replace("-", "\\x2d").replace("/", "-") + ".device"
    unit = (ROOT / "packaging/systemd/guestwire-agent.service").read_text()
    assert f"\nBindsTo={device}\nAfter={device}\n" in unit
    assert "\nType=notify\n" in unit
    rule = (ROOT / "packaging/udev/60-guestwire-agent.rules").read_text()
    assert f'ATTR{{name}}=="{port.rpartition("/")[2]}"' in rule
    assert "guestwire-agent.service" in rule
