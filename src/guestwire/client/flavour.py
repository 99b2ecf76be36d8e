"""How one conversation becomes a method of the blocking and of the asyncio client.

`name = conversation(flow)` in a class that both clients inherit is a method that takes what `flow` takes after its
session. On `GuestAgent` it returns the result, on `AsyncGuestAgent` a coroutine of it; type checkers see both. Each
client class gets plain functions when it is defined, so a call costs no descriptor.
"""

from __future__ import annotations

import functools
from types import MethodType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Coroutine

    from guestwire.client.effects import Flow
    from guestwire.client.session import Session
    from guestwire.client.site import SiteSchema

P = ParamSpec("P")
T = TypeVar("T")


class conversation(Generic[P, T]):
    """A conversation as a method of both clients."""

    def __init__(self, flow: Callable[Concatenate[Session, P], Flow[T]]) -> None:
        self.flow = flow
        self.__doc__ = flow.__doc__

    @overload
    def __get__(self, agent: None, owner: type[Any]) -> conversation[P, T]: ...

    @overload
    def __get__(self, agent: Blocking, owner: type[Any]) -> Callable[P, T]: ...

    @overload
    def __get__(self, agent: Asynchronous, owner: type[Any]) -> Callable[P, Coroutine[Any, Any, T]]: ...

    def __get__(self, agent: Any, owner: type[Any]) -> Any:
        return self if agent is None else functools.partial(self.method(), agent)

    def method(self) -> Callable[..., Any]:
        """The plain function that a client class gets."""
        flow = self.flow

        @functools.wraps(flow)
        def method(agent: Any, /, *args: Any, **kwargs: Any) -> Any:
            return agent.drive(flow(agent.session, *args, **kwargs))

        return method


class Flavour:
    """A client: it has a session, and `drive` runs a conversation. Subclasses get their conversations bound."""

    session: Session

    def __init_subclass__(cls) -> None:
        for base in cls.__mro__:
            for name, entry in vars(base).items():
                if isinstance(entry, conversation) and name not in vars(cls):
                    setattr(cls, name, entry.method())

    def load_schema(self, path: str | os.PathLike[str]) -> SiteSchema:
        """Give this client the commands of a site's schema file, or folder of them, as methods; returns their types.

        `guest-x-y` becomes `guest_x_y`, with a result made of structs. Raises `SchemaError`, `ConfigError`.
        """
        from guestwire.client.site import SiteSchema

        site = SiteSchema(path)
        for name, entry in site.methods.items():
            setattr(self, name, MethodType(entry.method(), self))
        return site


class Blocking(Flavour):
    """A client whose methods return results."""

    def drive(self, flow: Flow[T]) -> T:
        """Drive a conversation to its end."""
        raise NotImplementedError


class Asynchronous(Flavour):
    """A client whose methods return coroutines."""

    async def drive(self, flow: Flow[T]) -> T:
        """Drive a conversation to its end."""
        raise NotImplementedError
