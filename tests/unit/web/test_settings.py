import hashlib
from pathlib import Path

import pytest

from guestwire.errors import ConfigError
from guestwire.web.roles import Role
from guestwire.web.settings import Settings, Token, User, is_loopback, plain_token, settings_of

HASH = "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAA"


def test_the_table_says_all():
    assert settings_of(
        {
            "users": {"alice": {"password": HASH, "role": "operator"}},
            "tokens": {"p": {"sha256": "AB" * 32, "role": "viewer"}},
            "local_role": "viewer",
            "tls_cert": "/c",
            "tls_key": "/k",
            "login_hours": 1,
        }
    ) == Settings(
        users={"alice": User(HASH, Role.OPERATOR)},
        tokens={"p": Token("ab" * 32, Role.VIEWER)},
        local_role="viewer",
        tls_cert=Path("/c"),
        tls_key=Path("/k"),
        login_hours=1.0,
    )


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ([], "must be a table"),
        ({"user": {}}, "unknown key 'user'; did you mean 'users'?"),
        ({"users": []}, "users: must be a table of tables"),
        (
            {"users": {"a": {"password": "secret", "role": "viewer"}}},
            "users: a: password: is not an Argon2 hash",
        ),
        ({"users": {"a": {"password": HASH}}}, "users: a: role is missing"),
        ({"users": {"a": {"password": HASH, "role": "root"}}}, "'root' is none of viewer, operator, admin"),
        ({"users": {"a\n": {}}}, "is no name"),
        ({"tokens": {"a": {"sha256": "x", "role": "viewer"}}}, "is not a SHA-256"),
        ({"local_role": "king"}, "'king' is none of"),
        ({"login_hours": True}, "is not a number of hours"),
        ({"tls_cert": 5}, "5 is not a string"),
    ],
)
def test_a_mistake_is_one_clear_line(table, says):
    with pytest.raises(ConfigError) as caught:
        settings_of(table)
    assert says in str(caught.value)


def test_an_address_that_others_reach_demands_users_or_tokens():
    Settings("127.0.0.1").check()
    Settings("0.0.0.0", tokens=plain_token("t")).check()
    with pytest.raises(ConfigError, match=r"listen 0\.0\.0\.0: other machines reach this address"):
        Settings("0.0.0.0").check()


def test_the_plain_token_is_a_viewer_s():
    assert plain_token("t") == {"token": Token(hashlib.sha256(b"t").hexdigest(), Role.VIEWER)}
    assert plain_token("") == {}


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("h", False)],
)
def test_loopback(host, loopback):
    assert is_loopback(host) is loopback
