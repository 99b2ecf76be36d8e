from __future__ import annotations

import errno
import os
import signal
from pathlib import Path

import pytest

from guestwire.agent.system.linux import spawn


def program(path: Path, text: str = "#!/bin/sh\n", mode: int = 0o755) -> bytes:
    path.write_text(text)
    path.chmod(mode)
    return os.fsencode(path)


class TestFindProgram:
    def test_a_slash_means_no_search(self, tmp_path: Path) -> None:
        tool = program(tmp_path / "tool")
        assert spawn.find_program(tool, b"/nowhere") == tool

    @pytest.mark.parametrize(
        ("name", "code"),
        [(b"/nowhere/x", errno.ENOENT), (b"/etc/passwd/x", errno.ENOTDIR), (b"/tmp", errno.EACCES)],
    )
    def test_a_slash_and_nothing_to_run(self, name: bytes, code: int) -> None:
        with pytest.raises(OSError) as caught:
            spawn.find_program(name, b"/bin")
        assert caught.value.errno == code

    def test_search(self, tmp_path: Path) -> None:
        tool = program(tmp_path / "tool")
        assert spawn.find_program(b"tool", b"/nowhere:/etc/passwd:" + os.fsencode(tmp_path)) == tool

    def test_default_path(self) -> None:
        assert spawn.find_program(b"sh", None) == b"/bin/sh"

    def test_empty_part_is_the_working_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program(tmp_path / "tool")
        monkeypatch.chdir(tmp_path)
        assert spawn.find_program(b"tool", b"") == b"tool"

    @pytest.mark.parametrize("name", [b"", b"no-such-tool"])
    def test_not_found(self, name: bytes) -> None:
        with pytest.raises(FileNotFoundError):
            spawn.find_program(name, b"/bin")

    def test_denied_unless_found_later(self, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        program(tmp_path / "a" / "tool", mode=0o644)
        first, both = os.fsencode(tmp_path / "a"), b"%s/a:%s/b" % ((os.fsencode(tmp_path),) * 2)
        with pytest.raises(PermissionError):
            spawn.find_program(b"tool", first)
        tool = program(tmp_path / "b" / "tool")
        assert spawn.find_program(b"tool", both) == tool

    def test_other_errors_end_the_search(self) -> None:
        with pytest.raises(OSError) as caught:
            spawn.find_program(b"x" * 300, b"/bin:/usr/bin")
        assert caught.value.errno == errno.ENAMETOOLONG

    def test_execute_only(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tool = program(tmp_path / "tool")

        def refuse(*_: object) -> int:
            raise PermissionError(errno.EACCES, "no")

        monkeypatch.setattr(spawn.os, "open", refuse)
        assert spawn.find_program(tool, None) == tool


def run(script: str, env: list[bytes] | None = None, **options: bool) -> bytes:
    """What a shell script writes to its stdout."""
    reader, writer = spawn.pipe()
    environment = spawn.inherited() if env is None else spawn.EnvironmentList(env)
    words = [b"/bin/sh", b"-c", script.encode()]
    pid = spawn.spawn(b"/bin/sh", words, environment, (None, writer, writer), **options)
    os.close(writer)
    with open(reader, "rb") as stream:
        output = stream.read()
    assert os.waitpid(pid, 0)[1] == 0, output
    return output


class TestSpawn:
    def test_no_other_descriptors(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(spawn, "_sealed", False)
        leak = os.open("/dev/null", os.O_RDONLY)
        os.set_inheritable(leak, True)
        try:
            assert run("ls /proc/self/fd").split() == [b"0", b"1", b"2", b"3"]  # 3 is ls reading
        finally:
            os.close(leak)

    def test_null_streams(self) -> None:
        assert run("readlink /proc/self/fd/0") == b"/dev/null\n"

    def test_signals_are_at_their_defaults(self) -> None:
        old = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGCHLD])
        try:
            status = run("cat /proc/self/status").decode()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, old)
        words = [line.split() for line in status.splitlines()]
        masks = {word[0]: int(word[1], 16) for word in words if word[0] in ("SigBlk:", "SigIgn:")}
        assert masks["SigBlk:"] == 0
        standard = (1 << 31) - 1  # glibc itself ignores two of its own above
        assert masks["SigIgn:"] & standard == 0

    def test_session(self) -> None:
        ours = str(os.getsid(0)).encode()
        assert run("ps -o sid= -p $$").strip() == ours
        assert run("ps -o sid= -p $$", new_session=True).strip() != ours

    def test_environment_replaces_all(self) -> None:
        assert run("echo $A $HOME. $0", env=[b"A=1", b"odd", b"=x", b""]) == b"1 . /bin/sh\n"

    def test_file_of_no_known_format_is_a_shell_script(self, tmp_path: Path) -> None:
        tool = program(tmp_path / "tool", 'echo "$0" "$@"\n')
        reader, writer = spawn.pipe()
        pid = spawn.spawn(tool, [b"other", b"x y"], spawn.inherited(), (None, writer, None))
        os.close(writer)
        with open(reader, "rb") as stream:
            assert stream.read() == tool + b" x y\n"
        os.waitpid(pid, 0)

    def test_missing_interpreter(self, tmp_path: Path) -> None:
        tool = program(tmp_path / "tool", "#!/nowhere/sh\n")
        with pytest.raises(FileNotFoundError):
            spawn.spawn(tool, [tool], spawn.inherited(), (None, None, None))


class TestEnvironmentList:
    def test_in_order_and_doubled(self) -> None:
        env = spawn.EnvironmentList([b"A=1", b"B=x=y", b"A=2", b"C=\xff"])
        assert env.keys() == [b"A", b"B", b"A", b"C"]
        assert env.values() == [b"1", b"x=y", b"2", b"\xff"]
        assert (len(env), env.get(b"A"), env.get(b"Z")) == (4, b"1", None)

    def test_entries_that_set_nothing(self) -> None:
        assert spawn.EnvironmentList([b"", b"odd", b"=x"]).keys() == []

    def test_inherited(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(spawn, "_own_environment", None)
        assert dict(zip(spawn.inherited().keys(), spawn.inherited().values())) == dict(os.environb)


def test_pipe_stays_clear_of_the_standard_streams() -> None:
    saved = os.dup(0)
    os.close(0)
    try:
        ends = spawn.pipe()
    finally:
        os.dup2(saved, 0)
        os.close(saved)
    assert min(ends) > 2
    assert not any(os.get_inheritable(fd) for fd in ends)
    os.write(ends[1], b"x")
    assert os.read(ends[0], 9) == b"x"
    for fd in ends:
        os.close(fd)
