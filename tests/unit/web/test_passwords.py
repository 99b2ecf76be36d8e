import argon2
import pytest

from guestwire.errors import ConfigError
from guestwire.web import passwords

CHEAP = argon2.PasswordHasher.from_parameters(argon2.profiles.CHEAPEST)


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    monkeypatch.setattr(passwords.argon2, "PasswordHasher", lambda: CHEAP)


def test_a_password_fits_its_hash_only():
    made = passwords.hashed("correct horse")
    assert made.startswith("$argon2id$")
    assert passwords.fits("correct horse", made)
    assert not passwords.fits("wrong", made)
    assert not passwords.fits("x" * 2000, made)
    assert not passwords.fits("x", "$argon2id$nonsense")


def test_nobody_has_a_password_that_fits():
    assert not passwords.fits("anything", None)


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(passwords, "argon2", None)
    with pytest.raises(ConfigError, match="install guestwire"):
        passwords.hashed("x")
