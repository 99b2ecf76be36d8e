import pytest

from guestwire.client.recipes.osinfo import is_windows
from guestwire.errors import CommandError
from guestwire.testing import FakeGuest


@pytest.mark.parametrize(
    ("path", "answer", "asked", "expected"),
    [
        ("/srv", None, 0, False),
        ("C:\\x", None, 0, True),
        ("d:/x", None, 0, True),
        ("\\\\server\\share", None, 0, True),
        ("", {"id": "mswindows"}, 1, True),
        ("x", {"id": "debian"}, 1, False),
        ("x", CommandError("no"), 1, False),
    ],
)
def test_by_path_else_by_osinfo(connect, path, answer, asked, expected):
    guest = FakeGuest({"guest-get-osinfo": answer})
    agent = connect(guest)
    assert agent.drive(is_windows(agent.session, path)) is expected
    assert len(guest.calls) == asked
