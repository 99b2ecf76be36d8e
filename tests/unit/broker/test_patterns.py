from __future__ import annotations

import pytest

from guestwire.broker.patterns import PathPattern, ProgramPattern
from guestwire.errors import ConfigError


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/var/log/*", "/var/log/syslog"),
        ("/var/log/*", "//var/./log//syslog"),
        ("/var/log/**", "/var/log/a/b"),
        ("/etc/os-release", "/etc/os-release"),
        ("/a?c", "/abc"),
        ("/logs/[1].txt", "/logs/[1].txt"),
        ("C:/Logs/**", "c:\\logs\\App\\x.txt"),
        ("/ü/*", "/ü/日本\n"),
    ],
)
def test_covered(pattern: str, path: str) -> None:
    assert PathPattern(pattern).matches(path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/var/log/*", "/var/log/a/b"),
        ("/var/log/**", "/var/log/../../etc/shadow"),
        ("/var/log/**", "/var/log/x/.."),
        ("/var/log/**", "/var/logs/x"),
        ("/var/log/**", "var/log/x"),
        ("/var/log/**", "/var/log/x\0/y"),
        ("/var/log/**", "/var/log/\udcff"),
        ("/var/log/**", "/var/log\\..\\x"),
        ("/var/log/**", ""),
        ("/var/log/**", None),
        ("/var/log/**", ["/var/log/x"]),
        ("/var/log/x", "/var/log/x\n"),
        ("/a?c", "/a/c"),
        ("/**", "C:/x"),
        ("C:/logs/**", "C:/logs/../x"),
        ("C:/logs/**", "C:\\logs\\..\\x"),
        ("C:/logs/**", "C:/logs/x::$DATA"),
        ("C:/logs/**", "C:/logs/x."),
        ("C:/logs/**", "C:/logs/LONGNA~1"),
        ("C:/logs/**", "C:logs/x"),
        ("C:/logs/**", "\\\\?\\C:\\logs\\x"),
    ],
)
def test_not_covered(pattern: str, path: object) -> None:
    assert not PathPattern(pattern).matches(path)


@pytest.mark.parametrize("text", ["logs/*", "/a/../b", "", "~/x"])
def test_a_pattern_is_absolute(text: str) -> None:
    with pytest.raises(ConfigError, match="absolute"):
        PathPattern(text)


@pytest.mark.parametrize(
    ("pattern", "request_"),
    [
        ("/usr/bin/uptime", {"path": "/usr/bin/uptime"}),
        ("/usr/bin/uptime", {"path": "/usr/bin/uptime", "arg": ["-p"], "env": []}),
        ("/usr/bin/*", {"path": "/usr/bin/df"}),
        ("uptime", {"path": "uptime", "input-data": "eA=="}),
        ("/bin/systemctl restart nginx", {"path": "/bin/systemctl", "arg": ["restart", "nginx"]}),
        ("/bin/systemctl status *", {"path": "/bin/systemctl", "arg": ["status", "a/b"]}),
        ("/bin/ls -l **", {"path": "/bin/ls", "arg": ["-l", "x", "y"]}),
    ],
)
def test_program_covered(pattern: str, request_: dict[str, object]) -> None:
    assert ProgramPattern(pattern).matches(request_)


@pytest.mark.parametrize(
    ("pattern", "request_"),
    [
        ("/usr/bin/uptime", {"path": "uptime"}),
        ("uptime", {"path": "/tmp/uptime"}),
        ("uptime", {"path": "./uptime"}),
        ("/usr/bin/uptime", {"path": "/usr/bin/../../tmp/x"}),
        ("/usr/bin/uptime", {"path": "/usr/bin/uptime", "env": ["LD_PRELOAD=/tmp/x"]}),
        ("/usr/bin/uptime", {}),
        ("/usr/bin/uptime", {"path": 3}),
        ("/usr/bin/uptime", {"path": "/usr/bin/uptime", "arg": "x"}),
        ("/usr/bin/uptime", {"path": "/usr/bin/uptime", "arg": [3]}),
        ("/bin/systemctl restart nginx", {"path": "/bin/systemctl", "arg": ["restart"]}),
        ("/bin/systemctl restart nginx", {"path": "/bin/systemctl", "arg": ["restart", "nginx", "sshd"]}),
        ("/bin/systemctl restart nginx", {"path": "/bin/systemctl"}),
        ("/bin/ls -l **", {"path": "/bin/ls"}),
    ],
)
def test_program_not_covered(pattern: str, request_: dict[str, object]) -> None:
    assert not ProgramPattern(pattern).matches(request_)


@pytest.mark.parametrize("text", ["", "'", "bin/x"])
def test_a_pattern_names_a_program(text: str) -> None:
    with pytest.raises(ConfigError):
        ProgramPattern(text)
