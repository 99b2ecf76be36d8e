import os
from contextlib import suppress

import pytest

from guestwire.client.hostfiles import Part, Tree, split


class TestSplit:
    def test_gives_the_names(self):
        assert split("a/b c/\n") == ("a", "b c", "\n")

    @pytest.mark.parametrize(
        "path",
        ["", "/a", "a/", "a//b", ".", "..", "a/..", "a/./b", "a\0", "x" * 256, "é" * 128, "x/" * 2048 + "x"],
    )
    def test_refuses_what_is_no_path_below(self, path):
        with pytest.raises(ValueError, match=r"outside|too long"):
            split(path)


class TestPart:
    def test_has_its_name_when_it_is_whole(self, tmp_path):
        with Part(str(tmp_path / "file")) as part:
            part.file.write(b"x")
            assert os.listdir(tmp_path) == ["file.part"]
            part.finish(0o4755)
        assert os.listdir(tmp_path) == ["file"]
        assert (tmp_path / "file").stat().st_mode & 0o7777 == 0o755

    def test_stays_when_something_fails_unless_it_is_empty(self, tmp_path):
        for data, left in ((b"", []), (b"x", ["file.part"])):
            with suppress(RuntimeError), Part(str(tmp_path / "file")) as part:
                part.file.write(data)
                part.file.flush()
                raise RuntimeError
            assert os.listdir(tmp_path) == left

    def test_of_a_file_that_cannot_be_made(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            Part(str(tmp_path / "gone" / "file"))


class TestTree:
    @pytest.fixture
    def tree(self, tmp_path):
        with Tree(tmp_path / "tree") as tree:
            yield tree

    def test_goes_up_and_down(self, tree, tmp_path):
        tree.make(("a",))
        tree.make(("a", "b"))
        tree.make(("c",))
        tree.make(("a",))
        with tree.part(("a", "b", "file")) as part:
            part.file.write(b"abc")
            part.finish()
        assert tree.size(("a", "b", "file")) == 3
        with tree.open(("a", "b", "file")) as file:
            assert file.read() == b"abc"
        assert (tmp_path / "tree/a/b/file").exists()

    def test_after_a_failure_the_next_path_is_right(self, tree, tmp_path):
        tree.make(("a",))
        with pytest.raises(FileNotFoundError):
            tree.folder(("a", "gone"))
        tree.make(("b",))
        assert sorted(os.listdir(tmp_path / "tree")) == ["a", "b"]

    def test_has_no_size_for_what_is_no_file(self, tree, tmp_path):
        (tmp_path / "tree/link").symlink_to("/etc/passwd")
        assert [tree.size(path) for path in (("link",), ("gone",), ("gone", "x"))] == [None] * 3

    def test_leaves_no_descriptor_open(self, tmp_path):
        before = len(os.listdir("/proc/self/fd"))
        with Tree(tmp_path / "tree") as tree:
            for path in (("a",), ("a", "b"), ("a", "b", "c")):
                tree.make(path)
            tree.permit(("a",), 0)
            assert tree.free() > 0
        assert len(os.listdir("/proc/self/fd")) == before
        assert (tmp_path / "tree/a").stat().st_mode & 0o777 == 0o700

    def test_cannot_be_a_file(self, tmp_path):
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(NotADirectoryError):
            Tree(tmp_path / "file")
