from __future__ import annotations

import asyncio
import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pytest

from guestwire.broker import rights
from guestwire.broker.answers import Answer, refusal
from guestwire.broker.policy import Grant
from guestwire.broker.policy_file import read
from guestwire.broker.principal import Principal
from guestwire.broker.server import Broker
from tests.contract.agents import running

from .fakes import until

ALICE = Principal(uid=70001)


def grant(*allow: str, **more: Any) -> Grant:
    return read({"rule": [{"who": ["uid:70001"], "allow": list(allow), **more}]}).grant(ALICE, "g")


def info(*names: str) -> Answer:
    commands = [{"enabled": True, "name": name, "success-response": True} for name in names]
    return Answer(True, json.dumps({"version": "9.1", "supported_commands": commands}).encode())


def enabled(answer: Answer) -> dict[str, bool]:
    return {each["name"]: each["enabled"] for each in answer.value()["supported_commands"]}


def test_what_is_denied_is_not_enabled() -> None:
    answer = rights.shown(info("guest-ping", "guest-shutdown", "site-own", "guest-sync"), grant("audit"))
    assert enabled(answer) == {
        "guest-ping": True,
        "guest-shutdown": False,
        "site-own": False,
        "guest-sync": True,
    }
    assert answer.value()["version"] == "9.1"


def test_what_is_allowed_with_some_arguments_is_enabled() -> None:
    answer = rights.shown(
        info("guest-file-open", "guest-file-read", "guest-file-write", "guest-file-close", "guest-exec"),
        grant("file-read", "exec", read=["/var/log/**"], programs=["/bin/true"]),
    )
    assert [name for name, there in enabled(answer).items() if not there] == ["guest-file-write"]


def test_a_command_named_in_a_rule_is_enabled() -> None:
    answer = rights.shown(info("site-own", "site-other"), grant(commands=["site-own"]))
    assert enabled(answer) == {"site-own": True, "site-other": False}


def test_nothing_to_change_is_passed_on_as_it_came() -> None:
    answer = info("guest-ping", "guest-info")
    assert rights.shown(answer, grant("audit")) is answer


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"[]",
        b"7",
        b'{"supported_commands": {}}',
        b'{"supported_commands": [7, null, {}, {"name": 3}, {"name": [{}]}]}',
        b'{"supported_commands": "guest-ping"}',
    ],
)
def test_a_guest_that_says_something_else(text: bytes) -> None:
    answer = Answer(True, text)
    assert rights.shown(answer, grant("audit")) is answer


def test_an_error_stays_one() -> None:
    answer = refusal("no")
    assert rights.shown(answer, grant()) is answer


@pytest.mark.parametrize("ours", [False, True], ids=["qemu-ga", "guestwire-agent"])
async def test_with_a_real_agent_and_another_user(tmp_path: Path, ours: bool) -> None:
    rules = read({"rule": [{"who": [f"uid:{os.geteuid()}"], "allow": ["audit"]}]})
    policy = dataclasses.replace(rules, trusted=frozenset())
    with running(ours, tmp_path) as agent:
        async with Broker({"g": f"unix:{agent.path}"}, tmp_path / "run", policy=policy) as broker:
            await until(lambda: broker.states()["g"]["state"] == "up")
            reader, writer = await asyncio.open_unix_connection(str(tmp_path / "run" / "guests" / "g.sock"))
            writer.write(b'{"execute": "guest-info", "id": 5}\n{"execute": "guest-exec", "id": 6}\n')
            shown, refused = [json.loads(await reader.readline()) for _ in range(2)]
            writer.close()
            await writer.wait_closed()
    there = {each["name"]: each["enabled"] for each in shown["return"]["supported_commands"]}
    assert shown["id"] == 5
    names = ("guest-get-osinfo", "guest-file-open", "guest-exec")
    assert [there[name] for name in names] == [True, False, False]
    assert refused["error"]["class"] == "CommandNotFound"
