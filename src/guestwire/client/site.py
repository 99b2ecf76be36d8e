"""A site's own commands, from its schema files, as methods like the others.

The structs are made when the schema is loaded, so a type checker does not know them; all else is as for the commands
that the package brings along.
"""

from __future__ import annotations

import inspect
import os
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from guestwire.client import types
from guestwire.client.codec import Command
from guestwire.client.flavour import conversation
from guestwire.client.flows import ask, ask_silent
from guestwire.schema import site
from guestwire.schema.model import INTEGERS, Alternate, Enum, Struct, Variants

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from guestwire.client.effects import Flow
    from guestwire.client.session import Session
    from guestwire.schema import model

_PLAIN = {"str": str, "bool": bool, "number": float, "null": None, "any": Any}


class SiteSchema:
    """What a schema file, or a folder of them, brings: `methods` by Python name, and `types` by the schema's name.

    Conditions (`if`) are taken to hold: which system the guest runs is not known here. Raises `SchemaError` for a
    fault in a file, also for a command that exists already, and `ConfigError` for a path without schema files.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        schema, base = site.load(os.fspath(path))
        self._definitions: Mapping[str, model.Definition] = {**base, **schema.types}
        self._made: dict[str, Any] = {}
        self.types = MappingProxyType({name: self._type(name) for name in schema.types})
        self.methods: dict[str, conversation[..., Any]] = {}
        for name, command in schema.commands.items():
            documentation = schema.docs[name].text if name in schema.docs else None
            self.methods[name.replace("-", "_")] = conversation(self._flow(command, documentation))

    def _type(self, name: str) -> Any:
        """The Python type for a schema's type. One that holds itself is taken as it comes."""
        if name.startswith("["):
            inner: Any = self._type(name[1:-1])
            return list[inner]
        if name in _PLAIN or name in INTEGERS:
            return _PLAIN.get(name, int)
        if name not in self._made:
            self._made[name] = Any
            self._made[name] = getattr(types, name, None) or self._make(self._definitions[name])
        return self._made[name]

    def _make(self, definition: model.Definition) -> Any:
        if isinstance(definition, Enum):
            return str
        if isinstance(definition, Alternate):
            return Any
        members = list(definition.members)
        fields = [self._field(each, each.optional) for each in members]
        if isinstance(definition, Variants):
            branches = [self._definitions[each] for each in definition.branches.values()]
            inner = [each for branch in branches if isinstance(branch, Struct) for each in branch.members]
            fields += [self._field(each, True) for each in inner]
            members += inner
        rename = {each.keyword: each.name for each in members if each.keyword != each.name}
        return msgspec.defstruct(definition.name, fields, kw_only=True, omit_defaults=True, rename=rename)

    def _field(self, member: model.Member, optional: bool) -> Any:
        kind = self._type(member.type)
        return (member.keyword, kind | None, None) if optional else (member.keyword, kind)

    def _flow(self, command: model.Command, documentation: str | None) -> Callable[..., Flow[Any]]:
        returns = None if command.returns is None else self._type(command.returns)
        made: Command[Any] = Command(command.name, returns, silent=not command.success_response)
        names = {argument.keyword: argument.name for argument in command.arguments}
        signature = _signature(command)
        send = ask_silent if made.silent else ask

        def flow(*args: Any, **kwargs: Any) -> Flow[Any]:
            bound = signature.bind(*args, **kwargs).arguments
            session: Session = bound.pop("session")
            timeout = bound.pop("timeout", None)
            given = {names[keyword]: value for keyword, value in bound.items()}
            return send(session, made, made.encode(given), timeout)

        flow.__name__ = flow.__qualname__ = command.name.replace("-", "_")
        flow.__doc__ = documentation or f"Execute `{command.name}`."
        flow.__signature__ = signature  # type: ignore[attr-defined]
        return flow


def _signature(command: model.Command) -> inspect.Signature:
    """Session, arguments (those that may be left out last), `timeout` by keyword."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter("session", kind)]
    for argument in sorted(command.arguments, key=lambda each: each.optional):
        default = None if argument.optional else inspect.Parameter.empty
        parameters.append(inspect.Parameter(argument.keyword, kind, default=default))
    parameters.append(inspect.Parameter("timeout", inspect.Parameter.KEYWORD_ONLY, default=None))
    return inspect.Signature(parameters)
