from __future__ import annotations

import pytest

from guestwire.agent.system.windows.com.types import ComError
from guestwire.agent.system.windows.vss import offering, provider


def test_offered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    offers: list[str] = []
    monkeypatch.setattr(offering, "_offered", [])
    monkeypatch.setattr(offering.runtime, "offer", lambda clsid, factory: offers.append(clsid))
    assert offering.offered() is offering.offered()
    assert offers == [provider.CLASS]


def test_what_com_refused_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_clsid: str, _factory: object) -> None:
        raise ComError("CoRegisterClassObject", 0x80004015)

    monkeypatch.setattr(offering, "_offered", [])
    monkeypatch.setattr(offering.runtime, "offer", refuse)
    with pytest.raises(ComError):
        offering.offered()
    monkeypatch.setattr(offering.runtime, "offer", lambda *_: 1)
    assert offering.offered().expected is None
