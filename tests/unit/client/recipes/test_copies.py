import base64
import hashlib
import os

import pytest

from guestwire.errors import ChecksumMismatch, CommandError, ProtocolError
from guestwire.testing import FakeGuest

DATA = os.urandom(700_003)
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def host(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(DATA)
    return path


class TestToTheGuest:
    def test_copies_and_reports(self, connect, host):
        guest, seen = FakeGuest(), []
        copied = connect(guest).copy_to(
            host, "/there", progress=lambda done, total: seen.append((done, total))
        )
        assert guest.files["/there"] == DATA
        assert (copied.size, copied.resumed_at, copied.sha256) == (len(DATA), 0, None)
        assert seen[-1] == (len(DATA), len(DATA))
        assert seen == sorted(seen)

    def test_resumes_by_size(self, connect, host):
        guest = FakeGuest(files={"/there": DATA[:100_000]})
        copied = connect(guest).copy_to(host, "/there", resume=True)
        assert guest.files["/there"] == DATA
        assert copied.resumed_at == 100_000

    def test_resuming_nothing_begins(self, connect, host):
        guest = FakeGuest()
        assert connect(guest).copy_to(host, "/there", resume=True).resumed_at == 0
        assert guest.files["/there"] == DATA

    def test_begins_anew_over_a_longer_file(self, connect, host):
        guest = FakeGuest(files={"/there": DATA + b"x"})
        assert connect(guest).copy_to(host, "/there", resume=True).resumed_at == 0
        assert guest.files["/there"] == DATA

    def test_checks_by_reading_back(self, connect, host):
        assert connect(FakeGuest()).copy_to(host, "/there", checksum=True).sha256 == DIGEST

    def test_checks_by_sha256sum(self, connect, host):
        guest = FakeGuest({"guest-exec": {"pid": 1}})
        output = base64.b64encode(f"{DIGEST}  /there\n".encode()).decode()
        guest.answers["guest-exec-status"] = {"exited": True, "exitcode": 0, "out-data": output}
        assert connect(guest).copy_to(host, "/there", checksum=True).sha256 == DIGEST
        assert (
            "guest-exec",
            {"path": "sha256sum", "arg": ["--", "/there"], "capture-output": True},
        ) in guest.calls

    def test_finds_a_difference(self, connect, host):
        guest = FakeGuest(files={"/there": b"x" * 10})
        with pytest.raises(ChecksumMismatch, match="/there differs"):
            connect(guest).copy_to(host, "/there", resume=True, checksum=True)

    def test_a_missing_host_file_is_an_os_error(self, connect, tmp_path):
        guest = FakeGuest()
        with pytest.raises(FileNotFoundError):
            connect(guest).copy_to(tmp_path / "nope", "/there")
        assert guest.calls == []

    def test_an_error_of_progress_passes_and_closes_the_handle(self, connect, host):
        guest = FakeGuest()

        def progress(done, total):
            raise RuntimeError("enough")

        agent = connect(guest)
        with pytest.raises(RuntimeError, match="enough"):
            agent.copy_to(host, "/there", progress=progress)
        assert guest.open_files == []
        assert agent.execute("guest-ping") == {}


class TestFromTheGuest:
    def test_copies_and_reports(self, connect, tmp_path):
        guest, seen, target = FakeGuest(files={"/in": DATA}), [], tmp_path / "out"
        copied = connect(guest).copy_from("/in", target, progress=lambda *at: seen.append(at), checksum=True)
        assert target.read_bytes() == DATA
        assert (copied.size, copied.resumed_at, copied.sha256) == (len(DATA), 0, DIGEST)
        assert seen[-1] == (len(DATA), len(DATA))
        assert os.listdir(tmp_path) == ["out"]

    def test_resumes_what_was_begun(self, connect, tmp_path):
        (tmp_path / "out.part").write_bytes(DATA[:50_000])
        guest = FakeGuest(files={"/in": DATA})
        copied = connect(guest).copy_from("/in", tmp_path / "out", resume=True)
        assert (tmp_path / "out").read_bytes() == DATA
        assert copied.resumed_at == 50_000

    def test_without_resume_begins_anew(self, connect, tmp_path):
        (tmp_path / "out.part").write_bytes(b"x" * 50_000)
        connect(FakeGuest(files={"/in": DATA})).copy_from("/in", tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == DATA

    def test_a_part_that_is_too_long_is_not_used(self, connect, tmp_path):
        (tmp_path / "out.part").write_bytes(b"x" * (len(DATA) + 1))
        connect(FakeGuest(files={"/in": DATA})).copy_from("/in", tmp_path / "out", resume=True)
        assert (tmp_path / "out").read_bytes() == DATA

    def test_leaves_the_old_file_alone_until_the_new_one_is_whole(self, connect, tmp_path):
        (tmp_path / "out").write_bytes(b"old")
        guest = FakeGuest(files={"/in": DATA})
        guest.answers["guest-file-read"] = CommandError("failed to read file: Input/output error")
        with pytest.raises(CommandError):
            connect(guest).copy_from("/in", tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == b"old"

    def test_does_not_follow_a_link_in_place_of_the_part(self, connect, tmp_path):
        victim = tmp_path / "victim"
        victim.write_bytes(b"mine")
        (tmp_path / "out.part").symlink_to(victim)
        agent = connect(FakeGuest(files={"/in": DATA}))
        with pytest.raises(OSError, match="symbolic link"):
            agent.copy_from("/in", tmp_path / "out", resume=True)
        agent.copy_from("/in", tmp_path / "out")
        assert victim.read_bytes() == b"mine"

    def test_a_device_is_written_to_directly(self, connect):
        assert connect(FakeGuest(files={"/in": DATA})).copy_from("/in", os.devnull).resumed_at == 0
        assert not os.path.exists(os.devnull + ".part")

    def test_a_file_that_cannot_be_sought_in_is_copied_without_a_total(self, connect, tmp_path):
        guest, seen = FakeGuest(files={"/in": b"abc"}), []
        guest.answers["guest-file-seek"] = CommandError("failed to seek file: Illegal seek")
        connect(guest).copy_from("/in", tmp_path / "out", progress=lambda *at: seen.append(at))
        assert seen == [(3, None)]

    def test_the_guest_does_not_decide_how_much_disk_it_takes(self, connect, tmp_path):
        with pytest.raises(ProtocolError, match="goes on past 1000 bytes"):
            connect(FakeGuest(files={"/in": DATA})).copy_from("/in", tmp_path / "out", limit=1000)
        assert not (tmp_path / "out").exists()


def test_what_differs_is_not_resumed(connect, tmp_path):
    guest = FakeGuest(files={"/there": DATA})
    target = tmp_path / "copy"
    (tmp_path / "copy.part").write_bytes(bytes(len(DATA)))
    with pytest.raises(ChecksumMismatch):
        connect(guest).copy_from("/there", target, resume=True, checksum=True)
    assert connect(guest).copy_from("/there", target, resume=True, checksum=True).resumed_at == 0
    assert target.read_bytes() == DATA
