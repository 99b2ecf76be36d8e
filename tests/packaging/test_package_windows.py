"""The folder for Windows guests; `tests/wine/test_service.py` installs it."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.build import ROOT, build

sys.path.insert(0, str(ROOT / "packaging/windows"))

import setup


def test_what_is_in_the_folder() -> None:
    with zipfile.ZipFile(build("windows")) as archive:
        names = set(archive.namelist())
        command = archive.read("guestwire-agent/install.cmd")
    assert {"guestwire-agent/guestwire/agent/main.py", "guestwire-agent/setup.py"} <= names
    assert not any(name.startswith("guestwire-agent/guestwire/client") for name in names)
    assert command.count(b"\r\n") == command.count(b"\n") > 5


def test_a_python_that_a_service_cannot_run_is_refused() -> None:
    setup.check((3, 13), r"C:\Program Files\Python313\python.exe")
    with pytest.raises(setup.Refused, match=r"Python 3\.11 or later"):
        setup.check((3, 10), "python.exe")
    with pytest.raises(setup.Refused, match="Store"):
        setup.check((3, 12), r"C:\Users\x\AppData\Local\Microsoft\WindowsApps\python.exe")


def test_an_older_copy_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, place = tmp_path / "source", tmp_path / "there"
    (source / "guestwire").mkdir(parents=True)
    (source / "guestwire" / "new.py").touch()
    (source / "README.txt").touch()
    (place / "guestwire").mkdir(parents=True)
    (place / "guestwire" / "old.py").touch()
    monkeypatch.setattr(setup, "HERE", source)
    setup.copy_to(place)
    assert sorted(path.name for path in place.rglob("*")) == ["README.txt", "guestwire", "new.py"]
    assert setup.python_of(place) == sys.executable


def test_a_wrong_word_is_one_line(capsys: Any) -> None:
    assert setup.main(["remove"]) == 1
    assert capsys.readouterr().err == "setup.py: say install or uninstall\n"
