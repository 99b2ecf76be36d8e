"""The linker: every built-in command of this platform has its function, and no command module has one too many."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import pytest

from guestwire.agent import platform, registry
from guestwire.agent.config import Config
from guestwire.agent.state import AgentState
from guestwire.errors import CommandError
from guestwire.schema import builtin
from guestwire.schema.model import Command, Member

FOLDER = Path(registry.__file__).parent / "commands"
LINUX = builtin.commands(platform.symbols("linux"))


@pytest.mark.parametrize("command", LINUX.values(), ids=LINUX)
def test_every_command_has_its_function_and_they_fit(command: Command) -> None:
    entry = registry.built_in(command, AgentState(), "linux")
    assert registry.mismatches(command, entry.bare()) is None
    assert entry.bare().__doc__, f"{command.name} has no docstring"
    if entry.streamed:
        assert hasattr(entry.bare(), "upload")


@pytest.mark.parametrize(
    "path", [p for place in ("linux", "portable") for p in sorted((FOLDER / place).glob("*.py"))]
)
def test_every_public_function_of_a_command_module_is_a_command(path: Path) -> None:
    if path.name == "__init__.py":
        return
    module = __import__(f"guestwire.agent.commands.{path.parent.name}.{path.stem}", fromlist=["*"])
    known = {registry.function_name(name): command for name, command in LINUX.items()}
    for name, value in vars(module).items():
        mine = isinstance(value, types.FunctionType) and value.__module__ == module.__name__
        if mine and not name.startswith("_"):
            assert name in known, f"{path} has a function {name}() that no command names"
            assert known[name].group == path.stem


def test_the_build_lists_them_in_the_schema_s_order() -> None:
    entries = registry.build(Config(), AgentState(), "linux", platform.symbols("linux"))
    assert list(entries) == list(LINUX)


def test_a_command_without_a_function_says_so_when_called() -> None:
    entry = registry.built_in(Command("guest-nothing", "session"), AgentState(), "linux")
    with pytest.raises(LookupError, match="guest-nothing has no function guest_nothing in"):
        entry.function()


def test_a_fault_inside_a_command_module_is_not_taken_for_its_absence() -> None:
    assert registry.import_if_there("guestwire.agent.commands.portable.nothing") is None
    with pytest.raises(ModuleNotFoundError):
        registry.import_if_there("guestwire.nothing.at.all")


def test_functions_with_and_without_the_agent() -> None:
    def plain(number: int) -> int:
        return number

    def with_agent(agent: AgentState, number: int) -> Any:
        return agent, number

    command = Command("x", "x", [Member("number", "int")], "int")
    agent = AgentState()
    first = registry.Entry(command, agent, lambda: plain)
    assert first.function(**first.decode({"number": 3})) == 3
    assert first.function(number=4) == 4
    second = registry.Entry(command, agent, lambda: with_agent)
    assert second.function(number=5) == (agent, 5)
    assert second.function(number=6) == (agent, 6)
    with pytest.raises(CommandError, match="Parameter 'number' is missing"):
        first.decode(None)
    first.discard(3)


def f_good(path: str, count: Any = None) -> None: ...
def f_lacks(path: str) -> None: ...
def f_extra(path: str, mode: str, count: Any = None) -> None: ...
def f_no_default(path: str, count: Any) -> None: ...
def f_keyword_only(agent: Any, *, path: str, count: Any = None) -> None: ...


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        (f_good, None),
        (f_keyword_only, None),
        (f_lacks, "f_lacks lacks the parameter 'count'"),
        (f_extra, "f_extra has a parameter 'mode' that the schema lacks"),
        (f_no_default, "f_no_default gives no default to the optional 'count'"),
    ],
)
def test_mismatches(function: Any, fault: str | None) -> None:
    command = Command("x", "x", [Member("path", "str"), Member("count", "int", optional=True)])
    assert registry.mismatches(command, function) == fault
