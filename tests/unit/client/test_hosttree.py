import os

import pytest

from guestwire.client.hosttree import NO_UNICODE, walk


def test_folders_come_before_what_is_in_them(tmp_path):
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "a").mkdir()
    (tmp_path / "b" / "c" / "file").write_bytes(b"123")
    (tmp_path / "link").symlink_to("b/c/file")
    found = walk(str(tmp_path))
    assert [folder.path for folder in found.folders] == [(), ("a",), ("b",), ("b", "c")]
    assert {file.path: file.size for file in found.files} == {("link",): 3, ("b", "c", "file"): 3}
    assert found.files[0].mode == (tmp_path / "b/c/file").stat().st_mode & 0o777


def test_what_cannot_be_copied_is_named(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to("gone")
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "caf\udce9").mkdir()
    assert dict(walk(str(tmp_path)).skipped) == {
        ("pipe",): "neither file nor folder",
        ("dangling",): "No such file or directory",
        ("loop",): "a link to a folder, or to what cannot be copied",
        ("caf\udce9",): NO_UNICODE,
    }


def test_a_folder_that_cannot_be_read_is_named_but_the_first_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "secret").mkdir()
    real = os.scandir

    def scandir(path):
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("guestwire.client.hosttree.os.scandir", scandir)
    assert walk(str(tmp_path)).skipped == [(("secret",), "Permission denied")]
    with pytest.raises(PermissionError):
        walk(str(tmp_path / "secret"))
