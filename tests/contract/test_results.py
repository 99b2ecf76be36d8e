"""What both agents answer fits the schema, member by member: no wrong type, nothing missing, nothing extra."""

from __future__ import annotations

import pytest

from guestwire.agent import platform
from guestwire.schema import builtin
from guestwire.schema.codec import check_result

from .agents import Agent, Peer

COMMANDS = builtin.commands(platform.symbols("linux"))
READ_ONLY = [
    name
    for name, command in COMMANDS.items()
    if command.returns and not any(not argument.optional for argument in command.arguments)
    and name not in ("guest-fsfreeze-freeze", "guest-fsfreeze-freeze-list", "guest-fsfreeze-thaw", "guest-fstrim")
]  # fmt: skip


@pytest.mark.parametrize("name", READ_ONLY)
def test_the_answer_fits_the_schema(agent: Agent, peer: Peer, name: str) -> None:
    answer = peer.call(name)
    if "error" in answer:
        assert not agent.ours or answer["error"]["class"] == "GenericError"
        return
    check_result(COMMANDS[name], answer["return"])


def test_the_answers_to_arguments_fit_too(peer: Peer) -> None:
    handle = peer.value("guest-file-open", path="/etc/hostname")
    check_result(COMMANDS["guest-file-open"], handle)
    check_result(
        COMMANDS["guest-file-seek"], peer.value("guest-file-seek", handle=handle, offset=0, whence="set")
    )
    check_result(COMMANDS["guest-file-read"], peer.value("guest-file-read", handle=handle, count=5))
    peer.value("guest-file-close", handle=handle)
    found = peer.value("guest-exec", path="/bin/echo", arg=["x"], **{"capture-output": True})
    check_result(COMMANDS["guest-exec"], found)
    check_result(COMMANDS["guest-exec-status"], peer.value("guest-exec-status", pid=found["pid"]))
    check_result(COMMANDS["guest-sync"], peer.value("guest-sync", id=7))
