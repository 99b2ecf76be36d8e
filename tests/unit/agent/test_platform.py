from __future__ import annotations

import json
import sys

import pytest

from guestwire.agent import platform


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("linux", "linux"),
        ("linux2", "linux"),
        ("freebsd14", "freebsd"),
        ("win32", "windows"),
        ("darwin", "other-posix"),
    ],
)
def test_names(value: str, name: str) -> None:
    assert platform.name_of(value) == name


def test_current() -> None:
    assert platform.current() == platform.name_of(sys.platform)


def test_symbols() -> None:
    assert platform.symbols() == platform.symbols(platform.current())
    assert platform.symbols("windows") == {"CONFIG_WIN32"}
    assert {"CONFIG_LINUX", "CONFIG_POSIX", "CONFIG_LIBUDEV", "HAVE_UTMPX"} <= platform.symbols("linux")
    assert "CONFIG_LINUX" not in platform.symbols("freebsd") | platform.symbols("other-posix")


def test_default_paths() -> None:
    assert platform.default_path("virtio-serial", "linux") == "/dev/virtio-ports/org.qemu.guest_agent.0"
    assert platform.default_path("virtio-serial", "freebsd") == "/dev/vtcon/org.qemu.guest_agent.0"
    assert platform.default_path("isa-serial", "linux") == "/dev/ttyS0"
    assert platform.default_path("isa-serial", "windows") == "COM1"
    assert platform.default_path("unix-listen") is None
    assert json.dumps(platform.default_path("virtio-serial", "windows")).count("\\\\") == 4


def test_the_folder_of_a_windows_service() -> None:
    assert platform.data_folder({"ProgramData": "D:\\Data"}, "windows") == "D:\\Data\\guestwire"
    assert platform.data_folder({}, "windows") == "C:\\ProgramData\\guestwire"
    assert platform.data_folder({}, "linux") is None
