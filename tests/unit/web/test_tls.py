from pathlib import Path

import pytest

from guestwire.errors import ConfigError
from guestwire.web.settings import Settings
from guestwire.web.tls import context_of


def test_http_needs_nothing():
    assert context_of(Settings()) is None


def test_a_certificate_needs_its_key(tmp_path):
    with pytest.raises(ConfigError, match="go together"):
        context_of(Settings(tls_cert=Path("/c")))
    with pytest.raises(ConfigError, match="cannot use"):
        context_of(Settings(tls_cert=tmp_path / "c", tls_key=tmp_path / "k"))
    (tmp_path / "c").write_text("no certificate")
    with pytest.raises(ConfigError, match="cannot use"):
        context_of(Settings(tls_cert=tmp_path / "c", tls_key=tmp_path / "c"))
