from __future__ import annotations

from guestwire.agent.system.windows.com.types import ComError
from guestwire.agent.system.windows.vss import errors


def test_meanings() -> None:
    assert errors.meaning(-2147212524) == (
        "VSS_E_HOLD_WRITES_TIMEOUT (0x80042314): Windows holds writes for 10 seconds at most"
    )
    assert errors.meaning(0x80045678) == "HRESULT 0x80045678"


def test_a_failed_call() -> None:
    error = errors.failure(ComError("DoSnapshotSet", 0x80042304))
    assert error.desc == (
        "VSS failed at DoSnapshotSet: VSS_E_PROVIDER_NOT_REGISTERED (0x80042304): "
        "the provider is not registered; run guestwire-agent --service vss-install"
    )
