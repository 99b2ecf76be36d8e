"""Every fault has its golden text: `NAME.json` is a schema with one fault, `NAME.err` what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from guestwire.errors import SchemaError
from guestwire.schema import loader

from .helpers import GOLDEN

CASES = sorted(path.stem for path in (GOLDEN / "schema").glob("*.json"))


@pytest.mark.parametrize("name", CASES)
def test_the_fault_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOLDEN / "schema")
    with pytest.raises(SchemaError) as caught:
        loader.load([f"{name}.json"], ["CONFIG_LINUX"])
    assert f"{caught.value}\n" == Path(f"{name}.err").read_text()


def test_nothing_is_left_over() -> None:
    assert len(CASES) > 100
    assert sorted(path.stem for path in (GOLDEN / "schema").glob("*.err")) == CASES
