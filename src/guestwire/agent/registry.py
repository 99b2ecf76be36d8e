"""The list of commands: schema entries tied by name to their functions, as a linker ties them.

Built-in commands are tied by a test (`tests/unit/agent/test_registry.py` binds them all) and loaded at their first
use, because a start must not import what nobody calls. Packs (`--commands-dir`) are tied at the start, and all
faults of all packs are told in one error.
"""

from __future__ import annotations

from guestwire.schema import builtin, codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from guestwire.agent.config import Config
    from guestwire.agent.state import AgentState
    from guestwire.agent.upload import Upload
    from guestwire.schema.model import Command

COMMANDS = "guestwire.agent.commands"


def build(config: Config, agent: AgentState, os_name: str, symbols: Collection[str]) -> dict[str, Entry]:
    """Every command of this platform, by name."""
    commands = builtin.commands(symbols)
    entries = {name: built_in(command, agent, os_name) for name, command in commands.items()}
    if config.commands_dirs:
        from guestwire.agent import packs

        entries.update(packs.load(config, agent, symbols))
    return entries


class Entry:
    """One command, ready to be called.

    `function(**kwargs)` runs it. A function may carry two more: `discard(value)` undoes a success whose answer
    nobody wants any more, and `upload(agent, **kwargs)` takes a streamed argument.
    """

    def __init__(self, command: Command, agent: AgentState, load: Callable[[], Callable[..., Any]]) -> None:
        self.command = command
        self.name = command.name
        self.features = command.features
        self.out_of_band = command.allow_oob
        self.answers_success = command.success_response
        self.streamed = command.streamed
        self._agent = agent
        self._load = load
        self._bare: Callable[..., Any] | None = None
        self.function: Callable[..., Any] = self._first_call

    def decode(self, arguments: dict[str, Any] | None) -> dict[str, Any]:
        """Checked keyword arguments; CommandError in QEMU's words."""
        return codec.decode_arguments(self.command, arguments)

    def bare(self) -> Callable[..., Any]:
        """The command function as its author wrote it; loads its module."""
        if self._bare is None:
            self._bare = self._load()
        return self._bare

    def discard(self, value: Any) -> None:
        """Undo a success that came too late to be told."""
        undo = getattr(self.bare(), "discard", None)
        if undo is not None:
            undo(self._agent, value)

    def upload(self, **arguments: Any) -> Upload:
        """Begin to take a streamed argument."""
        taker: Callable[..., Upload] = self.bare().upload  # type: ignore[attr-defined]
        return taker(self._agent, **arguments)

    def _first_call(self, **arguments: Any) -> Any:
        bare = self.bare()
        if takes_agent(bare):
            agent = self._agent
            self.function = lambda **arguments: bare(agent, **arguments)
        else:
            self.function = bare
        return self.function(**arguments)


def takes_agent(function: Callable[..., Any]) -> bool:
    """True when the function's first parameter asks for the `AgentState`."""
    code = function.__code__
    return code.co_argcount > 0 and code.co_varnames[0] == "agent"


def built_in(command: Command, agent: AgentState, os_name: str) -> Entry:
    """The entry of a command that the package brings along."""

    def load() -> Callable[..., Any]:
        name = function_name(command.name)
        for place in (os_name, "portable"):
            module = import_if_there(f"{COMMANDS}.{place}.{command.group}")
            function = getattr(module, name, None)
            if function is not None:
                return function  # type: ignore[no-any-return]
        raise LookupError(
            f"{command.name} has no function {name} in {COMMANDS}.{{{os_name},portable}}.{command.group}"
        )

    return Entry(command, agent, load)


def function_name(command: str) -> str:
    """`guest-x-y` is `guest_x_y`."""
    return command.replace("-", "_")


def import_if_there(name: str) -> object | None:
    """A module, or None when there is no such file; faults inside it are raised."""
    try:
        return __import__(name, fromlist=["*"])
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None


def mismatches(command: Command, function: Callable[..., Any]) -> str | None:
    """What keeps a function from being this command's, in words; None when they fit."""
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    names = list(code.co_varnames[:count])
    if names[:1] == ["agent"]:
        names.pop(0)
    required = len(names) - len(function.__defaults__ or ()) - len(function.__kwdefaults__ or ())
    wanted = [argument.keyword for argument in command.arguments]
    missing = [name for name in wanted if name not in names]
    extra = [name for name in names if name not in wanted]
    if missing or extra:
        parts = [f"lacks the parameter {name!r}" for name in missing]
        parts += [f"has a parameter {name!r} that the schema lacks" for name in extra]
        return f"{function.__name__} " + " and ".join(parts)
    optional = {argument.keyword for argument in command.arguments if argument.optional}
    undefaulted = [name for name in names[:required] if name in optional]
    if undefaulted:
        return f"{function.__name__} gives no default to the optional {', '.join(map(repr, undefaulted))}"
    return None
