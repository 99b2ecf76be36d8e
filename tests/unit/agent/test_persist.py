from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from guestwire.agent.persist import Persist
from guestwire.errors import CommandError, StartError


def start(folder: Path) -> Persist:
    persist = Persist(str(folder))
    persist.load()
    return persist


def test_a_missing_file_is_made(tmp_path: Path) -> None:
    persist = start(tmp_path)
    assert (tmp_path / "qga.state").read_bytes() == b"[global]\nfd_counter=1000\n"
    assert not persist.found_frozen()
    assert os.listdir(tmp_path) == ["qga.state"]


def test_handles_never_repeat_over_restarts(tmp_path: Path) -> None:
    assert [start(tmp_path).next_handle() for _ in range(3)] == [1000, 1001, 1002]
    persist = start(tmp_path)
    assert [persist.next_handle() for _ in range(2)] == [1003, 1004]
    assert (tmp_path / "qga.state").read_bytes() == b"[global]\nfd_counter=1005\n"


@pytest.mark.parametrize(
    ("content", "first"),
    [
        ("[global]\nfd_counter=77\n", 77),
        ("[global]\nfd_counter=many\n", 0),
        ("[global]\nfd_counter=99999999999\n", 0),
        ("[global]\nfd_counter=-3\n", 0),
        ("[global]\nother=1\n", 1000),
        ("[other]\nfd_counter=5\n", 1000),
        ("", 1000),
    ],
)
def test_what_the_c_agent_makes_of_a_file(tmp_path: Path, content: str, first: int) -> None:
    (tmp_path / "qga.state").write_text(content)
    assert start(tmp_path).next_handle() == first


def test_after_the_largest_number_it_begins_again(tmp_path: Path) -> None:
    (tmp_path / "qga.state").write_text("[global]\nfd_counter=2147483647\n")
    persist = start(tmp_path)
    assert [persist.next_handle(), persist.next_handle()] == [2**31 - 1, 1000]


def test_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "qga.state").write_text("junk\n")
    with pytest.raises(StartError) as caught:
        start(tmp_path)
    assert str(caught.value) == (
        f"broken state file, remove it to start anew: {tmp_path}/qga.state: line 1: 'junk' is not a group, key=value"
        " pair or comment"
    )


def test_an_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "qga.state").mkdir()
    with pytest.raises(StartError, match=r"cannot read state file .*: Is a directory"):
        start(tmp_path)


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(
        StartError, match=r"cannot write state file .*: No such file or directory; choose a folder"
    ):
        start(tmp_path / "none")


def test_a_handle_that_cannot_be_stored_is_not_given(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    persist = start(folder)
    folder.rename(tmp_path / "away")
    with pytest.raises(CommandError, match="failed to commit persistent state to disk"):
        persist.next_handle()
    (tmp_path / "away").rename(folder)
    assert persist.next_handle() == 1000


def test_a_link_in_the_place_of_the_new_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("dear")
    (tmp_path / f"qga.state.{os.getpid()}").symlink_to("victim")
    with pytest.raises(StartError, match="symbolic links"):
        start(tmp_path)
    assert (tmp_path / "victim").read_text() == "dear"


def test_the_mark(tmp_path: Path) -> None:
    persist = start(tmp_path)
    persist.mark_frozen()
    mark = tmp_path / "qga.state.isfrozen"
    assert (mark.read_bytes(), stat.S_IMODE(mark.stat().st_mode)) == (b"", 0o600)
    assert start(tmp_path).found_frozen()
    persist.clear_frozen()
    assert not mark.exists()
    persist.clear_frozen()  # gone already
    assert not persist.frozen


def test_while_frozen_the_counter_stays_in_memory(tmp_path: Path) -> None:
    persist = start(tmp_path)
    persist.mark_frozen()
    assert persist.next_handle() == 1000
    assert (tmp_path / "qga.state").read_text().endswith("=1000\n")
    persist.clear_frozen()
    assert (tmp_path / "qga.state").read_text().endswith("=1001\n")


def test_a_start_that_is_frozen_writes_nothing_until_the_thaw(tmp_path: Path) -> None:
    (tmp_path / "qga.state.isfrozen").touch()
    persist = start(tmp_path)
    done: list[str] = []
    persist.when_thawed(lambda: done.append("log"))
    assert persist.found_frozen()
    assert os.listdir(tmp_path) == ["qga.state.isfrozen"]
    persist.clear_frozen()
    assert os.listdir(tmp_path) == ["qga.state"]
    persist.mark_frozen()
    persist.clear_frozen()
    assert done == ["log"]
    assert persist.found_frozen()


def test_a_relative_folder_is_settled_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    persist = Persist(".")
    monkeypatch.chdir("/")
    assert persist.path == f"{tmp_path}/qga.state"
