import base64
import importlib
import sys

import pytest

from guestwire.client import base64 as seam
from guestwire.client.recipes.commands import READ, Chunk
from guestwire.errors import ProtocolError

DATA = bytes(range(256)) * 5


@pytest.fixture(params=[True, False], ids=["accelerated", "plain"])
def either(request, monkeypatch):
    """The seam with and without pybase64."""
    if request.param:
        pytest.importorskip("pybase64")
        yield seam
        return
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pybase64", None)
        yield importlib.reload(seam)
    importlib.reload(seam)


def test_encodes_and_decodes(either):
    assert either.encode(memoryview(DATA)) == base64.b64encode(DATA)
    assert either.decode(memoryview(base64.b64encode(DATA))) in (DATA, None)
    assert either.decode(memoryview(b"AA&=")) is None


@pytest.mark.parametrize(
    "line",
    [
        b'{"return": {"count": 3, "buf-b64": "//8A", "eof": true}}\n',
        b'{"return": {"eof": true, "buf-b64": "//8A"}}\n',
        b'{"return":{"eof":true,"buf-b64":"//8A"}}\n',
        b'{"return": {"eof": true, "buf-b64": "\\/\\/8A"}}\n',
        b'{"return": {"eof": true, "x": "\\"buf-b64\\": \\"AAAA", "buf-b64": "//8A"}}\n',
    ],
)
def test_answers_of_any_shape_are_read(line):
    assert READ.decode(line) == Chunk(b"\xff\xff\x00", True)


@pytest.mark.parametrize(
    "line",
    [
        b'{"return": {"eof": true, "buf-b64": "//8"}}\n',
        b'{"return": {"eof": true, "buf-b64": "//8A}}\n',
        b'{"return": {"eof": true, "buf-b64": "//8A"}\n',
        b'"buf-b64": "//8A"\n',
        b'{"return": {"buf-b64": 5}}\n',
    ],
)
def test_wrong_ones_are_refused(line):
    with pytest.raises(ProtocolError):
        READ.decode(line)
