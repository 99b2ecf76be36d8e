"""Packs: a site's own commands, each a pair `x.json` (schema) and `x.py` (functions) in a folder of `--commands-dir`.

The pairs are tied at the start, and the faults of all of them are told in one ConfigError; with `--lenient-packs` they
are logged, and the faulty packs left out. A pack runs with the agent's rights. So when the agent is root, everything
that leads to a pack's files must be root's, and writable for nobody else.
"""

from __future__ import annotations

import os
import stat
import sys

from guestwire.agent.registry import Entry, function_name, mismatches
from guestwire.errors import ConfigError, SchemaError
from guestwire.schema import builtin, compiled, loader
from guestwire.schema.parser import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from types import FunctionType
    from typing import Any

    from guestwire.agent.config import Config
    from guestwire.agent.state import AgentState
    from guestwire.schema.check import Checked
    from guestwire.schema.model import Command, Definition

ADVICE = "mend or remove them, or start with --lenient-packs to do without them"


def load(config: Config, agent: AgentState, symbols: Collection[str]) -> dict[str, Entry]:
    """The commands of all packs, by name. ConfigError lists every fault of every pack."""
    linker = _Linker(agent, symbols)
    for folder in config.commands_dirs:
        linker.take(folder)
    if linker.faults and not config.lenient_packs:
        count = f"{len(linker.faults)} faults" if len(linker.faults) > 1 else "a fault"
        raise ConfigError("\n  ".join([f"{count} in packs of commands ({ADVICE}):", *linker.faults]))
    for fault in linker.faults if hasattr(agent, "log") else ():  # none yet when only names are asked for
        agent.log.error(f"pack left out: {fault}")
    return linker.entries


class _Faulty(Exception):
    """One pack cannot be used: the faults."""

    def __init__(self, *faults: str) -> None:
        super().__init__(*faults)
        self.faults = faults


class _Linker:
    """Ties schema entries to functions, pack by pack; `entries` of the good ones, `faults` of the others."""

    def __init__(self, agent: AgentState, symbols: Collection[str]) -> None:
        self._agent = agent
        self._symbols = frozenset(symbols)
        self._types: dict[str, Definition] = builtin.definitions(self._symbols)
        self._taken = {name for name, *_ in compiled.COMMANDS}
        self.entries: dict[str, Entry] = {}
        self.faults: list[str] = []

    def take(self, folder: str) -> None:
        """Every pair of a folder."""
        try:
            names = sorted(os.listdir(folder))
            _refuse_foreign(folder)
        except OSError as error:
            self.faults.append(f"{folder}: cannot read the folder: {os.strerror(error.errno or 0)}")
            return
        except _Faulty as error:
            self.faults += error.faults
            return
        stems = {os.path.splitext(name)[0] for name in names if name.endswith((".json", ".py"))}
        for stem in sorted(stem for stem in stems if not stem.startswith(("_", "."))):
            try:
                self._tie(os.path.join(folder, stem))
            except _Faulty as error:
                self.faults += error.faults
            except SchemaError as error:
                self.faults.append(str(error))

    def _tie(self, base: str) -> None:
        """One pair: all its commands, or none."""
        schema, code = f"{base}.json", f"{base}.py"
        if not os.path.exists(schema):
            raise _Faulty(
                f"{code}: there is no {os.path.basename(schema)} beside it that describes its commands"
            )
        source = Source().read(schema)
        for file in source.files:
            _refuse_foreign(file)
        checked = loader.check(source, self._types, self._taken)
        commands = loader.resolve(checked, self._symbols, self._types).commands
        if not any(definition.kind == "command" for definition in checked.definitions.values()):
            return  # types only, for other packs to include
        functions = _functions(code, base)
        faults = [*_missing(commands, functions, code), *_extra(checked, functions, code)]
        if faults:
            raise _Faulty(*faults)
        self._taken.update(commands)
        for name, command in commands.items():
            self.entries[name] = Entry(command, self._agent, _always(functions[function_name(name)]))


def _always(function: Callable[..., Any]) -> Callable[[], Callable[..., Any]]:
    return lambda: function


def _functions(path: str, base: str) -> dict[str, FunctionType]:
    """Run a pack's code, from its source and never from a compiled file; the functions that it defines."""
    from types import FunctionType, ModuleType

    module = ModuleType(f"guestwire_pack_{os.path.basename(base)}")
    module.__file__ = path
    try:
        with open(path, "rb") as file:
            _refuse_foreign(path, file.fileno())
            text = file.read()
        sys.modules[module.__name__] = module
        exec(compile(text, path, "exec"), module.__dict__)
    except OSError as error:
        raise _Faulty(f"{path}: {os.strerror(error.errno or 0)}") from None
    except _Faulty:
        raise
    except (Exception, SystemExit) as error:
        raise _Faulty(f"{_place(error, path)}: {type(error).__name__}: {_text(error)}") from None
    found = vars(module).items()
    return {
        name: value
        for name, value in found
        if isinstance(value, FunctionType) and value.__module__ == module.__name__
    }


def _place(error: BaseException, path: str) -> str:
    """`file:line` of a pack's fault: the innermost line in the pack's own file."""
    if isinstance(error, SyntaxError):
        return f"{error.filename or path}:{error.lineno or 1}"
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"{path}:{line}"


def _text(error: BaseException) -> str:
    return str(error.msg if isinstance(error, SyntaxError) else error).replace("\n", " ")


def _missing(commands: dict[str, Command], functions: dict[str, FunctionType], path: str) -> Iterator[str]:
    """Commands without a function, or with one that does not fit."""
    for name, command in commands.items():
        function = functions.get(function_name(name))
        if function is None:
            yield f"{path}: the command {name} has no function {function_name(name)}"
            continue
        mismatch = mismatches(command, function)
        if mismatch:
            yield f"{path}:{function.__code__.co_firstlineno}: {mismatch}"


def _extra(checked: Checked, functions: dict[str, FunctionType], path: str) -> Iterator[str]:
    """Public functions that are no command's: most likely a slip in a name. Helpers begin with `_`."""
    known = {function_name(name) for name, item in checked.definitions.items() if item.kind == "command"}
    for name, function in functions.items():
        if name not in known and not name.startswith("_"):
            line = function.__code__.co_firstlineno
            yield f"{path}:{line}: the function {name} belongs to no command; a helper's name begins with '_'"


def _refuse_foreign(path: str, fd: int | None = None) -> None:
    """Raise _Faulty when somebody other than root could change what is at `path`, and the agent is root."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    _refuse(path, os.fstat(fd) if fd is not None else os.stat(path))
    for way in {os.path.abspath(path), os.path.realpath(path)}:  # the folders of symbolic links count too
        parent = os.path.dirname(way)
        while True:
            _refuse(parent, os.stat(parent), at=path)
            if parent == os.path.dirname(parent):
                break
            parent = os.path.dirname(parent)


def _refuse(path: str, status: os.stat_result, at: str | None = None) -> None:
    where = f"{at}: {path}" if at else path
    if status.st_uid != 0:
        raise _Faulty(f"{where} belongs to user {status.st_uid}; the agent runs as root: chown root it")
    sticky_folder = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not sticky_folder:
        mode = stat.S_IMODE(status.st_mode)
        raise _Faulty(
            f"{where} is writable for others (mode {mode:04o}); the agent runs as root: chmod go-w it"
        )
