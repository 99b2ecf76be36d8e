from __future__ import annotations

import json

import msgspec

from guestwire.broker.audit.cleaning import cleaned


def test_secrets_and_contents_are_removed_and_their_sizes_kept() -> None:
    assert cleaned("guest-exec", {"path": "/bin/x", "arg": ["a"], "env": ["K=v"], "input-data": "eA=="}) == {
        "path": "/bin/x",
        "arg": ["a"],
        "env": {"removed": 1},
        "input-data": {"removed": 4},
    }
    assert cleaned("guest-file-write", {"handle": 3, "buf-b64": "x" * 100}) == {
        "handle": 3,
        "buf-b64": {"removed": 100},
    }
    assert cleaned("guest-ping", None) == {}


def test_an_unknown_command_s_secrets_are_guessed() -> None:
    found = cleaned("site-login", {"user": "a", "Passphrase": "b", "api-key": 3, "auth_token": ["x", "y"]})
    assert found == {
        "user": "a",
        "Passphrase": {"removed": 1},
        "api-key": {"removed": 1},
        "auth_token": {"removed": 2},
    }
    assert cleaned("guest-ssh-add-authorized-keys", {"keys": ["ssh-ed25519 A"]}) == {
        "keys": ["ssh-ed25519 A"]
    }


def test_everything_is_bounded_and_can_be_written() -> None:
    deep: object = "x"
    for _ in range(50):
        deep = [deep]
    found = cleaned(
        "guest-exec",
        {"path": "\udcff" + "x" * 5000, "arg": ["y"] * 1000, "deep": deep, "n": 10**40, "o": {"a": 1.5}},
    )
    assert len(msgspec.json.encode(found)) < 1000
    assert json.loads(msgspec.json.encode(found))["path"].endswith("… (5001 characters)")
    assert len(cleaned("guest-exec", {str(number): 1 for number in range(1000)})) == 20
