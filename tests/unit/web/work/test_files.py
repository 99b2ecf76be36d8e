import asyncio
import os

import pytest

from guestwire.errors import CommandError
from guestwire.web.work import files as module
from guestwire.web.work.files import disposition

FILES = "/api/v1/guests/web1/files"


async def test_a_folder_is_listed(real, tmp_path):
    folder = tmp_path / "f"
    folder.mkdir()
    (folder / "sub").mkdir()
    (folder / "a b\n<i>").write_bytes(b"12345")
    (folder / "link").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    told = await (await real.get(FILES, params={"path": str(folder)})).json()
    assert [(one["name"], one["type"]) for one in told["entries"]] == [
        ("sub", "directory"),
        ("a b\n<i>", "file"),
        ("link", "link"),
        ("pipe", "other"),
    ]
    assert told["entries"][1]["size_bytes"] == 5
    assert (
        told["entries"][1]["mode"]
        == f"{(folder / 'a b').with_name('a b' + chr(10) + '<i>').stat().st_mode & 0o7777:04o}"
    )
    few = await (await real.get(FILES, params={"path": str(folder), "limit": "1"})).json()
    assert (len(few["entries"]), few["truncated"]) == (1, True)


async def test_a_folder_that_is_not_there(real):
    answer = await real.get(FILES, params={"path": "/no/such/folder"})
    assert answer.status == 502
    assert (await real.get(FILES, params={"path": "relative"})).status == 400


async def test_a_file_comes_and_goes(real, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PIECE", 100_000)
    data = os.urandom(350_001)
    path = str(tmp_path / 'da"ta;\u00e9')
    put = await real.put(f"{FILES}/content", params={"path": path}, data=data)
    assert (put.status, await put.json()) == (200, {"path": path, "bytes": len(data)})
    got = await real.get(f"{FILES}/content", params={"path": path})
    assert await got.read() == data
    assert got.headers["X-Guest-File-Size"] == str(len(data))
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.content_disposition.filename == 'da"ta;\u00e9'
    assert (await real.put(f"{FILES}/content", params={"path": path}, data=b"")).status == 200
    assert await (await real.get(f"{FILES}/content", params={"path": path})).read() == b""


async def test_files_that_cannot_be_had(real, tmp_path):
    for path, status in ((tmp_path / "nothing", 404), (tmp_path, 502)):
        answer = await real.get(f"{FILES}/content", params={"path": str(path)})
        assert (answer.status, answer.content_type) == (status, "application/problem+json")
    answer = await real.put(f"{FILES}/content", params={"path": "/no/such/folder/x"}, data=b"x")
    assert answer.status == 404


async def test_an_upload_that_breaks_off_is_noted(real, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(module, "PIECE", 1000)

    place = real.make_url("/")
    _, writer = await asyncio.open_connection(place.host, place.port)
    head = f"PUT {FILES}/content?path={tmp_path}/part HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n"
    writer.write(head.encode() + b"x" * 2500)
    await writer.drain()
    part = tmp_path / "part"
    async with asyncio.timeout(20):
        while not part.exists() or part.stat().st_size < 2000:
            await asyncio.sleep(0.01)
    writer.close()
    async with asyncio.timeout(20):
        while " broke off after " not in caplog.text:
            await asyncio.sleep(0.01)
    assert part.read_bytes() == b"x" * 2000


async def test_a_full_disk_says_how_much_is_there(client, fake):
    fake.answers["guest-file-write"] = CommandError("No space left on device")
    answer = await client.put(f"{FILES}/content", params={"path": "/x"}, data=b"x" * 10)
    assert answer.status == 502
    assert "0 bytes were written, the rest is missing" in (await answer.json())["detail"]
    assert fake.open_files == []


async def test_a_file_without_an_end_to_seek_to(client, fake):
    fake.files["/dev/x"] = b"abc"
    fake.answers["guest-file-seek"] = CommandError("Illegal seek")
    answer = await client.get(f"{FILES}/content", params={"path": "/dev/x"})
    assert (await answer.read(), "X-Guest-File-Size" in answer.headers) == (b"abc", False)


async def test_a_guest_that_breaks_off_breaks_the_download(client, fake, monkeypatch):
    monkeypatch.setattr(module, "PIECE", 4)
    fake.files["/x"] = b"abcdefgh"
    first = fake.answers["guest-file-read"]
    pieces = iter([first])

    def read(arguments):
        try:
            return next(pieces)(arguments)
        except StopIteration:
            raise CommandError("I/O error") from None

    fake.answers["guest-file-read"] = read
    answer = await client.get(f"{FILES}/content", params={"path": "/x"})
    with pytest.raises(Exception, match=r"."):  # whatever the client calls a body that is cut off
        await answer.read()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/etc/passwd", "attachment; filename=\"passwd\"; filename*=UTF-8''passwd"),
        ('/a"b\r\nX: y', "attachment; filename=\"a_b__X_ y\"; filename*=UTF-8''a%22b%0D%0AX%3A%20y"),
        ("C:\\Temp\\\u00e9.txt", "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A9.txt"),
        ("/etc/", "attachment; filename=\"file\"; filename*=UTF-8''file"),
        ("/\ud800", "attachment; filename=\"_\"; filename*=UTF-8''%3F"),
    ],
)
def test_no_name_leaves_its_header(path, says):
    assert disposition(path) == says
