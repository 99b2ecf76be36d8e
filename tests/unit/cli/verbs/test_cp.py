"""`guestwire cp`: the command line around the copies."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guestwire.errors import CommandError
from guestwire.testing import FakeGuest, Script
from tests.unit.client.recipes.disk_guest import DiskGuest, end, saying

StandIn = Callable[..., Any]
Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def guest(stand_in: StandIn, tmp_path: Path) -> DiskGuest:
    made: DiskGuest = stand_in("web1", DiskGuest(tmp_path))
    return made


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        (tmp_path / "in" / name).write_text(name)
    return tmp_path / "in" / "a", tmp_path / "in" / "b"


class TestWhereTo:
    def test_into_a_folder_of_the_guest(self, run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
        (tmp_path / "there").mkdir()
        assert run("cp", *map(str, files), f"web1:{tmp_path}/there") == (0, "", "")
        assert sorted(os.listdir(tmp_path / "there")) == ["a", "b"]

    def test_into_a_folder_of_this_host(self, run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
        (tmp_path / "here").mkdir()
        assert run("cp", *[f"web1:{file}" for file in files], str(tmp_path / "here")).status == 0
        assert sorted(os.listdir(tmp_path / "here")) == ["a", "b"]

    def test_a_folder_is_copied_into_one_that_is_there(self, run: Run, files: Any, tmp_path: Path) -> None:
        for _ in range(2):
            assert run("cp", "-r", f"web1:{tmp_path}/in/", str(tmp_path / "out")).status == 0
        assert sorted(os.listdir(tmp_path / "out")) == ["a", "b", "in"]
        for _ in range(2):
            assert run("cp", "-r", str(tmp_path / "in"), f"web1:{tmp_path}/back").status == 0
        assert sorted(os.listdir(tmp_path / "back")) == ["a", "b", "in"]

    def test_to_several_guests(self, run: Run, stand_in: StandIn, files: tuple[Path, Path]) -> None:
        stand_in("web2", FakeGuest())
        stand_in("web3", FakeGuest())
        done = run("cp", "--no-mode", str(files[0]), "web[23]:/copy", "--jsonl")
        told = [json.loads(line) for line in done.out.splitlines()]
        assert [each["target"] for each in told] == ["web2:/copy", "web3:/copy"]

    @pytest.mark.parametrize("target", ["{}/none", "web1:{}/none", "{}/none/"])
    def test_several_need_a_folder(
        self, run: Run, files: tuple[Path, Path], tmp_path: Path, target: str
    ) -> None:
        done = run("cp", f"web1:{files[0]}", f"web1:{files[1]}", target.format(tmp_path))
        assert done.status == 2
        assert "is no folder, and several files need one" in done.err

    def test_a_slash_says_that_it_is_a_folder(
        self, run: Run, guest: DiskGuest, files: tuple[Path, Path], tmp_path: Path
    ) -> None:
        guest.disabled.add("guest-exec")
        (tmp_path / "there").mkdir()
        assert run("cp", "--no-mode", *map(str, files), f"web1:{tmp_path}/there/").status == 0
        assert sorted(os.listdir(tmp_path / "there")) == ["a", "b"]

    def test_what_has_no_name_goes_right_into_the_folder(self, run: Run, files: Any, tmp_path: Path) -> None:
        (tmp_path / "here").mkdir()
        assert run("cp", "-r", f"web1:{tmp_path}/in/.", str(tmp_path / "here")).status == 0
        assert sorted(os.listdir(tmp_path / "here")) == ["a", "b"]

    def test_a_windows_name(self, run: Run, stand_in: StandIn, tmp_path: Path) -> None:
        stand_in("win", FakeGuest(files={"C:\\x\\file.txt": b"hello"}))
        assert run("cp", "--no-mode", "win:C:\\x\\file.txt", str(tmp_path)).status == 0
        assert (tmp_path / "file.txt").read_bytes() == b"hello"

    @pytest.mark.parametrize("slash", ["\\", "/"])
    def test_a_windows_folder(
        self, run: Run, stand_in: StandIn, files: tuple[Path, Path], slash: str
    ) -> None:
        guest = stand_in("win", FakeGuest({"guest-exec": CommandError("no sh")}))
        assert run("cp", *map(str, files), f"win:C:\\x{slash}") == (0, "", "")
        assert guest.files == {"C:\\x/a": b"a", "C:\\x/b": b"b"}


class TestMistakes:
    def test_both_ends_here(self, run: Run, tmp_path: Path) -> None:
        done = run("cp", "a", str(tmp_path))
        assert done.status == 2
        assert "both of this host" in done.err

    def test_streams_and_folders(self, run: Run, tmp_path: Path) -> None:
        assert "needs the name of a file" in run("cp", "-", f"web1:{tmp_path}").err
        assert "one file fits standard output" in run("cp", "web1:/a", "web1:/b", "-").err

    def test_one_source_from_several_guests(self, run: Run, stand_in: StandIn, tmp_path: Path) -> None:
        stand_in("web2", FakeGuest())
        assert run("cp", "web*:/etc/hosts", str(tmp_path)).status == 2

    def test_one_missing_file_does_not_stop_the_others(
        self, run: Run, files: tuple[Path, Path], tmp_path: Path
    ) -> None:
        (tmp_path / "there").mkdir()
        done = run("cp", str(tmp_path / "gone"), str(files[0]), f"web1:{tmp_path}/there", "--json")
        assert done.status == 1
        assert done.err == f"guestwire: {tmp_path}/gone: No such file or directory\n"
        told = json.loads(done.out)
        assert "No such file" in told[0]["error"]["text"]
        assert told[1]["size"] == 1

    def test_a_disk_of_this_host_that_is_full_is_named(self, run: Run, files: tuple[Path, Path]) -> None:
        said = run("cp", f"web1:{files[0]}", "/dev/full")
        assert (said.status, said.err) == (1, "guestwire: /dev/full: No space left on device\n")

    def test_a_refusal_names_guest_and_path(self, run: Run, stand_in: StandIn, tmp_path: Path) -> None:
        stand_in("web2", FakeGuest({"guest-file-open": CommandError("no \x1b[31mway")}))
        done = run("cp", "web2:/etc/shadow", str(tmp_path))
        assert (done.status, done.err) == (1, "guestwire: web2:/etc/shadow: no \\x1b[31mway\n")

    def test_a_folder_that_is_not_said_to_be_one(self, run: Run, files: Any, tmp_path: Path) -> None:
        done = run("cp", str(tmp_path / "in"), f"web1:{tmp_path}/there")
        assert (done.status, "--recursive" in done.err) == (1, True)

    def test_a_silent_guest_ends_it_and_says_how_to_go_on(
        self, run: Run, stand_in: StandIn, tmp_path: Path
    ) -> None:
        stand_in("web2", Script())
        done = run("cp", "web2:/x", "web2:/y", str(tmp_path))
        assert done.status == 1
        assert "--resume goes on where it ended" in done.err


def test_what_was_left_out_is_named_and_counts_as_failure(
    run: Run, stand_in: StandIn, tmp_path: Path
) -> None:
    records = b"".join(b"11ed 0 0 ./pipe\x1b%d//\n" % number for number in range(25))
    guest = saying(b"41ed 0 0 .//\n" + records)
    guest.answers["guest-exec-status"] = lambda arguments: next(answers)
    answers = iter([end(b"41ed 0 0 /srv//\n"), end(b"41ed 0 0 .//\n" + records, stderr=b"find: no\x07\n")])
    stand_in("web2", guest)
    done = run("cp", "-r", "web2:/srv/", str(tmp_path / "out"))
    lines = done.err.splitlines()
    assert done.status == 1
    assert lines[0] == "guestwire: web2:/srv/: not copied: find: no\\x07"
    assert "guestwire: web2:/srv/pipe\\x1b0: not copied: neither file nor folder" in lines
    assert lines[-1] == "guestwire: web2:/srv/: 6 more not copied"


STAND_IN = """
import sys
from guestwire.cli import main
from guestwire.client import transports
from guestwire.testing import FakeGuest, MemoryChannel
guest = FakeGuest(files={"/data": bytes(5_000_000)})
transports.blocking = lambda address, resolver=None: MemoryChannel(guest)
main.program()
"""


@pytest.mark.parametrize("quiet", [False, True])
def test_a_bar_on_a_terminal(quiet: bool, tmp_path: Path) -> None:
    root = Path(__file__).parents[4]
    here, there = pty.openpty()
    words = [
        "cp",
        "--no-mode",
        "unix:/nowhere:/data",
        str(tmp_path / "copy"),
        *(["--quiet"] if quiet else []),
    ]
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen([sys.executable, "-c", STAND_IN, *words], stderr=there, env=environment) as child:
        os.close(there)
        seen = b""
        try:
            while piece := os.read(here, 4096):
                seen += piece
        except OSError:
            pass  # the other end is closed
    os.close(here)
    assert child.returncode == 0
    assert (tmp_path / "copy").stat().st_size == 5_000_000
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
    assert ("4.8/4.8 MiB" in text and "100%" in text and "/data" in text) is not quiet
