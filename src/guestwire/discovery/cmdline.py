"""QEMU's command line: which guest it is, and where the host's ends of its agent channel and monitor are.

Options take one or two dashes; `-device`, `-chardev` and `-object` take `a=b,c=d` (a comma in a value is doubled,
qemu-options.hx) or, since QEMU 6, JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Options = dict[str, str]

_FIRST = {"name": "guest", "device": "driver", "chardev": "backend", "mon": "chardev"}
"""What the first word of an option means when no `key=` stands in front."""
_SERIAL_HINTS = ("qga", "guest_agent", "guest-agent", "org.qemu.guest_agent")
_KINDS = ("serial", "vsock")  # what the drivers that matter have in their names; a guest has fifty others
_ON = ("", "on", "yes", "true")


@dataclass(frozen=True, slots=True)
class CommandLine:
    """What a QEMU was started with, as far as it matters here."""

    name: str
    uuid: str
    id: str
    devices: tuple[Options, ...]
    chardevs: dict[str, Options]
    controls: tuple[str, ...] = ()  # chardevs of QMP monitors

    def chardev_of(self, channel: str) -> Options | None:
        """The character device behind a port. `isa-serial` is the first serial port with a socket.

        The agent's default channel may be a serial port too, when its names say so: a serial port has none on
        the wire.
        """
        for device in self.devices:
            if device.get("driver") == "virtserialport" and device.get("name") == channel:
                return self.chardevs.get(device.get("chardev", ""))
        for device in self.devices:
            chardev = self.chardevs.get(device.get("chardev", ""))
            if chardev is None or device.get("driver") not in ("isa-serial", "pci-serial"):
                continue
            if channel == "isa-serial" and chardev.get("backend") == "socket":
                return chardev
            hints = f"{device.get('id', '')} {device.get('chardev', '')}".lower()
            if channel == "org.qemu.guest_agent.0" and any(hint in hints for hint in _SERIAL_HINTS):
                return chardev
        return None

    @property
    def vsock(self) -> int | None:
        """The guest's context id on vsock."""
        for device in self.devices:
            cid = device.get("guest-cid", "")
            if device.get("driver", "").startswith("vhost-vsock") and cid.isascii() and cid.isdigit():
                return int(cid[:20])
        return None


def parse(argv: Sequence[str]) -> CommandLine:
    """Read the arguments, the program's name not among them."""
    name: Options = {}
    single = {"uuid": "", "id": ""}
    devices: list[Options] = []
    chardevs: dict[str, Options] = {}
    controls: list[str] = []
    for option, value in _pairs(argv):
        if option == "name":
            name = _options(option, value)
        elif option in single:
            single[option] = value
        elif option == "device" and any(kind in value for kind in _KINDS):
            devices.append(_options(option, value))
        elif option == "chardev":
            read = _options(option, value)
            chardevs[read.get("id", "")] = read
        elif option == "serial":
            _serial(value, devices, chardevs)
        elif option in ("qmp", "qmp-pretty", "mon"):
            _monitor(option, value, controls, chardevs)
    return CommandLine(
        name.get("guest", ""), single["uuid"], single["id"], tuple(devices), chardevs, tuple(controls)
    )


def is_on(options: Options, *keys: str) -> bool:
    """Whether one of these switches is on (`server`, `server=on`, `server=yes`)."""
    return any(options[key] in _ON for key in keys if key in options)


def _pairs(argv: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Options with the argument that follows each."""
    for this, following in zip(argv, argv[1:], strict=False):
        if this.startswith("-"):
            yield this.removeprefix("-").removeprefix("-"), following


def _serial(value: str, devices: list[Options], chardevs: dict[str, Options]) -> None:
    """`-serial unix:PATH,server=on` or `-serial chardev:ID`: an ISA port and its character device in one."""
    kind, _, rest = value.partition(":")
    if kind == "chardev":
        devices.append({"driver": "isa-serial", "chardev": rest})
    elif kind == "unix":
        made = f"serial{len(devices)}"
        devices.append({"driver": "isa-serial", "chardev": made})
        chardevs[made] = {"backend": "socket", **_options("unix", f"path={rest}")}


def _monitor(option: str, value: str, controls: list[str], chardevs: dict[str, Options]) -> None:
    """`-mon [chardev=]ID,mode=control`, `-qmp unix:PATH,server=on` or `-qmp chardev:ID`: a QMP monitor."""
    kind, _, rest = value.partition(":")
    if option == "mon":
        read = _options(option, value)
        if read.get("mode") == "control":
            controls.append(read.get("chardev", ""))
    elif kind == "chardev":
        controls.append(rest)
    elif kind == "unix":
        controls.append(f"qmp{len(controls)}")
        chardevs[controls[-1]] = {"backend": "socket", **_options("unix", f"path={rest}")}


def _options(option: str, value: str) -> Options:
    return _from_json(value) if value.startswith("{") else _from_keys(value, _FIRST.get(option, ""))


def _from_keys(value: str, first: str) -> Options:
    options: Options = {}
    for number, part in enumerate(value.replace(",,", "\0").split(",")):
        key, equals, text = part.replace("\0", ",").partition("=")
        if not equals and number == 0 and first:
            options[first] = key
        else:
            options[key] = text
    return options


def _from_json(value: str) -> Options:
    """Members as strings, those of inner objects beside the outer ones (a chardev's backend and address)."""
    try:
        read = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    options: Options = {}
    _flatten(read, options, 0)
    return options


def _flatten(value: Any, options: Options, depth: int) -> None:
    if not isinstance(value, dict) or depth > 6:
        return
    for key, inner in value.items():
        if isinstance(inner, dict):
            if isinstance(inner.get("type"), str) and key == "backend":
                options["backend"] = inner["type"]
            _flatten(inner, options, depth + 1)
        elif isinstance(inner, bool):
            options.setdefault(key, "on" if inner else "off")
        elif isinstance(inner, str | int):
            options.setdefault(key, str(inner))
