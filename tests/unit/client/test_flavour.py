"""One conversation, two methods: what a type checker and a person see."""

import subprocess
import sys
from pathlib import Path

import pytest

from guestwire.client.flavour import Asynchronous, Blocking, conversation

ROOT = Path(__file__).parents[3]

PROGRAM = """
from guestwire.client import AsyncGuestAgent, GuestAgent

def blocking(agent: GuestAgent) -> None:
    reveal_type(agent.guest_get_host_name())
    reveal_type(agent.guest_file_open("/x", "r", timeout=3))
    reveal_type(agent.run(["true"]))
    agent.guest_file_open(5)

async def aio(agent: AsyncGuestAgent) -> None:
    reveal_type(await agent.guest_get_fsinfo())
    reveal_type(agent.read_file("/x"))
    await agent.guest_file_open()
"""


def ping(session, word, *, loud=False):
    """Say a word."""
    return "flow", session, word, loud


class Methods:
    ping = conversation(ping)


class Here(Methods, Blocking):
    session = "here"

    def drive(self, flow):
        return ("blocking", *flow[1:])


class There(Methods, Asynchronous):
    session = "there"

    async def drive(self, flow):
        return ("aio", *flow[1:])


def test_each_client_gets_plain_functions():
    assert Here().ping("a", loud=True) == ("blocking", "here", "a", True)
    with pytest.raises(StopIteration) as done:
        There().ping("b").send(None)
    assert done.value.value == ("aio", "there", "b", False)
    assert Here.ping.__doc__ == "Say a word."
    assert Here.ping.__name__ == "ping"


def test_a_client_can_have_its_own_form_of_a_method():
    class Own(Here):
        def ping(self):
            return "mine"

    assert Own().ping() == "mine"


def test_a_conversation_in_a_class_is_itself():
    assert isinstance(Methods.ping, conversation)
    assert Methods.ping.__doc__ == "Say a word."
    assert Methods.__dict__["ping"].__get__(Here(), Here)("a") == ("blocking", "here", "a", False)


def test_drivers_are_for_subclasses():
    with pytest.raises(NotImplementedError):
        Blocking().drive(None)
    with pytest.raises(NotImplementedError):
        Asynchronous().drive(None).send(None)


def test_type_checkers_see_both_flavours(tmp_path):
    pytest.importorskip("mypy")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    argv = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache"), str(program)]
    out = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=ROOT).stdout
    for expected in (
        "client.types.GuestHostName",
        'Revealed type is "int"',
        "programs.Completed",
        "list[guestwire.client.types.GuestFilesystemInfo]",
        "Coroutine[Any, Any, bytes]",
        'has incompatible type "int"; expected "str"',
        "Too few arguments",
    ):
        assert expected in out.replace("builtins.", ""), out
