from __future__ import annotations

import os
from pathlib import Path

import pytest

from guestwire.agent import platform
from guestwire.agent.config import OWN_FILE, QEMU_FILE, Config, check_method, default_file, fill_path, load
from guestwire.agent.options import parse
from guestwire.errors import ConfigError

NO_FILE = {"QGA_CONF": "/nonexistent/agent.conf"}


def build(*words: str, conf: Path | None = None) -> Config:
    return load(parse(list(words)), "guestwire-agent", {"QGA_CONF": str(conf)} if conf else NO_FILE)


def test_defaults_are_those_of_qemu() -> None:
    config = build()
    assert vars(config) == {
        "daemon": False,
        "method": "virtio-serial",
        "path": None,
        "logfile": None,
        "pidfile": "/var/run/qemu-ga.pid",
        "fsfreeze_hook": None,
        "statedir": "/var/run",
        "verbose": False,
        "retry_path": False,
        "block_rpcs": [],
        "allow_rpcs": None,
        "commands_dirs": [],
        "lenient_packs": False,
        "freeze_timeout": 0.0,
        "hook_timeout": 60.0,
        "service": None,
    }


def test_every_key_of_the_file(tmp_path: Path) -> None:
    conf = tmp_path / "agent.conf"
    conf.write_text(
        "[general]\ndaemon=1\nmethod=unix-listen\npath=/p\nlogfile=/l\npidfile=/f\nfsfreeze-hook=/h\nstatedir=/s\n"
        "verbose=true\nretry-path=1\nblock-rpcs=a,b\nallow-rpcs=c,d\ncommands-dir=/c,/d\nlenient-packs=true\n"
        "freeze-timeout=1.5\nhook-timeout=0\nunknown=1\ndaemonize=junk\n[elsewhere]\nverbose=x\n"
    )
    assert vars(build(conf=conf)) == {
        "daemon": True,
        "method": "unix-listen",
        "path": "/p",
        "logfile": "/l",
        "pidfile": "/f",
        "fsfreeze_hook": "/h",
        "statedir": "/s",
        "verbose": True,
        "retry_path": True,
        "block_rpcs": ["b", "a"],
        "allow_rpcs": ["d", "c"],
        "commands_dirs": ["/c", "/d"],
        "lenient_packs": True,
        "freeze_timeout": 1.5,
        "hook_timeout": 0.0,
        "service": None,
    }


def test_every_option() -> None:
    config = build(
        *("-d", "-m", "unix-listen", "-p", "/p", "-l", "/l", "-f", "/f", "-F/h", "-t", "/s", "-v", "-r"),
        *("-b", "a,b", "-a", "c", "--commands-dir", "/c,d", "--lenient-packs"),
        *("--freeze-timeout", "9", "--hook-timeout", "3", "-D"),
    )
    assert (config.daemon, config.method, config.path, config.logfile) == (True, "unix-listen", "/p", "/l")
    assert (config.pidfile, config.fsfreeze_hook, config.statedir) == ("/f", "/h", "/s")
    assert (config.verbose, config.retry_path, config.lenient_packs) == (True, True, True)
    assert (config.block_rpcs, config.allow_rpcs, config.commands_dirs) == (["b", "a"], ["c"], ["/c,d"])
    assert (config.freeze_timeout, config.hook_timeout) == (9.0, 3.0)


def test_options_override_the_file_and_lists_accumulate(tmp_path: Path) -> None:
    conf = tmp_path / "agent.conf"
    conf.write_text("[general]\npath=/file\nverbose=1\nblock-rpcs=a,b\nblacklist=x\ncommands-dir=/one\n")
    config = build("-p", "/option", "-b", "c,d", "--commands-dir", "/two", "-b", "e", conf=conf)
    assert config.path == "/option"
    assert config.verbose
    assert config.block_rpcs == ["b", "a", "x", "d", "c", "e"]
    assert config.commands_dirs == ["/one", "/two"]


def test_the_hook_alone_has_a_default_path() -> None:
    assert build("-F").fsfreeze_hook == "/etc/qemu/fsfreeze-hook"


def test_an_empty_allow_list_is_none() -> None:
    assert build("-a", "").allow_rpcs is None
    assert build("-a", "", "-a", "x").allow_rpcs == ["x"]


def test_the_service_option_of_windows() -> None:
    assert load([("service", "install")], "x", NO_FILE).service == "install"


def test_only_a_comma_separates_names() -> None:
    assert build("-b", "guest-ping;guest-get-time,,x").block_rpcs == ["x", "", "guest-ping;guest-get-time"]


def test_which_file_is_read(tmp_path: Path) -> None:
    assert default_file("qemu-ga") == QEMU_FILE
    assert default_file("guestwire-agent") == OWN_FILE
    named, env = tmp_path / "named", tmp_path / "env"
    named.write_text("[general]\npath=/named\n")
    env.write_text("[general]\npath=/env\n")
    found = parse(["-c", "/nonexistent", "--config", str(named)])
    assert load(found, "qemu-ga", {"QGA_CONF": str(env)}).path == "/named"
    assert load([], "qemu-ga", {"QGA_CONF": str(env)}).path == "/env"


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        build("-c", str(tmp_path / "none"))
    assert str(caught.value) == f"cannot read configuration file {tmp_path}/none: No such file or directory"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not a regular file"):
        build(conf=tmp_path)


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(ConfigError, match="not a regular file"):
        build(conf=tmp_path / "fifo")


def test_a_path_through_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="Not a directory"):
        build(conf=tmp_path / "file" / "agent.conf")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("daemon=yes", "line 2: 'daemon' is 'yes': use true, false, 1 or 0"),
        ("path=a\\x", "line 2: 'path' has a backslash before 'x': write \\\\ for one"),
        ("freeze-timeout=soon", "line 2: freeze-timeout is 'soon': use a number of seconds, 0 for no limit"),
        ("junk", "line 2: 'junk' is not a group, key=value pair or comment"),
    ],
)
def test_faults_of_the_file_name_it_and_the_line(tmp_path: Path, line: str, message: str) -> None:
    conf = tmp_path / "agent.conf"
    conf.write_text(f"[general]\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        build(conf=conf)
    assert str(caught.value) == f"{conf}: {message}"


@pytest.mark.parametrize("value", ["", "x", "-1", "nan", "inf", "1e10"])
def test_seconds(value: str) -> None:
    with pytest.raises(ConfigError, match="hook-timeout is"):
        build("--hook-timeout", value)


def test_default_paths() -> None:
    config = build()
    fill_path(config)
    assert config.path == platform.default_path("virtio-serial")
    config = build("-m", "isa-serial")
    fill_path(config)
    assert config.path == platform.default_path("isa-serial")
    config = build("-p", "/x")
    fill_path(config)
    assert config.path == "/x"


def test_methods_without_a_default_path() -> None:
    with pytest.raises(
        ConfigError, match="must specify a path for this channel: 'unix-listen' has no default"
    ):
        fill_path(build("-m", "unix-listen"))


def test_unknown_methods() -> None:
    words = "unknown method 'foo': use virtio-serial, isa-serial, unix-listen or vsock-listen"
    with pytest.raises(ConfigError, match=words):
        fill_path(build("-m", "foo"))
    with pytest.raises(ConfigError, match=words):
        check_method("foo")
    fill_path(build("-m", "foo", "-p", "/x"))  # as qemu-ga: --dump-conf shows it, the start refuses it


def test_the_places_of_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "_CURRENT", platform.WINDOWS)
    monkeypatch.setenv("ProgramData", r"C:\Data")
    config = Config()
    assert (config.statedir, config.pidfile) == (r"C:\Data\guestwire", r"C:\Data\guestwire\agent.pid")
    assert default_file("qemu-ga") == r"C:\Data\guestwire\agent.conf"
