from types import SimpleNamespace

import pytest
from multidict import CIMultiDict

from guestwire.errors import ConfigError
from guestwire.web.proxy import client_of, is_encrypted
from guestwire.web.settings import Settings, settings_of

TRUSTING = settings_of({"trusted_proxies": ["127.0.0.1", "10.0.0.0/8", "::1"]})


def request(remote, *headers):
    return SimpleNamespace(remote=remote, headers=CIMultiDict(headers))


@pytest.mark.parametrize(
    ("remote", "said", "client"),
    [
        ("127.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ("::ffff:127.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ("127.0.0.1", ["192.0.2.1, 192.0.2.7, 10.1.1.1"], "192.0.2.7"),
        ("127.0.0.1", ["192.0.2.1", "192.0.2.7"], "192.0.2.7"),
        ("127.0.0.1", ["10.0.0.1"], "10.0.0.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["<script>"], "127.0.0.1"),
        ("192.0.2.9", ["192.0.2.7"], "192.0.2.9"),
        (None, ["192.0.2.7"], None),
    ],
)
def test_who_asks(remote, said, client):
    headers = [("X-Forwarded-For", one) for one in said]
    assert client_of(request(remote, *headers), TRUSTING) == client
    assert client_of(request(remote, *headers), Settings()) == remote


@pytest.mark.parametrize(
    ("remote", "said", "encrypted"),
    [("127.0.0.1", "https", True), ("127.0.0.1", "HTTPS", True), ("127.0.0.1", "https, http", False),
     ("127.0.0.1", "http", False), ("192.0.2.9", "https", False)],
)  # fmt: skip
def test_whether_a_browser_s_end_is_encrypted(remote, said, encrypted):
    assert is_encrypted(request(remote, ("X-Forwarded-Proto", said)), TRUSTING) == encrypted


def test_own_tls_needs_no_proxy(tmp_path):
    assert is_encrypted(request("192.0.2.9"), Settings(tls_cert=tmp_path))


@pytest.mark.parametrize("value", ["127.0.0.1", ["nonsense"], ["10.0.0.1/8"], [7]])
def test_what_is_no_list_of_networks(value):
    with pytest.raises(ConfigError, match="trusted_proxies"):
        settings_of({"trusted_proxies": value})
