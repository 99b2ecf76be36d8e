import base64
import os
import stat

import pytest

from guestwire.client.recipes.folders import MOST_ENTRIES, Entry
from guestwire.errors import CommandDisabled, CommandError, ProtocolError
from guestwire.testing import FakeGuest
from tests.unit.client.recipes.disk_guest import DiskGuest, end, saying


@pytest.fixture
def there(tmp_path):
    folder = tmp_path / "there"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "file").write_bytes(b"12345")
    (folder / "a" / "new\nline").write_bytes(b"")
    (folder / "link").symlink_to("a/b/file")
    (folder / "folder").symlink_to("a")
    (folder / "nowhere").symlink_to("gone")
    os.mkfifo(folder / "pipe")
    return folder


class TestListing:
    def test_gives_all_that_is_there(self, connect, there):
        listing = connect(DiskGuest(there)).list_folder(str(there))
        by_path = {"/".join(entry.path): entry for entry in listing.entries}
        assert list(by_path) == sorted(["", "a", "a/b", "a/b/file", "a/new\nline", "folder", "link", "pipe"])
        assert by_path["a/b/file"].size == 5
        assert by_path["a/b/file"].mtime == int((there / "a/b/file").stat().st_mtime)
        assert by_path["a"].is_folder
        assert by_path["link"].is_file
        assert by_path["link"].link
        assert not by_path["folder"].is_folder
        assert stat.S_ISFIFO(by_path["pipe"].mode)

    def test_says_what_could_not_be_read(self, connect, there):
        [complaint] = connect(DiskGuest(there)).list_folder(str(there)).complaints
        assert "nowhere" in complaint

    def test_of_what_is_not_there_is_the_guests_own_words(self, connect, tmp_path):
        with pytest.raises(CommandError, match=r"gone: .*(No such file|can't cd)"):
            connect(DiskGuest(tmp_path)).list_folder(str(tmp_path / "gone"))

    @pytest.mark.parametrize("blocked", ["guest-exec", "guest-exec-status"])
    def test_that_policy_forbids_says_so(self, connect, blocked):
        guest = FakeGuest({"guest-exec": {"pid": 1}, "guest-exec-status": end()}, disabled=[blocked])
        with pytest.raises(CommandDisabled, match="its policy forbids guest-exec"):
            connect(guest).list_folder("/srv")


class TestHostileListing:
    @pytest.mark.parametrize(
        "name",
        [
            b"./../up", b"./..", b"./a/../../up", b"./.", b"./", b".//etc", b"./a//b", b"./a/", b"./nul\0",
            b"./" + b"x" * 256, b"./" + b"x/" * 3000 + b"x",
        ],
    )  # fmt: skip
    def test_with_paths_that_lead_outside_is_refused(self, connect, name):
        guest = saying(b"41ed 0 0 .//\n81a4 1 0 " + name + b"//\n")
        with pytest.raises(ProtocolError, match="the guest lists"):
            connect(guest).list_folder("/srv")

    @pytest.mark.parametrize(
        "output",
        [
            b"81a4 1 0 /etc/passwd//\n",
            b"81a4 1 0 name//\n",
            b"hello//\n",
            b"81a4 -1 0 ./a//\n",
            b"zzzz 1 0 ./a//\n",
            b"81a4 99999999999999999999999 0 ./a//\n",
            b"81a4 1 0 ./cut in the mid",
            b"\xff" * 100_000,
        ],
    )
    def test_that_is_none_is_refused(self, connect, output):
        with pytest.raises(ProtocolError, match=r"cannot be read|ends in the middle"):
            connect(saying(output)).list_folder("/srv")

    def test_without_end_is_refused_before_it_is_read(self, connect):
        with pytest.raises(ProtocolError, match=f"more than {MOST_ENTRIES} files"):
            connect(saying(b"x//\n" * (MOST_ENTRIES + 1))).list_folder("/srv")

    def test_that_was_cut_is_refused(self, connect):
        with pytest.raises(ProtocolError, match="too much for one listing"):
            connect(saying(b"41ed 0 0 .//\n", **{"out-truncated": True})).list_folder("/srv")


class TestDescribe:
    def test_follows_links(self, connect, there):
        entry = connect(DiskGuest(there)).describe(str(there / "link"))
        assert (entry.path, entry.size, entry.is_file) == ((), 5, True)

    def test_what_is_not_there(self, connect, there):
        with pytest.raises(CommandError, match="No such file"):
            connect(DiskGuest(there)).describe(str(there / "gone"))

    def test_nonsense(self, connect):
        with pytest.raises(ProtocolError, match="cannot be read"):
            connect(saying(b"nonsense")).describe("/x")


class TestMaking:
    def test_folders_are_private_at_first_and_get_their_permissions(self, connect, tmp_path):
        paths = [str(tmp_path / name) for name in ("a", "a/-b", "a/-b/c d")]
        agent = connect(DiskGuest(tmp_path))
        agent.make_folders(paths)
        agent.make_folders(paths)
        assert {stat.S_IMODE(os.stat(path).st_mode) for path in paths} == {0o700}
        agent.permit({paths[0]: 0o755, paths[1]: 0o711, paths[2]: 0o755})
        assert [stat.S_IMODE(os.stat(path).st_mode) for path in paths] == [0o755, 0o711, 0o755]

    def test_many_go_in_batches(self, connect, tmp_path):
        guest = DiskGuest(tmp_path)
        connect(guest).make_folders([f"{tmp_path}/{'x' * 200}{number}" for number in range(400)])
        assert len(os.listdir(tmp_path)) == 400
        assert len(guest.ran) > 1
        assert max(sum(map(len, argv)) for argv in guest.ran) < 100_000

    def test_nothing_asks_nothing(self, connect, tmp_path):
        guest = DiskGuest(tmp_path)
        connect(guest).make_folders([])
        assert guest.calls == []

    def test_a_file_is_private_before_it_is_written(self, connect, tmp_path):
        agent = connect(DiskGuest(tmp_path))
        agent.make_private(f"{tmp_path}/secret")
        assert stat.S_IMODE(os.stat(tmp_path / "secret").st_mode) == 0o600

    @pytest.mark.parametrize("method", ["make_folders", "permit", "make_private"])
    def test_what_fails_is_told_in_the_guests_words(self, connect, tmp_path, method):
        path = f"{tmp_path}/gone/x"
        argument = {"make_folders": [path], "permit": {path: 0o700}, "make_private": path}[method]
        with pytest.raises(CommandError, match=r"gone/x: .*(No such file|nonexistent)"):
            getattr(connect(DiskGuest(tmp_path)), method)(argument)


class TestWindows:
    def script(self, guest):
        encoded = next(arguments["arg"][-1] for name, arguments in guest.calls if name == "guest-exec")
        return base64.b64decode(encoded).decode("utf-16-le")

    def test_lists_by_powershell(self, connect):
        guest = saying("41ed 0 0 .//\n81a4 3 0 ./Müll/a.txt//\n".encode())
        listing = connect(guest).list_folder("C:\\Users\\ä")
        assert listing.entries[1] == Entry(("Müll", "a.txt"), 0o100644, 3, 0)
        script = self.script(guest)
        assert base64.b64encode("C:\\Users\\ä".encode()).decode() in script
        assert "Get-ChildItem -LiteralPath $p -Recurse" in script

    def test_is_known_by_its_osinfo(self, connect):
        guest = saying(b"41ed 0 0 .//\n")
        guest.answers["guest-get-osinfo"] = {"id": "mswindows"}
        connect(guest).list_folder("data")
        assert "Get-ChildItem" in self.script(guest)

    def test_makes_folders(self, connect):
        guest = saying(b"")
        connect(guest).make_folders(["C:/a", "C:/a/b"])
        assert base64.b64encode(b"C:/a\nC:/a/b").decode() in self.script(guest)
        with pytest.raises(CommandError, match="C:/a: denied"):
            connect(saying(b"", status=1, stderr=b"denied")).make_folders(["C:/a"])
