from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from guestwire.broker.policy_file import KEYS, load, read
from guestwire.errors import ConfigError

PAGE = Path(__file__).parents[3] / "docs/reference/policy.md"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"rules": []}, "the file: unknown key 'rules'; did you mean 'rule'?"),
        ({"rule": {}}, "write [[rule]], in double brackets"),
        ({"rule": [3]}, "write [[rule]], in double brackets"),
        ({"rule": [{}]}, "rule 1: 'who' is missing"),
        ({"rule": [{"who": ["uid:1"], "alow": []}]}, "rule 1: unknown key 'alow'; did you mean 'allow'?"),
        ({"rule": [{"who": ["uid:1"], "zzz": []}]}, "rule 1: unknown key 'zzz'; known are"),
        ({"rule": [{"who": ["alice"]}]}, "rule 1: who: 'alice': write uid:N"),
        ({"rule": [{"who": ["uid:x"]}]}, "rule 1: who: 'uid:x': write uid:N"),
        ({"rule": [{"who": ["user:no-such-user"]}]}, "this host has no such user"),
        ({"rule": [{"who": ["group:no-such-group"]}]}, "this host has no such group"),
        ({"rule": [{"who": "everyone"}]}, "rule 1: who: must be a list of texts"),
        ({"rule": [{"who": ["everyone"], "allow": ["root"]}]}, "'root' is no privilege; there are audit"),
        ({"rule": [{"who": ["everyone"], "read": ["x"]}]}, "rule 1: read: 'x' is no absolute path"),
        ({"guest": [{}]}, "guest 1: 'names' is missing"),
        ({"guest": [{"names": ["*"], "ownership": "root"}]}, "neither 'connection' nor 'user'"),
        ({"guest": [{"names": ["*"], "idle": 0}]}, "guest 1: idle: 0 is not a number of seconds"),
        ({"guest": [{"names": ["*"], "idle": True}]}, "guest 1: idle: True is not a number of seconds"),
        ({"guest": [{"names": ["*"], "merge": 1}]}, "guest 1: merge: 1 is neither true nor false"),
    ],
)
def test_a_mistake_is_one_line(data: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        read(data)


def test_files_with_mistakes_are_named(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    with pytest.raises(ConfigError, match=f"{path}: No such file"):
        load(path)
    for text in ("x = ", "[[rule]]"):
        path.write_text(text)
        with pytest.raises(ConfigError, match=re.escape(str(path))):
            load(path)


def test_names_of_this_host_are_numbers() -> None:
    [rule] = read({"rule": [{"who": ["user:root", "group:root", "name:a", "role:b", "gid:7"]}]}).rules
    assert rule.who == {("uid", 0), ("gid", 0), ("name", "a"), ("role", "b"), ("gid", 7)}


def test_the_reference_describes_every_key_and_its_example_is_good() -> None:
    text = PAGE.read_text()
    for part, keys in (("## Rules", KEYS["rule"]), ("## Guests", KEYS["guest"])):
        rows = re.findall(r"^\| `(\w+)` \|", text.split(part)[1].split("\n## ")[0], re.M)
        assert tuple(rows) == keys
    example = text.split("```toml\n")[1].split("```")[0]
    known = example.replace("group:monitoring", f"gid:{os.getegid()}").replace("user:alice", "user:root")
    import tomllib

    policy = read(tomllib.loads(known))
    assert [len(policy.rules), len(policy.options)] == [2, 1]
