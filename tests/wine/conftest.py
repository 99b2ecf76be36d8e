"""One Wine for the suite, one agent for a file: a COM port has one owner at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .rig import SerialPeer, Wine, missing, serving


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Wine on a busy machine takes its time."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    wine = Wine(tmp_path_factory.mktemp("wine"))
    wine.boot()
    yield wine
    wine.stop()


@pytest.fixture(scope="module")
def module_peer(wine: Wine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SerialPeer]:
    with serving(wine, tmp_path_factory.mktemp("agent")) as peer:
        yield peer


@pytest.fixture
def peer(module_peer: SerialPeer) -> SerialPeer:
    module_peer.sync()
    return module_peer


@pytest.fixture
def guest_path(tmp_path: Path) -> Path:
    """A folder that both sides see; `drive_z` gives the guest's name of it."""
    return tmp_path
