"""The copies of `guestwire cp`, one by one, with guests that work on a folder of this machine."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from guestwire.cli import guests
from guestwire.cli.copying import Choices, Copier, End, Result
from guestwire.cli.progress import Bar
from guestwire.errors import ChecksumMismatch, CommandError, ConfigError, ProtocolError
from tests.unit.client.recipes.disk_guest import DiskGuest

DATA = os.urandom(300_000)
DIGEST = hashlib.sha256(DATA).hexdigest()
Copy = Callable[..., Result]


@pytest.fixture
def guest(stand_in: Callable[..., Any], tmp_path: Path) -> DiskGuest:
    made: DiskGuest = stand_in("web1", DiskGuest(tmp_path))
    return made


@pytest.fixture
def copy(guest: DiskGuest) -> Iterator[Copy]:
    """`copy(source, target, **choices)`, a word `web1:PATH` being in the guest."""

    def end(word: str | Path) -> End:
        name, _, path = str(word).rpartition(":")
        return End(guests.one(name) if name else None, path)

    def copy(source: str | Path, target: str | Path, **choices: Any) -> Result:
        with Copier(Choices(**choices), Bar(None)) as copier:
            return copier.copy(end(source), end(target))

    return copy


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(DATA)
    path.chmod(0o640)
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestToTheGuest:
    def test_a_file_with_its_permissions(self, copy: Copy, file: Path, tmp_path: Path) -> None:
        done = copy(file, f"web1:{tmp_path}/there", checksum=True)
        assert (done.size, done.sha256, done.mode, done.notes) == (len(DATA), DIGEST, "0640", [])
        assert (tmp_path / "there").read_bytes() == DATA
        assert mode(tmp_path / "there") == 0o640

    def test_a_secret_is_nobody_elses_from_the_first_byte_on(
        self, copy: Copy, file: Path, guest: DiskGuest, tmp_path: Path
    ) -> None:
        file.chmod(0o600)
        seen = []
        opened = guest.answers["guest-file-open"]

        def watch(arguments: dict[str, Any]) -> Any:
            handle = opened(arguments)
            seen.append(mode(tmp_path / "there"))
            return handle

        guest.answers["guest-file-open"] = watch
        copy(file, f"web1:{tmp_path}/there")
        assert set(seen) == {0o600}

    def test_resumed(self, copy: Copy, file: Path, tmp_path: Path) -> None:
        (tmp_path / "there").write_bytes(DATA[:1000])
        assert copy(file, f"web1:{tmp_path}/there", resume=True).resumed == 1000
        assert (tmp_path / "there").read_bytes() == DATA

    def test_without_programs_the_permissions_are_not_kept_and_that_is_said(
        self, copy: Copy, file: Path, guest: DiskGuest, tmp_path: Path
    ) -> None:
        guest.disabled.add("guest-exec")
        done = copy(file, f"web1:{tmp_path}/there")
        assert (tmp_path / "there").read_bytes() == DATA
        assert done.mode is None
        assert "the permissions are not kept" in done.notes[0]
        assert copy(file, f"web1:{tmp_path}/there", keep_mode=False).notes == []

    def test_from_standard_input(self, copy: Copy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(DATA)))
        assert copy("-", f"web1:{tmp_path}/there").size == len(DATA)
        assert (tmp_path / "there").read_bytes() == DATA

    def test_from_a_device(self, copy: Copy, tmp_path: Path) -> None:
        assert copy("/dev/null", f"web1:{tmp_path}/there").size == 0
        assert (tmp_path / "there").read_bytes() == b""

    @pytest.mark.parametrize("choice", ["resume", "checksum"])
    @pytest.mark.parametrize("source", ["-", "/dev/null"])
    def test_a_stream_has_no_beginning_to_go_back_to(
        self, copy: Copy, tmp_path: Path, source: str, choice: str
    ) -> None:
        with pytest.raises(ConfigError, match="need files at both ends"):
            copy(source, f"web1:{tmp_path}/there", **{choice: True})

    def test_a_folder_if_told_so(self, copy: Copy, file: Path, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        file.rename(tmp_path / "folder" / "file")
        with pytest.raises(ConfigError, match="--recursive"):
            copy(tmp_path / "folder", f"web1:{tmp_path}/there")
        done = copy(tmp_path / "folder", f"web1:{tmp_path}/there", recursive=True)
        assert (done.size, done.files, done.folders) == (len(DATA), 1, 1)
        assert (tmp_path / "there" / "file").read_bytes() == DATA


class TestFromTheGuest:
    def test_a_file_with_its_permissions(self, copy: Copy, file: Path, tmp_path: Path) -> None:
        done = copy(f"web1:{file}", tmp_path / "here", checksum=True)
        assert (done.size, done.sha256, done.mode) == (len(DATA), DIGEST, "0640")
        assert (tmp_path / "here").read_bytes() == DATA
        assert mode(tmp_path / "here") == 0o640

    def test_without_programs(self, copy: Copy, file: Path, guest: DiskGuest, tmp_path: Path) -> None:
        guest.disabled.add("guest-exec")
        assert "not kept" in copy(f"web1:{file}", tmp_path / "here").notes[0]
        assert (tmp_path / "here").read_bytes() == DATA

    def test_to_standard_output(
        self, copy: Copy, file: Path, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        assert copy(f"web1:{file}", "-").size == len(DATA)
        assert capfdbinary.readouterr().out == DATA

    def test_to_a_device(self, copy: Copy, file: Path) -> None:
        copy(f"web1:{file}", "/dev/null")

    def test_a_folder_if_told_so(self, copy: Copy, file: Path, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        os.mkfifo(tmp_path / "folder" / "pipe")
        with pytest.raises(ConfigError, match="--recursive"):
            copy(f"web1:{tmp_path}/folder", tmp_path / "here")
        done = copy(f"web1:{tmp_path}/folder", tmp_path / "here", recursive=True)
        assert [each.path for each in done.left_out] == ["pipe"]

    def test_a_file_in_spite_of_recursive(self, copy: Copy, file: Path, tmp_path: Path) -> None:
        assert copy(f"web1:{file}", tmp_path / "here", recursive=True).mode == "0640"

    def test_a_guest_does_not_fill_the_disk(
        self, copy: Copy, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("guestwire.cli.copying._room", lambda path: 1000)
        with pytest.raises(ProtocolError, match="goes on past 1000 bytes"):
            copy(f"web1:{file}", tmp_path / "here")

    def test_into_no_folder(self, copy: Copy, file: Path, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            copy(f"web1:{file}", tmp_path / "gone" / "here")


class TestFromGuestToGuest:
    @pytest.fixture(autouse=True)
    def other(self, stand_in: Callable[..., Any], tmp_path: Path) -> DiskGuest:
        made: DiskGuest = stand_in("web2", DiskGuest(tmp_path))
        return made

    @pytest.mark.parametrize("target", ["web1", "web2"])
    def test_a_file_with_its_permissions(self, copy: Copy, file: Path, tmp_path: Path, target: str) -> None:
        done = copy(f"web1:{file}", f"{target}:{tmp_path}/there", checksum=True)
        assert (done.size, done.sha256, done.mode) == (len(DATA), DIGEST, "0640")
        assert (tmp_path / "there").read_bytes() == DATA
        assert mode(tmp_path / "there") == 0o640

    def test_a_difference(self, copy: Copy, file: Path, tmp_path: Path, other: DiskGuest) -> None:
        really = other.answers["guest-file-write"]
        spoilt = base64.b64encode(b"spoilt").decode()
        other.answers["guest-file-write"] = lambda arguments: (
            really({**arguments, "buf-b64": spoilt}) | {"count": len(base64.b64decode(arguments["buf-b64"]))}
        )
        with pytest.raises(ChecksumMismatch, match="differs"):
            copy(f"web1:{file}", f"web2:{tmp_path}/there", checksum=True)

    @pytest.mark.parametrize("count", [0, 1])
    def test_a_guest_that_writes_hardly_anything(
        self, copy: Copy, file: Path, tmp_path: Path, other: DiskGuest, count: int
    ) -> None:
        other.answers["guest-file-write"] = lambda arguments: {"count": count, "eof": False}
        with pytest.raises(CommandError, match=f"wrote {count} bytes of"):
            copy(f"web1:{file}", f"web2:{tmp_path}/there")

    def test_a_folder_goes_by_way_of_this_host(self, copy: Copy, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="by way of this host"):
            copy(f"web1:{tmp_path}", f"web2:{tmp_path}/there", recursive=True)

    def test_it_is_not_resumed(self, copy: Copy, file: Path, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="cannot be resumed"):
            copy(f"web1:{file}", f"web2:{tmp_path}/there", resume=True)

    def test_not_onto_itself(self, copy: Copy, file: Path) -> None:
        with pytest.raises(ConfigError, match="onto itself"):
            copy(f"web1:{file}", f"web1:{file}")
        assert file.read_bytes() == DATA

    def test_a_source_that_is_not_there(self, copy: Copy, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="No such file"):
            copy(f"web1:{tmp_path}/gone", f"web2:{tmp_path}/there")
