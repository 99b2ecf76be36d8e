"""One Wine, one agent for the suite. Not part of a quick run: booting Wine takes seconds, and it may not be there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .rig import SerialPeer, Wine, missing, serving


@pytest.fixture(scope="session")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    reason = missing()
    if reason is not None:
        pytest.skip(f"full part, runs where Wine and Python for Windows are: {reason}")
    wine = Wine(tmp_path_factory.mktemp("wine"))
    wine.boot()
    yield wine
    wine.stop()


@pytest.fixture(scope="session")
def session_peer(wine: Wine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SerialPeer]:
    with serving(wine, tmp_path_factory.mktemp("agent")) as peer:
        yield peer


@pytest.fixture
def peer(session_peer: SerialPeer) -> SerialPeer:
    session_peer.sync()
    return session_peer


@pytest.fixture
def guest_path(tmp_path: Path) -> Path:
    """A folder that both sides see; `drive_z` gives the guest's name of it."""
    return tmp_path
