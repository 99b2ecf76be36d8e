from __future__ import annotations

import os
from typing import Any

from guestwire.broker.policy import DEFAULT, Policy
from guestwire.broker.policy_file import read
from guestwire.broker.principal import HOST, Principal
from guestwire.wire.messages import Request

ALICE = Principal(uid=70001, gids=frozenset((70001, 70500)))


def policy(**rule: Any) -> Policy:
    return read({"rule": [{"who": ["uid:70001"], **rule}]})


def denial(
    policy: Policy, name: str, guest: str = "web1", who: Principal = ALICE, /, **arguments: Any
) -> Any:
    answer = policy.grant(who, guest).denial(Request(name, arguments or None))
    return None if answer is None else answer.fault()


def test_without_a_file_only_the_owner_and_root_come_in() -> None:
    assert denial(DEFAULT, "guest-ping") == (
        "CommandNotFound",
        "Command guest-ping has been disabled: it is denied by the broker's policy for uid 70001 on web1",
    )
    for who in (Principal(uid=0), Principal(uid=os.geteuid()), HOST):
        assert DEFAULT.grant(who, "web1").unrestricted
    assert DEFAULT.door("web1") == (0o600, -1)
    assert not DEFAULT.open


def test_the_web_s_roles() -> None:
    viewer = Principal(name="v", roles=frozenset(("viewer",)))
    operator = Principal(name="o", roles=frozenset(("operator",)))
    admin = Principal(name="a", roles=frozenset(("admin",)))
    assert denial(DEFAULT, "guest-get-osinfo", "x", viewer) is None
    assert denial(DEFAULT, "guest-shutdown", "x", viewer) is not None
    assert denial(DEFAULT, "guest-exec", "x", operator, path="/bin/sh") is None
    assert denial(DEFAULT, "guest-shutdown", "x", operator) is not None
    assert denial(DEFAULT, "guest-set-user-password", "x", admin) is None


def test_a_rule_is_for_its_users_and_guests() -> None:
    rules = policy(guests=["web*"], allow=["audit"])
    assert denial(rules, "guest-get-fsinfo") is None
    assert denial(rules, "guest-get-fsinfo", "db1") is not None
    assert denial(rules, "guest-get-fsinfo", "web1", Principal(uid=70002, name="uid:70001")) is not None
    assert denial(rules, "guest-fstrim") is not None
    assert denial(rules, "site-secret") is not None


def test_groups_and_everyone() -> None:
    group = read({"rule": [{"who": ["gid:70500"], "allow": ["power"]}]})
    assert denial(group, "guest-shutdown") is None
    assert denial(group, "guest-shutdown", "web1", Principal(uid=70001)) is not None
    everyone = read({"rule": [{"who": ["everyone"], "allow": ["audit"]}]})
    assert denial(everyone, "guest-ping", "x", Principal(uid=12345)) is None


def test_paths_count_where_patterns_are_given() -> None:
    rules = policy(allow=["file-read", "file-write"], read=["/var/log/**"], write=["/srv/**"])
    open_ = "guest-file-open"
    assert denial(rules, open_, path="/var/log/x") is None
    assert denial(rules, open_, path="/srv/x", mode="w") is None
    assert denial(rules, open_, path="/etc/shadow") == (
        "GenericError",
        "guest-file-open: this path is denied by the broker's policy for uid 70001 on web1",
    )
    for arguments in (
        {"path": "/var/log/x", "mode": "w"},
        {"path": "/srv/x", "mode": "r"},
        {"path": "/srv/x", "mode": "r+"},
        {"path": "/srv/x", "mode": "rw"},
        {"path": "/srv/../etc/x", "mode": "w"},
        {"mode": "r"},
    ):
        assert denial(rules, open_, "web1", ALICE, **arguments) is not None
    assert denial(rules, "guest-file-close", handle=1) is None
    assert denial(policy(allow=["file-read"]), open_, path="/etc/shadow") is None
    assert denial(policy(allow=["file-read"]), open_, path="/x", mode="a") is not None
    assert denial(policy(allow=["file-read"]), "guest-file-write", handle=1) is not None


def test_programs_count_where_patterns_are_given() -> None:
    rules = policy(allow=["exec"], programs=["/usr/bin/uptime"])
    assert denial(rules, "guest-exec", path="/usr/bin/uptime") is None
    assert "this program" in denial(rules, "guest-exec", path="/bin/sh")[1]
    assert denial(rules, "guest-exec-status", pid=3) is None
    assert denial(policy(allow=["exec"]), "guest-exec", path="sh", env=["A=b"]) is None


def test_single_commands_and_everything() -> None:
    rules = policy(commands=["site-*", "guest-set-time"])
    assert denial(rules, "site-backup", anything=1) is None
    assert denial(rules, "guest-set-time") is None
    assert denial(rules, "guest-ping") is not None
    assert policy(allow=["unrestricted"]).grant(ALICE, "x").unrestricted


def test_sockets_follow_the_rules() -> None:
    mine = os.getegid()
    assert read({"rule": [{"who": [f"gid:{mine}"], "allow": ["audit"]}]}).door("x") == (0o660, mine)
    assert policy(allow=["audit"]).door("x") == (0o666, -1)
    assert policy(allow=["audit"]).open
    assert policy(guests=["y"], allow=["audit"]).door("x") == (0o600, -1)
    assert read({"rule": [{"who": ["uid:0", "role:viewer"], "allow": ["audit"]}]}).door("x") == (0o600, -1)


def test_options_are_the_first_that_match() -> None:
    rules = read(
        {"guest": [{"names": ["pve-*"], "ownership": "user", "idle": 5}, {"names": ["*"], "merge": False}]}
    )
    assert rules.options_of("pve-1").by_user
    assert rules.options_of("pve-1").merge
    assert not rules.options_of("web1").merge
    assert Policy().options_of("x").lease == 300
