import pytest

from guestwire.client import address
from guestwire.client.address import (
    GuestName,
    LibvirtAddress,
    TcpAddress,
    UnixAddress,
    VsockAddress,
    parse,
    resolve,
)
from guestwire.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("unix:/run/x.sock", UnixAddress("/run/x.sock")),
        ("unix:rel/with:colon", UnixAddress("rel/with:colon")),
        ("vsock:3:1234", VsockAddress(3, 1234)),
        ("tcp:localhost:4444", TcpAddress("localhost", 4444)),
        ("tcp:[::1]:4444", TcpAddress("::1", 4444)),
        ("libvirt:qemu:///system/web1", LibvirtAddress("qemu:///system", "web1")),
        ("libvirt:qemu+ssh://root@host/system/web1", LibvirtAddress("qemu+ssh://root@host/system", "web1")),
        ("web1.example", GuestName("web1.example")),
    ],
)
def test_forms_are_read_and_written(text, value):
    assert parse(text) == value
    assert str(value) == text


def test_a_path_needs_no_scheme():
    assert parse("/run/x.sock") == UnixAddress("/run/x.sock")
    assert parse("./x.sock") == UnixAddress("./x.sock")


@pytest.mark.parametrize(
    "text",
    f"unix:{'x' * 108}|"
    "|unix:|unix:a\0b|vsock:3|vsock:x:1|vsock:3:4294967296|vsock:-1:1|tcp:host|tcp::1|tcp:::1:80|tcp:h:65536|tcp:h:１"
    "|libvirt:web1|libvirt:qemu:///system/|ssh:web1|a/b|web\x1b[1m|we\nb".split("|"),
)
def test_nonsense_is_one_clear_line(text):
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert str(caught.value).startswith("address ")
    assert str(caught.value).isprintable()


class TestNames:
    def test_need_a_resolver(self):
        with pytest.raises(ConfigError, match="names need discovery"):
            resolve("web1")

    def test_go_through_the_one_given(self):
        assert resolve("web1", lambda name: UnixAddress(f"/run/{name}")) == UnixAddress("/run/web1")

    def test_go_through_the_one_installed(self):
        address.set_resolver(lambda name: UnixAddress(f"/run/{name}"))
        try:
            assert resolve("web1") == UnixAddress("/run/web1")
        finally:
            address.set_resolver(None)
        with pytest.raises(ConfigError):
            resolve("web1")

    def test_do_not_lead_to_names(self):
        with pytest.raises(ConfigError, match="leads to another name"):
            resolve("web1", GuestName)

    def test_are_not_asked_for_addresses(self):
        assert resolve("unix:/x") == UnixAddress("/x")
        assert resolve(TcpAddress("h", 1)) == TcpAddress("h", 1)
