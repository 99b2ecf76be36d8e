"""guest-info as its asker may use the guest: what the policy denies is not enabled, as an agent shows what it blocks.

So that a program that looks before it asks, as libvirt's and our own do, learns it there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.broker.answers import Answer
from guestwire.broker.requests import SYNCS
from guestwire.wire.encoding import encode

if TYPE_CHECKING:
    from guestwire.broker.policy import Grant

COMMAND = "guest-info"


def shown(answer: Answer, grant: Grant) -> Answer:
    """The guest's answer to guest-info, with `enabled` false for every command that is denied with any arguments. What
    has not the form of a `GuestAgentInfo` stays as it is.
    """
    value = answer.value() if answer.good else None
    commands = value.get("supported_commands") if isinstance(value, dict) else None
    if not isinstance(commands, list):
        return answer
    denied = False
    for each in commands:
        name = each.get("name") if isinstance(each, dict) else None
        if isinstance(name, str) and name not in SYNCS and not grant.may(name):
            each["enabled"] = False
            denied = True
    return Answer(True, encode(value)) if denied else answer
