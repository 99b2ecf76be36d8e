"""What is written and called at the installation, with a registry and a VSS that are played."""

from __future__ import annotations

from typing import Any

import pytest

from guestwire.agent.system.windows.com.reference import Reference
from guestwire.agent.system.windows.com.server import ComObject
from guestwire.agent.system.windows.com.types import GUID, ComError
from guestwire.agent.system.windows.vss import errors, provider, registration
from guestwire.agent.system.windows.vss.interfaces import COORDINATOR, IVssAdmin


class Admin(ComObject):
    interfaces = (IVssAdmin,)

    def __init__(self) -> None:
        super().__init__()
        self.providers: dict[str, tuple[Any, ...]] = {}
        self.fault = 0

    def RegisterProvider(self, name: GUID, *rest: Any) -> int:
        if str(name) in self.providers:
            return errors.PROVIDER_ALREADY_REGISTERED
        if not self.fault:
            self.providers[str(name)] = tuple(str(one) for one in rest)
        return self.fault

    def UnregisterProvider(self, name: GUID) -> int:
        if self.fault:
            return self.fault
        return 0 if self.providers.pop(str(name), None) else errors.PROVIDER_NOT_REGISTERED

    def QueryProviders(self, _place: int) -> int:
        return 0

    def AbortAllSnapshotsInProgress(self) -> int:
        return 0


class World:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.admin = Admin()
        self.keys: dict[str, dict[str, str]] = {}

        def create(clsid: str, interface: Any) -> Reference:
            assert (clsid, interface) == (COORDINATOR, IVssAdmin)
            self.admin.AddRef()
            return Reference(self.admin.address(), interface)

        def write(path: str, default: str, **values: str) -> None:
            self.keys[path] = {"": default, **values}

        monkeypatch.setattr(registration.runtime, "create", create)
        monkeypatch.setattr(registration, "_write", write)
        monkeypatch.setattr(registration, "_delete", lambda path: self.keys.pop(path, None))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_twice_installed_and_twice_removed(world: World) -> None:
    for _ in range(2):
        registration.install("agent")
        assert set(world.admin.providers) == {provider.ID}
    assert world.admin.providers[provider.ID][:3] == (provider.CLASS, registration.NAME, "2")
    application = "{" + registration.APPLICATION + "}"
    assert world.keys == {
        rf"SOFTWARE\Classes\AppID\{application}": {"": registration.NAME, "LocalService": "agent"},
        rf"SOFTWARE\Classes\CLSID\{{{provider.CLASS}}}": {"": registration.NAME, "AppID": application},
    }
    for _ in range(2):
        registration.uninstall()
        assert not world.admin.providers
        assert not world.keys
    assert world.admin.references == 0


def test_a_vss_that_refuses(world: World) -> None:
    world.admin.fault = 0x80070005
    with pytest.raises(ComError, match="RegisterProvider"):
        registration.install("agent")
    assert not world.keys
    with pytest.raises(ComError, match="UnregisterProvider"):
        registration.uninstall()
    assert world.admin.references == 0
