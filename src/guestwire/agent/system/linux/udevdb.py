"""What udevd knows of a block device: its database /run/udev/data (one file a device, "E:KEY=VALUE" lines)."""

from __future__ import annotations


def block_properties(root: str, number: str) -> dict[str, str]:
    """The properties of the block device "MAJOR:MINOR"; none where there is no udev."""
    try:
        with open(f"{root}/run/udev/data/b{number}", encoding="utf-8", errors="replace") as file:
            lines = file.read().split("\n")
    except OSError:
        return {}
    properties = {}
    for line in lines:
        if line.startswith("E:"):
            key, _, value = line[2:].partition("=")
            properties[key] = value
    return properties
