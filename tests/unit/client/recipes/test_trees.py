import errno
import os
import stat

import pytest

from guestwire.client.recipes import trees
from guestwire.client.recipes.trees import Skipped
from guestwire.errors import CommandDisabled, CommandError, GuestTimeout, ProtocolError
from guestwire.testing import FakeGuest
from tests.unit.client.recipes.disk_guest import DiskGuest, saying

BIG = os.urandom(300_001)


def fill(folder):
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / "big").write_bytes(BIG)
    (folder / "sub" / "a b").write_bytes(b"ab")
    (folder / "sub" / "deep" / "empty").write_bytes(b"")
    (folder / "sub" / "link").symlink_to("../big")
    (folder / "loop").symlink_to(".")
    (folder / "big").chmod(0o640)
    (folder / "sub").chmod(0o750)
    return folder


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


WHOLE = {"big": BIG, "sub/a b": b"ab", "sub/deep/empty": b"", "sub/link": BIG}


@pytest.fixture(params=["to the guest", "from the guest"])
def copy(request, connect, tmp_path):
    """`copy(source, target, **options)` in either direction."""
    agent = connect(DiskGuest(tmp_path))
    if request.param == "to the guest":
        return lambda source, target, **options: agent.copy_tree_to(source, str(target), **options)
    return lambda source, target, **options: agent.copy_tree_from(str(source), target, **options)


class TestEitherWay:
    def test_copies_everything_with_its_permissions(self, copy, tmp_path):
        source, target = fill(tmp_path / "source"), tmp_path / "target"
        copied = copy(source, target, checksum=True)
        assert contents(target) == WHOLE
        assert (copied.files, copied.folders, copied.size, copied.resumed) == (4, 3, 2 * len(BIG) + 2, 0)
        assert copied.skipped == [Skipped("loop", "a link to a folder, or to what cannot be copied")]
        for path in ("big", "sub", "sub/deep", "sub/a b"):
            assert stat.S_IMODE((target / path).stat().st_mode) == stat.S_IMODE(
                (source / path).stat().st_mode
            )
        assert not (target / "sub/link").is_symlink()

    def test_reports_bytes_of_all_and_names_of_each(self, copy, tmp_path):
        source, seen, names = fill(tmp_path / "source"), [], []
        copied = copy(
            source, tmp_path / "target", progress=lambda *at: seen.append(at), entering=names.append
        )
        assert seen == sorted(seen)
        assert seen[-1] == (copied.size, copied.size)
        assert sorted(names) == sorted(WHOLE)

    def test_resumes(self, copy, tmp_path):
        source, target = fill(tmp_path / "source"), tmp_path / "target"
        copy(source, target)
        (target / "sub/a b").unlink()
        copied = copy(source, target, resume=True)
        assert (copied.files, copied.resumed) == (4, 3)
        assert contents(target) == WHOLE

    def test_into_a_folder_that_is_there(self, copy, tmp_path):
        source, target = fill(tmp_path / "source"), tmp_path / "target"
        target.mkdir()
        (target / "other").write_bytes(b"stays")
        (target / "big").write_bytes(b"goes")
        copy(source, target, keep_mode=False)
        assert contents(target) == {**WHOLE, "other": b"stays"}

    def test_special_files_are_named(self, copy, tmp_path):
        (tmp_path / "source").mkdir()
        os.mkfifo(tmp_path / "source" / "pipe")
        assert copy(tmp_path / "source", tmp_path / "target").skipped == [
            Skipped("pipe", "neither file nor folder")
        ]

    def test_a_name_that_is_no_unicode_is_named(self, copy, tmp_path):
        (tmp_path / "source").mkdir()
        (tmp_path / "source" / "caf\udce9").write_bytes(b"x")
        [skipped] = copy(tmp_path / "source", tmp_path / "target").skipped
        assert "no Unicode" in skipped.reason


class TestFromTheGuest:
    def test_compares_what_is_there_when_it_resumes(self, connect, tmp_path):
        source, target = fill(tmp_path / "source"), tmp_path / "target"
        agent = connect(DiskGuest(tmp_path))
        agent.copy_tree_from(str(source), target)
        (target / "sub/a b").write_bytes(b"xx")
        assert agent.copy_tree_from(str(source), target, resume=True, checksum=True).resumed == 3
        assert contents(target) == WHOLE

    def test_goes_on_with_a_part(self, connect, tmp_path):
        source, target = fill(tmp_path / "source"), tmp_path / "target"
        target.mkdir()
        (target / "big.part").write_bytes(BIG[:1000])
        guest = DiskGuest(tmp_path)
        connect(guest).copy_tree_from(str(source), target, resume=True)
        assert contents(target) == WHOLE
        assert ("guest-file-seek", 1000) in [(name, args.get("offset")) for name, args in guest.calls]

    def test_one_refused_file_does_not_stop_the_others(self, connect, tmp_path):
        source, target = fill(tmp_path / "source"), tmp_path / "target"
        guest = DiskGuest(tmp_path)
        really = guest.answers["guest-file-open"]

        def refusing(arguments):
            if arguments["path"].endswith("/big"):
                raise CommandError("failed to open file: Permission denied")
            return really(arguments)

        guest.answers["guest-file-open"] = refusing
        copied = connect(guest).copy_tree_from(str(source), target)
        assert Skipped("big", "failed to open file: Permission denied") in copied.skipped
        assert set(contents(target)) == set(WHOLE) - {"big"}

    def test_a_checksum_that_differs_is_named(self, connect, tmp_path, monkeypatch):
        source = fill(tmp_path / "source")
        guest = DiskGuest(tmp_path, {"guest-file-read": None})
        guest.answers["guest-file-read"] = lambda arguments: {"count": 1, "buf-b64": "WA==", "eof": True}
        copied = connect(guest).copy_tree_from(str(source), tmp_path / "target", checksum=True)
        assert all("differs" in each.reason for each in copied.skipped if each.path != "loop")
        assert contents(tmp_path / "target") == {}, "nothing that a later copy could go on with"

    def test_a_full_disk_ends_it(self, connect, tmp_path, monkeypatch):
        source = fill(tmp_path / "source")

        def full(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        agent = connect(DiskGuest(tmp_path))
        monkeypatch.setattr(trees.Tree, "part", lambda self, path, resume: full(path))
        with pytest.raises(OSError, match="No space left"):
            agent.copy_tree_from(str(source), tmp_path / "target")

    def test_policy_is_told(self, connect, tmp_path):
        guest = DiskGuest(tmp_path, disabled=["guest-exec"])
        with pytest.raises(CommandDisabled, match="its policy forbids guest-exec"):
            connect(guest).copy_tree_from("/srv", tmp_path / "target")
        assert not (tmp_path / "target").exists()


def listed(*records, **files):
    """A guest that lists what it is told, and has files of any name."""
    guest = saying(b"".join(record + b"//\n" for record in (b"41ed 0 0 .", *records)))
    guest.files.update(files)
    guest.answers["guest-file-open"] = lambda arguments: guest._open(
        {**arguments, "path": guest.files.setdefault(arguments["path"], b"evil") and arguments["path"]}
    )
    return guest


class TestHostileGuests:
    @pytest.fixture
    def chosen(self, tmp_path):
        """The folder that was chosen; nothing beside it may change."""
        (tmp_path / "chosen").mkdir()
        (tmp_path / "beside").mkdir()
        (tmp_path / "beside" / "mine").write_bytes(b"mine")
        yield tmp_path / "chosen"
        assert contents(tmp_path / "beside") == {"mine": b"mine"}
        assert sorted(os.listdir(tmp_path)) == ["beside", "chosen"]

    @pytest.mark.parametrize("name", [b"./../beside/mine", b"./a/../../beside/mine", b"/etc/evil", b"./.."])
    def test_paths_that_lead_outside_end_the_copy(self, connect, chosen, name):
        with pytest.raises(ProtocolError):
            connect(listed(b"81a4 4 0 " + name)).copy_tree_from("/srv", chosen)
        assert os.listdir(chosen) == []

    def test_a_link_on_the_host_is_not_gone_through(self, connect, chosen):
        (chosen / "dir").symlink_to("../beside")
        guest = listed(b"41ed 0 0 ./dir", b"81a4 4 0 ./dir/mine")
        copied = connect(guest).copy_tree_from("/srv", chosen)
        assert [each.path for each in copied.skipped] == ["dir", "dir/mine"]

    def test_a_link_in_place_of_a_file_or_its_part_is_replaced(self, connect, chosen):
        (chosen / "file").symlink_to("../beside/mine")
        (chosen / "file.part").symlink_to("../beside/mine")
        connect(listed(b"81a4 4 0 ./file")).copy_tree_from("/srv", chosen)
        assert (chosen / "file").read_bytes() == b"evil"
        assert not (chosen / "file").is_symlink()

    def test_a_link_in_place_of_a_part_is_no_part_to_resume(self, connect, chosen):
        (chosen / "file.part").symlink_to("../beside/mine")
        [skipped] = connect(listed(b"81a4 4 0 ./file")).copy_tree_from("/srv", chosen, resume=True).skipped
        assert skipped.path == "file"

    def test_a_pipe_in_place_of_a_part_hangs_nothing(self, connect, chosen):
        os.mkfifo(chosen / "file.part")
        [skipped] = connect(listed(b"81a4 4 0 ./file")).copy_tree_from("/srv", chosen, resume=True).skipped
        assert "no regular file" in skipped.reason

    def test_a_folder_that_becomes_a_link_meanwhile_is_not_gone_through(self, connect, chosen, monkeypatch):
        guest = listed(b"41ed 0 0 ./dir", b"81a4 4 0 ./a", b"81a4 4 0 ./dir/mine")

        def swap(name):
            if name == "a":
                (chosen / "dir").rmdir()
                (chosen / "dir").symlink_to("../beside")

        copied = connect(guest).copy_tree_from("/srv", chosen, entering=swap, keep_mode=False)
        assert [each.path for each in copied.skipped] == ["dir/mine"]

    def test_a_file_that_is_a_folder_too(self, connect, chosen):
        guest = listed(b"81a4 4 0 ./x", b"81a4 4 0 ./x/y", b"41ed 0 0 ./z", b"81a4 4 0 ./z")
        copied = connect(guest).copy_tree_from("/srv", chosen)
        assert {each.path for each in copied.skipped} == {"x/y", "z"}
        assert contents(chosen) == {"x": b"evil", "z.part": b"evil"}

    def test_a_file_in_place_of_the_folder(self, connect, chosen):
        with pytest.raises(ProtocolError, match="a file in place of the folder"):
            connect(saying(b"81a4 4 0 .//\n")).copy_tree_from("/srv", chosen)

    def test_control_characters_stay_in_names_and_special_permissions_outside(self, connect, chosen):
        guest = listed(b"8fff 4 0 ./\x1b]0;evil\x07\n")
        connect(guest).copy_tree_from("/srv", chosen)
        [name] = os.listdir(chosen)
        assert name == "\x1b]0;evil\x07\n"
        assert stat.S_IMODE((chosen / name).stat().st_mode) == 0o777

    def test_a_folder_without_permissions_stays_its_owners(self, connect, chosen):
        connect(listed(b"4000 0 0 ./dir", b"8000 4 0 ./dir/x")).copy_tree_from("/srv", chosen)
        assert stat.S_IMODE((chosen / "dir").stat().st_mode) == 0o700

    def test_more_than_the_disk_holds_is_refused_at_once(self, connect, chosen):
        guest = listed(b"81a4 999999999999999999 0 ./huge")
        with pytest.raises(OSError, match="more than is free here"):
            connect(guest).copy_tree_from("/srv", chosen)
        assert os.listdir(chosen) == []

    def test_a_file_without_end_ends(self, connect, chosen, monkeypatch):
        monkeypatch.setattr(trees, "GROWTH", 1 << 20)
        guest = listed(b"81a4 4 0 ./endless")
        endless = {"count": 3, "buf-b64": "AAAA", "eof": False}
        guest.answers["guest-file-read"] = lambda arguments: {
            **endless, "buf-b64": "A" * (arguments["count"] // 3 * 4)
        }  # fmt: skip
        with pytest.raises(ProtocolError, match="goes on past"):
            connect(guest).copy_tree_from("/srv", chosen)

    def test_a_long_name_has_a_part_too(self, connect, chosen):
        name = "x" * 255
        connect(listed(b"81a4 4 0 ./" + name.encode())).copy_tree_from("/srv", chosen)
        assert os.listdir(chosen) == [name]

    def test_a_listing_that_never_comes_ends(self, connect, chosen):
        guest = FakeGuest({"guest-exec": {"pid": 1}, "guest-exec-status": {"exited": False}})
        with pytest.raises(GuestTimeout, match="/bin/sh still runs"):
            connect(guest).copy_tree_from("/srv", chosen)
